#!/usr/bin/env bash
# Our own gRPC framing beside Grpc.AspNetCore.Server beneath the same methods, in one build: one node of each, in turn. The second door is a patch
# (bench/grpc-doors.patch), which is put into a copy of this tree. About five minutes; docs/adr/0013-our-own-grpc-framing.md, bench/README.md.
set -euo pipefail

ROUNDS=${ROUNDS:-3}
DURATION=${DURATION:-4s}
WARMUP=${WARMUP:-6s}           # before the first round, for each cell
STARTS=${STARTS:-5}            # starts of each, for what a start costs
CLIENTS=${CLIENTS:-1 64}
VALUE_SIZE=${VALUE_SIZE:-128}
MAX_LOAD=${MAX_LOAD:-1.0}      # load of the last minute from which a machine is not quiet
ANY_LOAD=${ANY_LOAD:-}         # 1: go on nevertheless, and say of the tables that their times are no measurement
BASE_PORT=${BASE_PORT:-22150}  # 4 ports from here
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
AT=${AT:-b5d9be9}              # the commit that is patched and published: the one that the patch was made for
RAFTKV=${RAFTKV:-}             # path of a published raftkv with both doors; empty publishes a patched one
BENCH=${BENCH:-}               # directory of a published bench; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-grpc-doors.XXXXXX")
rows="$work/rows.tsv"
: >"$rows"
. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

begin_quietly
publish_bench
if [ -z "$RAFTKV" ]; then
  mkdir "$work/tree"
  git -C "$root" archive "$AT" | tar -x -C "$work/tree"
  git -C "$work/tree" apply "$here/grpc-doors.patch" || { say "The patch does not fit $AT: AT names another commit, docs/adr/0013-our-own-grpc-framing.md one that it fits."; exit 1; }
  # The patch is a trial: it is held to nothing but that it compiles.
  dotnet publish "$work/tree/src/RaftKv" -c Release -o "$work/raftkv" -p:TreatWarningsAsErrors=false -p:RunAnalyzers=false --nologo -v q >&2
  RAFTKV="$work/raftkv/raftkv"
fi

doors=(own library)
declare -A pid_of url_of

serve() { # door, number, directory
  local url="http://127.0.0.1:$((BASE_PORT + 2 * $2))"
  RAFTKV_GRPC=$1 sh -c "exec '$RAFTKV' serve --name n1 --data-dir '$3' --client $url --peer http://127.0.0.1:$((BASE_PORT + 2 * $2 + 1))" \
    >"$work/$1.log" 2>&1 &
  pids+=($!)
  pid_of[$1]=$! url_of[$1]=$url
  wait_ready "$url/readyz" 60
}

