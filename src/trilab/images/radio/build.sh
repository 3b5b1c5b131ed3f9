#!/bin/bash
# Last step of the radio kernel's build root (mmdebstrap --customize-hook): the kernel is built in it, then copied out.
# stdin: the configuration fragment. Lines that begin with "I: " are shown to the user.
set -euo pipefail
tree=/usr/src/linux-source-6.12
echo "I: noyau radio : décompression des sources"
# what no configuration of ours compiles; the Kconfig files must stay
skip=()
for arch in alpha arc arm arm64 csky hexagon loongarch m68k microblaze mips nios2 openrisc parisc powerpc riscv s390 \
    sh sparc xtensa; do
    skip+=("--exclude=linux-source-6.12/arch/$arch/*."{c,h,S,dts,dtsi})
done
for part in drivers/gpu drivers/media drivers/staging drivers/scsi drivers/infiniband drivers/net/ethernet sound fs/xfs; do
    skip+=("--exclude=linux-source-6.12/$part/*."{c,h})
done
skip+=(--exclude='linux-source-6.12/tools/testing' --exclude='linux-source-6.12/tools/perf')
skip+=(--exclude='linux-source-6.12/Documentation/*.rst' --exclude='linux-source-6.12/Documentation/*.yaml')
tar -C /usr/src "${skip[@]}" -xf "$tree.tar.xz"
cd "$tree"
cat >wifi.config
export KBUILD_BUILD_USER=trilab KBUILD_BUILD_HOST=trilab KBUILD_BUILD_TIMESTAMP="1970-01-01"
make -s ARCH=um KCONFIG_ALLCONFIG=wifi.config allnoconfig
for symbol in MAC80211_HWSIM HOSTFS UML_NET_VECTOR OVERLAY_FS NET_ACT_MIRRED BRIDGE_VLAN_FILTERING; do
    grep -q "^CONFIG_$symbol=y" .config || { echo "E: CONFIG_$symbol manque dans ces sources" >&2; exit 1; }
done
make ARCH=um -j"$(nproc)" linux 2>&1 | {
    count=0
    while IFS= read -r line; do
        case $line in
        *" CC "* | *" AS "* | *" AR "*) ((++count % 50)) || echo "I: noyau radio : $count étapes de compilation" ;;
        *) echo "$line" ;;
        esac
    done
}
strip --strip-debug linux
