phone vlan {{ vlan_voix }}
phone dscp 46
phone account {{ poste2 }} --secret {{ secret_poste2 }} --server {{ ip_ipbx }}
