#!/bin/sh
# Everything that trilab needs on this machine: system packages (sudo, once) and a Python environment in .venv.
# Does nothing, and needs no network, when all is there already. Debian 12/13, Ubuntu 24.04.
set -eu
cd "$(dirname "$0")/.."

PACKAGES="crun mmdebstrap uidmap debian-archive-keyring zstd tar util-linux openssh-client python3-venv
  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

missing=""
for package in $PACKAGES; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
if [ -n "$missing" ]; then
  say "Paquets système à installer :$missing"
  SUDO=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "sudo manque : installez ces paquets en tant que root." >&2; exit 3; }
    SUDO="sudo"
  fi
  $SUDO apt-get update -q
  # shellcheck disable=SC2086
  $SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

stamp=.venv/.installed
if [ ! -e "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
  python=${PYTHON:-python3}
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || { echo "Python 3.11 ou plus récent est nécessaire ($("$python" --version))." >&2; exit 3; }
  say "Environnement Python (.venv)"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 -e '.[dev]'
  touch "$stamp"
fi

user=$(id -un)
if [ "$(id -u)" -ne 0 ] && ! grep -q "^$user:" /etc/subuid 2>/dev/null; then
  say "Plage d'identifiants subordonnés pour $user"
  sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$user"
fi
