#!/usr/bin/env bash
# Runs the tests of etcd's Go client, and etcd's tests of its gRPC services, against RaftKv: Debian's source of etcd, with
# the package that starts etcd clusters replaced by the one beside this script. Each test is a process of its own.
#   run.sh [clientv3|services|ordering|concurrency|examples] [TEST…]
# Needs Debian's golang-go and golang-etcd-server-dev. KEEP=1 keeps the logs of failed tests' servers.
# Ends with 0 when no test failed but those of known.txt.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export RAFTKV_DLL="${RAFTKV_DLL:-$here/../../../../src/RaftKv/bin/Release/net10.0/raftkv.dll}"
debian=/usr/share/gocode
etcd=$debian/src/go.etcd.io/etcd
command -v go >/dev/null && [[ -d $etcd/clientv3/integration ]] || { echo "SKIPPED: on Debian: apt-get install golang-go golang-etcd-server-dev"; exit 77; }

suite="${1:-clientv3}"
shift || true
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
overlay="$work/go/src/go.etcd.io/etcd/integration"
mkdir -p "$overlay"
cp "$here"/integration/*.go "$overlay"
export GO111MODULE=off GOPATH="$work/go:$debian" GOFLAGS=
kind='^Test'
case "$suite" in
  clientv3) package=go.etcd.io/etcd/clientv3/integration ;;
  ordering) package=go.etcd.io/etcd/clientv3/ordering ;;
  concurrency) package=go.etcd.io/etcd/clientv3/concurrency kind='^(Test|Example)' ;;
  examples) package=go.etcd.io/etcd/clientv3 kind='^Example' ;;
  services)
    package=go.etcd.io/etcd/integration
    for name in v3_{grpc,watch,lease,election,lock,stm,queue,barrier,double_barrier,leadership,grpc_inflight,health,watch_restore} \
      v3{election,lock}_grpc main logger util; do
      ln -s "$etcd/integration/${name}_test.go" "$overlay"
    done ;;
  *) echo "no suite $suite"; exit 2 ;;
esac
go test -c -o "$work/suite" "$package"
cd "$work"

unexpected=0
for name in ${*:-$("$work/suite" -test.list . | grep -E "$kind")}; do
  status=0
  timeout -k 5 130 "$work/suite" -test.v -test.timeout 120s "-test.run=^$name\$" >one.out 2>&1 || status=$?
  if grep -q -e '^--- SKIP' one.out; then
    echo "SKIP $name: $(grep -m1 -E '^ +[a-z_]+\.go:[0-9]+:' one.out | sed 's/^[^:]*:[0-9]*: //')"
  elif [[ $status == 0 ]]; then
    echo "PASS $name"
  elif reason="$(grep -m1 "^$name " "$here/known.txt")"; then
    echo "KNOWN $reason"
  else
    unexpected=$((unexpected + 1))
    echo "FAIL $name"
    grep -v '^{"level"' one.out | tail -n 20
  fi
done
[[ $unexpected == 0 ]]
