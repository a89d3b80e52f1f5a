#!/usr/bin/env bash
# Compares three durable etcd nodes with three RaftKv nodes on this machine, in turn. See bench/README.md for how to read the table.
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
BASE_PORT=${BASE_PORT:-22150}  # 6 ports from here for etcd, 6 from 10 above for RaftKv
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
PEERS=${PEERS:-etcd raftkv}    # leave one out to run the other alone
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-compare.XXXXXX")
results="$work/results.tsv"
pids=()

stop_all() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say() { echo "$*" >&2; }

join() { local IFS=,; echo "$*"; }

wait_ready() { # URL, seconds
  local deadline=$((SECONDS + $2))
  until curl -fs -m 2 -o "$work/ready" "$1" && [ -z "${3:-}" -o -n "$(grep "${3:-}" "$work/ready" || true)" ]; do
    if [ $SECONDS -ge $deadline ]; then say "$1 is not ready after $2 s"; tail -n 20 "$work"/*.log >&2 || true; exit 1; fi
    sleep 0.2
  done
}

start_etcd() { # run directory
  local cluster="" i
  for i in 1 2 3; do cluster+="e$i=http://127.0.0.1:$((BASE_PORT + 2 * i - 1)),"; done
  endpoints=()
  for i in 1 2 3; do
    local client="http://127.0.0.1:$((BASE_PORT + 2 * i - 2))" peer="http://127.0.0.1:$((BASE_PORT + 2 * i - 1))"
    # Defaults otherwise: fsync on, 100 ms heartbeat, 1000 ms election time-out.
    etcd --name "e$i" --data-dir "$1/e$i" --listen-client-urls "$client" --advertise-client-urls "$client" \
      --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "${cluster%,}" --initial-cluster-state new \
      --logger zap --log-outputs "$work/etcd$i.log" >/dev/null 2>&1 &
    pids+=($!)
    endpoints+=("$client")
  done
  for client in "${endpoints[@]}"; do wait_ready "$client/health" 30 '"health":"true"'; done
}

start_raftkv() { # run directory
  local cluster="" i
  for i in 1 2 3; do cluster+="n$i=http://127.0.0.1:$((BASE_PORT + 10 + 2 * i - 1)),"; done
  endpoints=()
  for i in 1 2 3; do
    local client="http://127.0.0.1:$((BASE_PORT + 10 + 2 * i - 2))" peer="http://127.0.0.1:$((BASE_PORT + 10 + 2 * i - 1))"
    "$RAFTKV" serve --name "n$i" --data-dir "$1/n$i" --client "$client" --peer "$peer" --cluster "${cluster%,}" >"$work/raftkv$i.log" 2>&1 &
    pids+=($!)
    endpoints+=("$client")
  done
  for client in "${endpoints[@]}"; do wait_ready "$client/readyz" 30; done
}

run() { # peer, workload name, bench arguments
  local peer=$1 name=$2 protocol=raftkv
  shift 2
  [ "$peer" = etcd ] && protocol=etcd-gateway
  [ "$PROTOCOL" = grpc ] && protocol=etcd-grpc
  dotnet "$work/bench/RaftKv.Bench.dll" "$@" --protocol "$protocol" --endpoints "$(join "${endpoints[@]}")" --pids "$(join "${pids[@]}")" \
    --target "$TARGET" --connections "$CONNECTIONS" --writers "$WRITERS" --value-size "$VALUE_SIZE" --keys "$KEYS" --duration "$DURATION" --warmup "$WARMUP" \
    --label "$name" --format tsv | sed "s/^/$peer\t/" | tee -a "$results" >&2
}

measure() { # peer, round
  local dir="$work/$1-$2"
  mkdir -p "$dir"
  "start_$1" "$dir"
  run "$1" "put" put
  run "$1" "get, linearizable" get --level linearizable
  run "$1" "get, eventual" get --level eventual
  [ "$PROTOCOL" != grpc ] || CONNECTIONS=$WATCHERS run "$1" "watch, deliveries" watch
  stop_all
  rm -rf "$dir"
}

present=()
for peer in $PEERS; do
  if [ "$peer" = etcd ] && ! command -v etcd >/dev/null; then
    say "etcd is skipped: no etcd on this machine (Debian: apt-get install etcd-server)."
    continue
  fi
  present+=("$peer")
done

say "building"
dotnet publish "$here/RaftKv.Bench" -c Release -o "$work/bench" --nologo -v q >&2
if [ -z "$RAFTKV" ] && [[ " ${present[*]} " == *" raftkv "* ]]; then
  dotnet publish "$root/src/RaftKv" -c Release -o "$work/raftkv" --nologo -v q >&2
  RAFTKV="$work/raftkv/raftkv"
fi

for ((round = 1; round <= ROUNDS; round++)); do
  order=("${present[@]}")
  # The order changes with the round, so that a machine that slows down or warms up favours nobody.
  if ((round % 2 == 0 && ${#order[@]} == 2)); then order=("${present[1]}" "${present[0]}"); fi
  for peer in "${order[@]}"; do
    say "round $round of $ROUNDS: $peer"
    measure "$peer" "$round"
  done
done

echo "Medians of $ROUNDS rounds; $PROTOCOL, 3 nodes, $CONNECTIONS clients of $TARGET nodes, $VALUE_SIZE-byte values, $DURATION after $WARMUP of warm-up;" \
  "$(nproc) cores shared with the load generator; $(date -u +%F)."
echo
awk -F'\t' '
  function median(key,   n, i, j, t, a) {
    n = count[key]
    for (i = 1; i <= n; i++) a[i] = value[key, i]
    for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
  }
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
      split("etcd raftkv", order, " ")
      for (o = 1; o <= 2; o++) {
        peer = order[o]
        if (!(peer in peers)) continue
        k = peer SUBSEP load SUBSEP
        printf "| %s | %s | %.0f | %.2f | %.2f | %.2f | %.2f | %.1f | %.1f | %s |\n", load, peer, median(k "ops"), median(k "p50"), median(k "p99"),
          median(k "p999"), median(k "max"), median(k "cpu"), median(k "own"), ((peer, load) in errors) ? errors[peer, load] : "none"
      }
      if (("etcd" in peers) && ("raftkv" in peers)) {
        e = "etcd" SUBSEP load SUBSEP; r = "raftkv" SUBSEP load SUBSEP
        printf "| %s | **raftkv ÷ etcd** | **%.2f** | %.2f | %.2f | %.2f | %.2f | **%.2f** | | |\n", load, ratio(r "ops", e "ops"), ratio(r "p50", e "p50"),
          ratio(r "p99", e "p99"), ratio(r "p999", e "p999"), ratio(r "max", e "max"), ratio(r "cpu", e "cpu")
      }
    }
  }
  function ratio(a, b) { return median(b) > 0 ? median(a) / median(b) : 0 }
' "$results"
