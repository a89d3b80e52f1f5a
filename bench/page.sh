#!/usr/bin/env bash
# Makes the whole page of figures, on a quiet machine: comparison over gRPC and HTTP, counts for each operation, idle cost, the time to the next
# write after kills. Refuses to begin, and says of what it made so far that it is no measurement, when the machine is not quiet. bench/README.md.
set -euo pipefail

MAX_LOAD=${MAX_LOAD:-1.0}      # load of the last minute from which a machine is not quiet
COUNTS_ONLY=${COUNTS_ONLY:-}   # 1: only what load does not change, on any machine
KILLS=${KILLS:-15}
DURATION=${DURATION:-10s}
BASE_PORT=${BASE_PORT:-22150}
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-page.XXXXXX")
. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Asked before each part; its own load of the part before is waited out, as long as five minutes.
demand_quiet() {
  local i
  for i in $(seq 60); do
    is_quiet && return
    sleep 5
  done
  say "The machine is not quiet: its load is $(load), and figures want less than $MAX_LOAD. COUNTS_ONLY=1 makes what load does not change."
  exit 3
}

if [ -z "$COUNTS_ONLY" ] && ! is_quiet; then
  say "The machine is not quiet: its load is $(load), and figures want less than $MAX_LOAD. COUNTS_ONLY=1 makes what load does not change."
  exit 3
fi

say "building"
dotnet publish "$here/RaftKv.Bench" -c Release -o "$work/bench" --nologo -v q >&2
if [ -z "$RAFTKV" ]; then
  dotnet publish "$root/src/RaftKv" -c Release -o "$work/raftkv" --nologo -v q >&2
  RAFTKV="$work/raftkv/raftkv"
fi
export RAFTKV BASE_PORT DATA_ROOT

peers=(raftkv)
version=$(etcd_version || true)
if [ -n "$version" ]; then
  peers=(etcd raftkv)
  case $version in 3.[0-4].*) say "etcd is $version: 3.5 and newer cost half as much at reads; install one for a fair table." ;; esac
else
  say "etcd is not installed: RaftKv alone."
fi

bench() { dotnet "$work/bench/RaftKv.Bench.dll" "$@"; }
protocol_of() { if [ "$1" = etcd ]; then echo etcd-gateway; else echo raftkv; fi; }
starts() { local IFS=';'; echo "${commands[0]} ;; ${commands[1]} ;; ${commands[2]}"; }

echo "# Figures"
echo
echo "$(date -u +%F), $(nproc) cores, $(uname -sr), commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), etcd ${version:-none};" \
  "load at the start $(load)${COUNTS_ONLY:+; counts only, no times}."
echo
echo "## What an operation costs, in counts"
echo
start raftkv "$work/counts"
bench profile --endpoints "$(join "${endpoints[@]}")" --pids "$(join "${pids[@]}")" --duration 5s --warmup 5s
stop_all
echo
echo "## Idle, 30 s"
for peer in "${peers[@]}"; do
  # etcd has no counts of its own to tell.
  [ "$peer" = raftkv ] || continue
  echo
  start "$peer" "$work/idle-$peer"
  bench idle --endpoints "$(join "${endpoints[@]}")" --pids "$(join "${pids[@]}")" --warmup 60s --duration 30s
  stop_all
done
[ -z "$COUNTS_ONLY" ] || exit 0

for protocol in grpc http; do
  demand_quiet
  echo
  echo "## In turn, over $protocol"
  echo
  BENCH="$work/bench" PROTOCOL=$protocol DURATION=$DURATION "$here/compare.sh"
done

echo
echo "## One client, over gRPC"
echo
demand_quiet
BENCH="$work/bench" PROTOCOL=grpc CONNECTIONS=1 DURATION=$DURATION "$here/compare.sh"

demand_quiet
echo
echo "## Kill -9, seconds to the next write that is taken"
echo
echo "| what | kills | median | best | worst |"
echo "|---|---:|---:|---:|---:|"
for peer in "${peers[@]}"; do
  for kill in leader all; do
    "${peer}_commands" "$work/outage-$peer-$kill"
    bench outage --kill $kill --rounds "$KILLS" --protocol "$(protocol_of "$peer")" --endpoints "$(join "${endpoints[@]}")" \
      --start "$(starts)" --label "$peer, $kill"
  done
done
raftkv_commands "$work/outage-fast" "--profile fast"
bench outage --kill leader --rounds "$KILLS" --endpoints "$(join "${endpoints[@]}")" --start "$(starts)" --label "raftkv --profile fast, leader"
if is_quiet; then echo; else echo; echo "Load at the end: $(load), this page's own included."; fi
