#!/usr/bin/env bash
# Compares three durable etcd nodes with three RaftKv nodes, of one engine or of both, on this machine, in turn. See bench/README.md for how to read the table.
# Settings come from the environment; what is set here is what the tables in the docs use.
set -euo pipefail

ROUNDS=${ROUNDS:-3}            # A/B, B/A, A/B …
PROTOCOL=${PROTOCOL:-http}     # http: etcd's gateway and RaftKv's REST API; grpc: etcd's gRPC API on both, and watches
WATCHERS=${WATCHERS:-100}      # with grpc: watches of one key, to which WRITERS clients write
WRITERS=${WRITERS:-8}
DURATION=${DURATION:-10s}
WARMUP=${WARMUP:-10s}
CONNECTIONS=${CONNECTIONS:-64}
VALUE_SIZE=${VALUE_SIZE:-128}
KEYS=${KEYS:-10000}
TARGET=${TARGET:-all}          # which nodes get the connections: all, leader, followers
BASE_PORT=${BASE_PORT:-22150}  # 6 ports from here for etcd, 6 from 10 above for RaftKv, 6 from 20 above for its engine dotnext
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
PEERS=${PEERS:-etcd raftkv}    # any of etcd, raftkv (the native engine) and dotnext (RaftKv over DotNext's Raft)
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-compare.XXXXXX")
results="$work/results.tsv"

. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

run() { # peer, workload name, bench arguments
  local peer=$1 name=$2 protocol=raftkv
  shift 2
  [ "$peer" = etcd ] && protocol=etcd-gateway
  [ "$PROTOCOL" = grpc ] && protocol=etcd-grpc
  dotnet "$BENCH/RaftKv.Bench.dll" "$@" --protocol "$protocol" --endpoints "$(join "${endpoints[@]}")" --pids "$(join "${pids[@]}")" \
    --target "$TARGET" --connections "$CONNECTIONS" --writers "$WRITERS" --value-size "$VALUE_SIZE" --keys "$KEYS" --duration "$DURATION" --warmup "$WARMUP" \
    --label "$name" --format tsv | sed "s/^/$peer\t/" | tee -a "$results" >&2
}

measure() { # peer, round
  local dir="$work/$1-$2"
  mkdir -p "$dir"
  start "$1" "$dir"
  run "$1" "put" put
  run "$1" "get, linearizable" get --level linearizable
  run "$1" "get, eventual" get --level eventual
  if [ "$PROTOCOL" = grpc ]; then
    run "$1" "txn of 10 puts" txn
    run "$1" "lease keepalive" keepalive
    CONNECTIONS=$WATCHERS run "$1" "watch, deliveries" watch
  fi
  stop_all
  rm -rf "$dir"
}

find_peers

[ ${#present[@]} -gt 0 ] || { say "Nothing to measure: PEERS is \"$PEERS\"."; exit 1; }
publish_bench
if [[ " ${present[*]} " == *" raftkv "* || " ${present[*]} " == *" dotnext "* ]]; then publish_server; fi

for ((round = 1; round <= ROUNDS; round++)); do
  # The order changes with the round, so that a machine that slows down or warms up favours nobody.
  first=$(((round - 1) % ${#present[@]}))
  order=("${present[@]:first}" "${present[@]:0:first}")
  for peer in "${order[@]}"; do
    say "round $round of $ROUNDS: $peer"
    measure "$peer" "$round"
  done
done

echo "Medians of $ROUNDS rounds; etcd $(etcd_version || true); $PROTOCOL, 3 nodes, $CONNECTIONS clients of $TARGET nodes, $VALUE_SIZE-byte values, $DURATION after $WARMUP of warm-up;" \
  "$(nproc) cores shared with the load generator; $(date -u +%F)."
echo
awk -F'\t' "$medians"'
  function put(name, v,   key) { key = $1 SUBSEP $2 SUBSEP name; value[key, ++count[key]] = v + 0 }
  {
    peers[$1] = 1
    if (!($2 in known)) { known[$2] = 1; loads[++nloads] = $2 }
    put("ops", $3); put("p50", $4); put("p99", $5); put("p999", $6); put("max", $7); put("cpu", $9 * 100); put("own", $10)
    if ($8 != "none") errors[$1, $2] = errors[$1, $2] " " $8
  }
  END {
    print "| workload | server | ops/s | p50 ms | p99 ms | p99.9 ms | max ms | server CPU µs/op | generator CPU µs/op | errors |"
    print "|---|---|---:|---:|---:|---:|---:|---:|---:|---|"
    for (l = 1; l <= nloads; l++) {
      load = loads[l]
      split("etcd raftkv dotnext", order, " ")
      for (o = 1; o <= 3; o++) {
        peer = order[o]
        if (!(peer in peers)) continue
        k = peer SUBSEP load SUBSEP
        printf "| %s | %s | %.0f | %.2f | %.2f | %.2f | %.2f | %.1f | %.1f | %s |\n", load, peer, median(k "ops"), median(k "p50"), median(k "p99"),
          median(k "p999"), median(k "max"), median(k "cpu"), median(k "own"), ((peer, load) in errors) ? errors[peer, load] : "none"
      }
      compare("raftkv", "etcd", load)
      compare("dotnext", "etcd", load)
      compare("dotnext", "raftkv", load)
    }
  }
  function compare(one, other, load,   r, e) {
    if (!(one in peers) || !(other in peers)) return
    r = one SUBSEP load SUBSEP; e = other SUBSEP load SUBSEP
    printf "| %s | **%s ÷ %s** | **%.2f** | %.2f | %.2f | %.2f | %.2f | **%.2f** | | |\n", load, one, other, ratio(r "ops", e "ops"),
      ratio(r "p50", e "p50"), ratio(r "p99", e "p99"), ratio(r "p999", e "p999"), ratio(r "max", e "max"), ratio(r "cpu", e "cpu")
  }
  function ratio(a, b) { return median(b) > 0 ? median(a) / median(b) : 0 }
' "$results"