ticks() { sed 's/.*) //' "/proc/${pid_of[$1]}/stat" | awk '{ print $12, $13 }'; }
waits() { cat "/proc/${pid_of[$1]}"/task/*/status 2>/dev/null | awk '/^voluntary_ctxt/ { n += $2 } END { print n + 0 }'; }

# Good calls, allocated bytes, pool items, user and system ticks, waits of threads; all since the start.
look() { # door
  curl -fs -m 10 "${url_of[$1]}/metrics" | awk '
    /^grpc_server_handled_total\{grpc_code="OK".*KV"/ { calls += $NF }
    /^raftkv_gc_allocated_bytes_total/ { bytes += $NF }
    /^raftkv_thread_pool_items_total/ { items += $NF }
    END { printf "%.0f %.0f %.0f ", calls, bytes, items }'
  echo "$(ticks "$1") $(waits "$1")"
}

run() { # door, operation, clients, duration
  local command=put level=linearizable
  case $2 in linearizable) command=get ;; serializable) command=get level=eventual ;; esac
  dotnet "$BENCH/RaftKv.Bench.dll" $command --level $level --protocol etcd-grpc --endpoints "${url_of[$1]}" --connections "$3" \
    --http-connections "$(($3 < 9 ? $3 : 9))" --keys 100 --value-size "$VALUE_SIZE" --warmup 0s --duration "$4" --label "$2" --format tsv
}

measure() { # door, operation, clients, round
  local before after row
  before=$(look "$1")
  row=$(run "$1" "$2" "$3" "$DURATION")
  after=$(look "$1")
  echo "$before $after" | awk -v OFS='\t' -v door="$1" -v operation="$2" -v clients="$3" -v round="$4" -v row="$row" '{
    split(row, found, "\t")
    n = $7 - $1
    print door, operation, clients, round, n, ($8 - $2) / n, ($9 - $3) / n, ($10 - $4) * 1e4 / n, ($11 - $5) * 1e4 / n, ($12 - $6) / n,
      found[2], found[3], found[4], found[7]
  }' | tee -a "$rows" >&2
}

echo "${note}$(date -u +%F), $(nproc) cores, commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown), load at the start $began."
echo
for ((n = 1; n <= STARTS; n++)); do
  for door in "${doors[@]}"; do
    rm -rf "$work/start"
    serve "$door" 0 "$work/start"
    echo "$(look "$door") $(awk '/^VmRSS/ { print $2 / 1024 }' "/proc/${pid_of[$door]}/status")" | awk -v door="$door" '{ print door, $2, ($4 + $5) / 100, $7 }' >>"$work/starts.txt"
    stop_all
  done
done
echo "| a start, until ready | MB allocated | CPU s | resident MiB |"
echo "|---|---:|---:|---:|"
for door in "${doors[@]}"; do
  awk -v door="$door" '$1 == door { n++; b += $2; c += $3; r += $4 } END { printf "| %s | %.2f | %.2f | %.1f |\n", door, b / n / 1e6, c / n, r / n }' "$work/starts.txt"
done
echo

number=0
for door in "${doors[@]}"; do
  serve "$door" $number "$work/$door"
  number=$((number + 1))
done
for clients in $CLIENTS; do
  for operation in put linearizable serializable; do
    for door in "${doors[@]}"; do run "$door" "$operation" "$clients" "$WARMUP" >/dev/null; done
    for ((n = 1; n <= ROUNDS; n++)); do
      # Who is first changes with the round.
      order=("${doors[@]}")
      ((n % 2)) || order=(library own)
      for door in "${order[@]}"; do measure "$door" "$operation" "$clients" "$n"; done
    done
  done
done

echo "Medians of $ROUNDS rounds of $DURATION, one node each, etcd's gRPC, $VALUE_SIZE-byte values; operations in thousands, of all rounds."
echo
awk -F'\t' "$medians"'
  {
    cell = $2 SUBSEP $3
    if (!(cell in seen)) { seen[cell] = 1; order[++cells] = cell; name[cell] = $2; clients[cell] = $3 }
    key = $1 SUBSEP cell SUBSEP
    total[$1, cell] += $5
    note(key "bytes", $6); note(key "items", $7); note(key "user", $8); note(key "system", $9); note(key "waits", $10)
    note(key "ops", $11); note(key "p50", $12); note(key "p99", $13)
    if ($14 != "none") errors[$1, cell] = errors[$1, cell] " " $14
  }
  END {
    print "| operation | clients | door | operations, 1,000 | bytes/op | pool items/op | waits/op | user CPU µs/op | system CPU µs/op | ops/s | p50 ms | p99 ms | errors |"
    print "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|"
    split("own library", doors, " ")
    for (c = 1; c <= cells; c++) for (d = 1; d <= 2; d++) {
      cell = order[c]; key = doors[d] SUBSEP cell SUBSEP
      printf "| %s | %s | %s | %.1f | %.0f | %.2f | %.2f | %.1f | %.1f | %.0f | %.2f | %.2f | %s |\n", name[cell], clients[cell], doors[d],
        total[doors[d], cell] / 1000, median(key "bytes"), median(key "items"), median(key "waits"), median(key "user"), median(key "system"),
        median(key "ops"), median(key "p50"), median(key "p99"), ((doors[d], cell) in errors) ? errors[doors[d], cell] : "none"
    }
  }' "$rows"
