#!/bin/sh
# For the tests of the containerlab engine: builds containerlab with Go (>= 1.26) where it is not installed, starts
# Docker where none runs (Debian's docker.io, installed where it is missing). As root. Prints the lines that the caller
# evaluates: eval "$(scripts/containerlab.sh)". "scripts/containerlab.sh stop" ends the Docker that this script
# started, and takes back what it did to this machine's network. The program is kept in the cache.
set -eu
VERSION=0.79.0
TOOLS=${TRILAB_CACHE:-$HOME/.cache/trilab}/tools
PID=$TOOLS/docker.pid
BEFORE=$TOOLS/before # what Docker changes: forwarding, and the policy of the chain FORWARD
PATH=$PATH:$TOOLS/bin

fail() {
  echo "$*" >&2
  exit 3
}

build() { # a throw-away module that asks for this one release
  command -v go >/dev/null || fail "containerlab and go (>= 1.26) are missing"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  go mod init build
  go get "github.com/srl-labs/containerlab@v$VERSION"
  if [ ! -e /proc/modules ]; then # containerlab takes a kernel without loadable modules for a failure
    cp -r "$(go list -m -f '{{.Dir}}' github.com/srl-labs/containerlab)" source
    chmod -R u+w source
    sed -i '/os.Open("\/proc\/modules")/a\	if os.IsNotExist(err) {\n\t\treturn false, nil\n\t}' source/utils/kernel_module.go
    go mod edit -replace github.com/srl-labs/containerlab=./source
  fi
  mkdir -p "$TOOLS/bin"
  go build -buildvcs=false -trimpath -ldflags "-s -w -X github.com/srl-labs/containerlab/cmd.Version=$VERSION" \
    -o "$work/containerlab" github.com/srl-labs/containerlab
  mv "$work/containerlab" "$TOOLS/bin/"
  cd /
}

install_docker() {
  [ "$(id -u)" -eq 0 ] || fail "Docker must be started by root"
  command -v apt-get >/dev/null || fail "dockerd is missing"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends docker.io || fail "no docker.io"
}

start_docker() {
  {
    cat /proc/sys/net/ipv4/ip_forward
    iptables -S FORWARD 2>/dev/null | sed -n 's/^-P FORWARD //p'
  } >"$BEFORE"
  # by default all containers together weigh as one process of the root control group: too little on a busy machine
  weight=--cgroup-parent=/
  [ ! -d /run/systemd/system ] || weight=""
  # shellcheck disable=SC2086
  nohup setsid dockerd --data-root "$TOOLS/docker" --pidfile "$PID" $weight >"$TOOLS/docker.log" 2>&1 </dev/null 9>&- &
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    kill -0 $! 2>/dev/null && [ $tries -lt 600 ] || fail "dockerd: $(tail -n 1 "$TOOLS/docker.log")"
    sleep 0.1
  done
}

firewall() { # without Docker's chains and rules; FORWARD has its policy again
  for table in filter nat; do
    iptables-save -t $table | sed -e '/DOCKER/d' -e '/docker0/d' -e "s/^:FORWARD [A-Z]*/:FORWARD $1/" |
      iptables-restore -T $table
  done
}

stop() {
  [ -e "$BEFORE" ] || return 0
  if [ -e "$PID" ]; then
    pid=$(cat "$PID")
    kill "$pid" 2>/dev/null || true
    tries=0
    while [ -d "/proc/$pid" ]; do # it stops its containers first
      tries=$((tries + 1))
      [ $tries -lt 600 ] || fail "dockerd ($pid) does not end"
      sleep 0.1
    done
  fi
  { read -r forwarding && read -r policy || policy=ACCEPT; } <"$BEFORE"
  firewall "$policy"
  ip link delete docker0 2>/dev/null || true
  echo "$forwarding" >/proc/sys/net/ipv4/ip_forward
  rm -f "$PID" "$BEFORE"
}

mkdir -p "$TOOLS"
exec 9>"$TOOLS/lock"
flock 9 # a start between the two halves of a stop would lose its chains: then «docker network create» fails
if [ "${1:-}" = stop ]; then
  stop
  exit
fi
command -v containerlab >/dev/null || build >&2
command -v dockerd >/dev/null || install_docker >&2
docker info >/dev/null 2>&1 || start_docker
echo "export PATH='$PATH'"
