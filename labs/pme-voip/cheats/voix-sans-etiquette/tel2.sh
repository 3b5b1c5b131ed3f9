phone vlan none
phone dscp ef
phone account {{ poste2 }} --secret {{ secret_poste2 }}
