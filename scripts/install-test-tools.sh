#!/usr/bin/env bash
# Installs what `npm run test:all` needs beyond Node, from Debian's or Ubuntu's own packages:
# a C compiler for the peer program of the benchmarks, SimPy for the other peer; PostgreSQL; for the
# cluster of test/cluster a Go to build it, openssl, and Prometheus; and, from PyPI into a folder of
# its own, schemathesis, which asks the API whatever its OpenAPI document allows.
# Does nothing for what is there already.
set -euo pipefail

wanted=()
command -v cc >/dev/null || wanted+=(gcc libc6-dev)
/usr/bin/python3 -c 'import SimPy.Simulation' 2>/dev/null || wanted+=(python3-simpy)
command -v openssl >/dev/null || wanted+=(openssl)
# Any Go will do: it fetches the one that is needed.
command -v go >/dev/null || [ -x /usr/local/go/bin/go ] || wanted+=(golang-go)
/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || wanted+=(python3-venv)
[ -e /etc/ssl/certs/ca-certificates.crt ] || wanted+=(ca-certificates)
# test/adapters/sql/postgres/postgres-server.ts looks in the same place, and starts servers of its own.
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql)

# Prometheus is unpacked and not installed: its package would start a service that listens
# for everybody. test/cluster/processes/prometheus.ts looks in the same place.
unpacked="${PENSTOCK_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/penstock-cluster}/debian"
prometheus=no
command -v prometheus >/dev/null || [ -x "$unpacked/usr/bin/prometheus" ] || prometheus=wanted

# test/api/fuzzer.ts looks in the same place.
fuzzer="${XDG_CACHE_HOME:-$HOME/.cache}/penstock-test-tools/schemathesis"
install_fuzzer() {
  [ -x "$fuzzer/bin/schemathesis" ] && return
  /usr/bin/python3 -m venv "$fuzzer"
  "$fuzzer/bin/pip" install --quiet --disable-pip-version-check 'schemathesis>=4.32,<5'
  echo "test tools: installed schemathesis into $fuzzer"
}

if [ "${#wanted[@]}" -eq 0 ] && [ "$prometheus" = no ]; then
  install_fuzzer
  echo 'test tools: all there'
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null; then
  echo "test tools: this system has no apt-get; install these by hand: ${wanted[*]} (Prometheus: $prometheus)" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq

if [ "${#wanted[@]}" -gt 0 ]; then
  # The package of a PostgreSQL server would make and start one that nobody asked for, unless this says no.
  if [[ " ${wanted[*]} " == *' postgresql '* ]]; then
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql-common >/dev/null
    echo 'create_main_cluster = false' | "${as_root[@]}" tee -a /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
  echo "test tools: installed ${wanted[*]}"
fi

if [ "$prometheus" = wanted ]; then
  download=$(mktemp -d)
  trap 'rm -rf "$download"' EXIT
  (cd "$download" && apt-get download -qq -o APT::Sandbox::User=root prometheus)
  mkdir -p "$unpacked"
  dpkg-deb -x "$download"/prometheus_*.deb "$unpacked"
  echo "test tools: unpacked Prometheus into $unpacked"
fi
install_fuzzer
