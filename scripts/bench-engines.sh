#!/bin/sh
# For make bench-engines, as root: containerlab and Docker (scripts/containerlab.sh), and Debian's mininet. What cannot
# be had is said, and left out of the comparison. Ends the Docker that it started.
set -eu
cd "$(dirname "$0")/.."
PACKAGES="mininet bridge-utils iputils-ping" # without its recommended Open vSwitch: kernel bridges are measured

missing=""
for package in $PACKAGES; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ] && [ "$(id -u)" -eq 0 ]; then
  # shellcheck disable=SC2086
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } >&2 ||
    echo "Mininet is left out:$missing cannot be installed" >&2
fi
trap 'scripts/containerlab.sh stop' EXIT
if found=$(scripts/containerlab.sh); then eval "$found"; fi
.venv/bin/python -m bench.engines
