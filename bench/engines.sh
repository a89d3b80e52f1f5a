#!/usr/bin/env bash
# Both engines and etcd beside each other in what compare.sh has no column for: the time to the next write after kill -9 of the leader and of all three
# nodes, and the memory of a node, fresh and with KEYS keys. In turn, each on fresh nodes. About 12 minutes; docs/adr/0010-two-engines.md, bench/README.md.
set -euo pipefail

KILLS=${KILLS:-10}
KEYS=${KEYS:-100000}
VALUE_SIZE=${VALUE_SIZE:-128}
SETTLE=${SETTLE:-20}           # seconds of nothing before memory is read
MAX_LOAD=${MAX_LOAD:-1.0}      # load of the last minute from which a machine is not quiet
ANY_LOAD=${ANY_LOAD:-}         # 1: go on nevertheless, and say of the tables that they are no measurement
BASE_PORT=${BASE_PORT:-22150}
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
PEERS=${PEERS:-raftkv dotnext etcd}
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's
BENCH=${BENCH:-}               # directory of a published bench; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-engines.XXXXXX")
. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

begin_quietly
find_peers
publish_bench
publish_server

bench() { dotnet "$BENCH/RaftKv.Bench.dll" "$@" --protocol "$(protocol_of "$peer")" --endpoints "$(join "${endpoints[@]}")"; }
protocol_of() { if [ "$1" = etcd ]; then echo etcd-gateway; else echo raftkv; fi; }
name_of() { if [ "$1" = raftkv ]; then echo native; else echo "$1"; fi; }
starts() { echo "${commands[0]} ;; ${commands[1]} ;; ${commands[2]}"; }

# Resident memory of each node in MiB, in the order of their names.
resident() {
  local pid
  for pid in "${pids[@]}"; do awk '/^VmRSS/ { printf "%d ", $2 / 1024 }' "/proc/$pid/status"; done
}

echo "${note}$(date -u +%F), $(nproc) cores, commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), etcd $(etcd_version || true), load at the start $began."
echo
echo "| kill -9, seconds to the next write that is taken | kills | median | best | worst |"
echo "|---|---:|---:|---:|---:|"
for kill in leader all; do
  for peer in "${present[@]}"; do
    "${peer}_commands" "$work/outage-$peer-$kill"
    bench outage --kill "$kill" --rounds "$KILLS" --start "$(starts)" --label "$kill, $(name_of "$peer")"
  done
done
echo
echo "| resident memory, MiB, each of three nodes | fresh | with $KEYS keys of 16 + $VALUE_SIZE bytes |"
echo "|---|---|---|"
for peer in "${present[@]}"; do
  start "$peer" "$work/memory-$peer"
  sleep "$SETTLE"
  fresh=$(resident)
  bench load --keys "$KEYS" --value-size "$VALUE_SIZE" --batch 64 --connections 8 >"$work/load.txt"
  sleep "$SETTLE"
  echo "| $(name_of "$peer") | $fresh| $(resident)|"
  stop_all
done
