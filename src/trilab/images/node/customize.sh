#!/bin/sh
# Last step of the image build (mmdebstrap --customize-hook): $1 is the new root.
# Leaves no secret in the image: every node makes its own host key on first start.
set -eu
chroot "$1" sh -eu <<'C'
useradd -m -s /bin/bash -G sudo,asterisk admin
useradd -r -u 990 -m -s /bin/bash -G sudo,asterisk trilab   # service account of the graders: key only, no password
passwd -d root >/dev/null
passwd -l root >/dev/null
echo 'admin:admin' | chpasswd
printf 'admin ALL=(ALL) NOPASSWD:ALL\ntrilab ALL=(ALL) NOPASSWD:ALL\n' > /etc/sudoers.d/trilab
chmod 440 /etc/sudoers.d/trilab
mkdir -p /run/sshd
rm -f /etc/ssh/ssh_host_* /etc/resolv.conf /etc/hostname
: > /etc/resolv.conf
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin
C
