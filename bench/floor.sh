#!/bin/bash
# The floor: ten nodes, twelve links and a management bridge with nothing but unshare, mount and ip -batch.
# Runs as root of a user namespace in private mount, network and pid namespaces; the current folder holds "rootfs".
# Prints the milliseconds until every node runs with its links up. No node is checked, nothing is cleaned: the caller's
# namespaces end with it.
set -eu
work=/run/floor
mount -t tmpfs -o size=256m floor /run
mkdir -p $work
start=$(date +%s%N)
for i in 0 1 2 3 4 5 6 7 8 9; do
  node=$work/n$i
  mkdir -p $node/upper $node/work $node/merged
  mount -t overlay overlay -o "userxattr,lowerdir=rootfs,upperdir=$node/upper,workdir=$node/work" $node/merged
  unshare -m -u -i -n -p --fork --kill-child --mount-proc=$node/merged/proc chroot $node/merged sleep infinity &
  echo $! >$node/parent
done
for i in 0 1 2 3 4 5 6 7 8 9; do
  until child=$(cat /proc/"$(cat $work/n$i/parent)"/task/*/children 2>/dev/null) && [ -n "$child" ]; do :; done
  echo "${child%% *}" >$work/n$i/pid
done
pid() { cat $work/n"$1"/pid; }
{
  echo "link add mgmt type bridge"
  echo "addr add 172.20.30.1/24 dev mgmt"
  echo "link set mgmt up"
  for i in 0 1 2 3 4 5 6 7 8 9; do
    echo "link add eth1 netns $(pid $i) type veth peer name eth2 netns $(pid $(((i + 1) % 10)))"
    echo "link add m$i type veth peer name eth0 netns $(pid $i)"
    echo "link set m$i master mgmt up"
  done
  echo "link add eth3 netns $(pid 0) type veth peer name eth3 netns $(pid 5)"
  echo "link add eth3 netns $(pid 1) type veth peer name eth3 netns $(pid 6)"
} >$work/batch
ip -batch $work/batch
for i in 0 1 2 3 4 5 6 7 8 9; do
  printf 'link set lo up\nlink set eth0 up\nlink set eth1 up\nlink set eth2 up\naddr add 172.20.30.%d/24 dev eth0\n' $((11 + i)) |
    nsenter -n -t "$(pid $i)" ip -batch -
done
echo $((($(date +%s%N) - start) / 1000000))
