phone vlan {{ vlan_voix }}
phone dscp 46
phone account {{ poste1 }} --secret {{ secret_poste1 }} --server {{ ip_ipbx }}
