#!/usr/bin/env bash
# Installs what `npm run test:all` needs beyond Node, from Debian's or Ubuntu's own packages:
# a C compiler for the peer program of the benchmarks, and SimPy for the other peer.
# Does nothing for what is there already.
set -euo pipefail

wanted=()
command -v cc >/dev/null || wanted+=(gcc libc6-dev)
/usr/bin/python3 -c 'import SimPy.Simulation' 2>/dev/null || wanted+=(python3-simpy)

if [ "${#wanted[@]}" -eq 0 ]; then
  echo 'test tools: all there'
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null; then
  echo "test tools: install these by hand, this system has no apt-get: ${wanted[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
echo "test tools: installed ${wanted[*]}"
