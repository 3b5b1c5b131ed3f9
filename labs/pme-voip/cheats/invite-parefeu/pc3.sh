# Le bail doit être là avant de brider le poste
for essai in $(seq 60); do ip -4 address show eth1 | grep -q inet && break; sleep 0.5; done
sudo ip route del default
sudo nft -f - <<'FIN'
table ip bride {
  chain entree {
    type filter hook input priority 0; policy accept;
    iifname "eth1" ip saddr != {{ net_invites | host(254) }} drop
  }
}
FIN
