#!/bin/sh
# For the tests of the containerlab engine: builds containerlab with Go (>= 1.26) where it is not installed, starts
# Docker where none runs. As root. Prints the line that the caller evaluates: eval "$(scripts/containerlab.sh)"
set -eu
VERSION=0.79.0
TOOLS=${TRILAB_CACHE:-$HOME/.cache/trilab}/tools
PATH=$PATH:$TOOLS/bin

build() { # a throw-away module that asks for this one release
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
    -o "$TOOLS/bin/containerlab" github.com/srl-labs/containerlab
  cd /
}

start_docker() {
  command -v dockerd >/dev/null || { echo "dockerd is missing: apt-get install docker.io" >&2; exit 3; }
  mkdir -p "$TOOLS"
  # by default all containers together weigh as one process of the root control group: too little on a busy machine
  weight=--cgroup-parent=/
  [ ! -d /run/systemd/system ] || weight=""
  # shellcheck disable=SC2086
  nohup setsid dockerd --data-root "$TOOLS/docker" $weight >"$TOOLS/docker.log" 2>&1 </dev/null &
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { tail -n 5 "$TOOLS/docker.log" >&2; exit 3; }
    sleep 0.1
  done
}

command -v containerlab >/dev/null || build >&2
docker info >/dev/null 2>&1 || start_docker
echo "export PATH='$PATH'"
