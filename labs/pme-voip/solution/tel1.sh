phone vlan auto
phone dscp ef
phone account {{ poste1 }} --secret {{ secret_poste1 }}
