#!/usr/bin/env bash
# What a neighbour at ten times his share does to another user: p99 of her puts and reads without him and with him, in turn, and whether a lease that she keeps
# alive meanwhile lives on. Three nodes with rights and shares. Under 3 minutes; bench/README.md. Exit code 1: p99 more than doubled, a lease ended, or nothing was refused.
set -euo pipefail

ROUNDS=${ROUNDS:-3}            # without and with, each
DURATION=${DURATION:-8s}
SHARE=${SHARE:-200}            # calls a second of each user at each node
CALM=${CALM:-300}              # her calls a second, at all nodes together: half of her share
TIMES=${TIMES:-10}             # his calls are so many times his share
MAX_LOAD=${MAX_LOAD:-1.0}      # load of the last minute from which a machine is not quiet
ANY_LOAD=${ANY_LOAD:-}         # 1: go on nevertheless, and say of the table that it is no measurement
BASE_PORT=${BASE_PORT:-22150}
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's
BENCH=${BENCH:-}               # directory of a published bench; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-neighbour.XXXXXX")
rows="$work/rows.tsv"
. "$here/lib.sh"
keeper=""
trap '[ -z "$keeper" ] || kill "$keeper" 2>/dev/null || true; stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

begin_quietly

publish_bench
publish_server

bench() { # command, more arguments
  dotnet "$BENCH/RaftKv.Bench.dll" "$@" --endpoints "$(join "${endpoints[@]}")" --value-size 128
}

mkdir -p "$work/nodes"
# The quotes are for the shell that starts each node.
start raftkv "$work/nodes" "--user-share '*=$SHARE/64'"
enable_rights ann bob

# She keeps a lease of two seconds alive, twice a second, and a key hangs on it.
ann=(-u ann:ann-password)
id=$(curl -fsS "${ann[@]}" -H 'Content-Type: application/json' -d '{"ttl":"2s"}' "${endpoints[0]}/api/v1/leases" | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
curl -fsS "${ann[@]}" -X PUT -d here "${endpoints[0]}/api/v1/kv/kept?lease=$id" >/dev/null
(
  while sleep 0.5; do
    curl -sS -m 2 -o /dev/null -w '%{http_code}\n' "${ann[@]}" -X POST "${endpoints[0]}/api/v1/leases/$id/keepalive" >>"$work/keepalives.log" 2>&1 || true
  done
) &
keeper=$!

# root has no share: what is compiled while the first calls come is no part of the figures.
say "warming up"
bench put --user root:root-password --connections 32 --warmup 1s --duration 8s --format tsv --label warm-up >&2

calm() { # label
  bench put --user ann:ann-password --pace "$CALM" --connections 12 --warmup 1s --duration "$DURATION" --format tsv --label "$1" | tee -a "$rows" >&2
}

his=$((SHARE * 3 * TIMES))
seconds=$(awk -v seconds="${DURATION%s}" 'BEGIN { print seconds + 3 }')
for ((round = 1; round <= ROUNDS; round++)); do
  say "round $round of $ROUNDS"
  calm without
  bench put --user bob:bob-password --pace "$his" --connections 60 --warmup 0s --duration "${seconds}s" --format tsv --label neighbour >>"$work/his.tsv" &
  noise=$!
  sleep 0.5
  calm with
  wait "$noise" || true
done

kill "$keeper"
wait "$keeper" 2>/dev/null || true
keeper=""
# Within the two seconds of the last renewal.
kept=$(curl -s "${ann[@]}" "${endpoints[0]}/api/v1/kv/kept?raw" || true)
renewals=$(sort "$work/keepalives.log" | uniq -c | awk '{ printf "%s%s: %s", (NR > 1 ? ", " : ""), $2, $1 }')
stop_all

echo "${note}Medians of $ROUNDS rounds; 3 nodes with \`--user-share '*=$SHARE/64'\`, puts of 128 bytes over REST: hers at $CALM a second, his at $his, $TIMES times his share;" \
  "$DURATION each; $(nproc) cores shared with the load generators; load at the start $began; $(date -u +%F)."
echo
ended=0
awk -F'\t' -v kept="$kept" -v renewals="$renewals" "$medians"'
  FILENAME ~ /his.tsv$/ { his += $2; n++; refused = refused " " $7; if ($7 !~ /429:/) unrefused++; next }
  {
    note($1 "ops", $2); note($1 "p50", $3); note($1 "p99", $4); note($1 "p999", $5)
    if ($7 != "none") errors[$1] = errors[$1] " " $7
  }
  END {
    print "| her puts | puts/s | p50 ms | p99 ms | p99.9 ms | errors |"
    print "|---|---:|---:|---:|---:|---|"
    row("without", "without a neighbour"); row("with", "with one")
    ratio = median("withoutp99") > 0 ? median("withp99") / median("withoutp99") : 0
    print ""
    printf "p99 with ÷ without: %.2f, %s.\n", ratio, ratio <= 2 ? "at most double" : "MORE THAN DOUBLE"
    printf "His: %.0f puts a second were done; by status:%s.\n", n ? his / n : 0, refused
    printf "Her lease of two seconds, renewed twice a second (%s): %s.\n", renewals, kept == "here" ? "lives" : "ENDED"
    exit !(ratio <= 2 && kept == "here" && !unrefused && n)
  }
  function row(key, name) {
    printf "| %s | %.0f | %.2f | %.2f | %.2f | %s |\n", name, median(key "ops"), median(key "p50"), median(key "p99"), median(key "p999"), (key in errors) ? errors[key] : "none"
  }
' "$work/his.tsv" "$rows" || ended=$?
exit "$ended"
