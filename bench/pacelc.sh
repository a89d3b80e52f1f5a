#!/usr/bin/env bash
# What each level of reads and each write concern costs when nothing is broken (the E of PACELC), on the leader and on a follower, with the nodes beside
# one another and with distance between them: three nodes, each in turn, on the links of `raftkv dev --lab`. Prints the table of docs/consistency.md.
# A measurement wants a quiet machine: it refuses (exit code 3) when the load is 1 or more, unless ANYWAY=1, and then the table says so itself.
# Under five minutes with RAFTKV and BENCH given, and one or two more when it has to build them. See bench/README.md.
set -euo pipefail

DISTANCES=${DISTANCES:-0 20 80}  # milliseconds there and back between any two nodes, even; 0 is without links in between
CONNECTIONS=${CONNECTIONS:-16}   # closed loops, all on one node
DURATION=${DURATION:-1.5s}       # of each cell
WARMUP=${WARMUP:-0.3s}           # of each cell; a cluster is warmed up before its first
KEYS=${KEYS:-1000}
MAX_LOAD=${MAX_LOAD:-1.0}        # load of the last minute from which a machine is not quiet
MAX_OTHERS=${MAX_OTHERS:-0.15}   # cores that others, the kernel's own threads among them, may take meanwhile
WAIT=${WAIT:-120}                # seconds for which the load may still fall
ANYWAY=${ANYWAY:-}               # 1: also on a machine that is not quiet
BASE_PORT=${BASE_PORT:-22150}    # 60 ports from here
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
RAFTKV=${RAFTKV:-}               # path of a raftkv; empty publishes this tree's
BENCH=${BENCH:-}                 # directory with a published RaftKv.Bench; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-pacelc.XXXXXX")
rows="$work/rows.tsv"
. "$here/lib.sh"
dev_pid=""

# SIGTERM first: it ends its nodes and waits for them, so that their time is counted as ours.
stop_dev() {
  [ -n "$dev_pid" ] || return 0
  kill -TERM "$dev_pid" 2>/dev/null || true
  wait "$dev_pid" 2>/dev/null || true
  dev_pid=""
}
trap 'stop_dev; stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

load() { cut -d' ' -f1 /proc/loadavg; }
below() { awk -v is="$1" -v most="$2" 'BEGIN { exit !(is < most) }'; }

# Ticks that all processes took so far, with what the host took away; and those of this script and of its children that have ended.
all_ticks() { awk '/^cpu / { print $2 + $3 + $4 + $9 }' /proc/stat; }
own_ticks() { sed 's/.*) //' "/proc/$$/stat" | awk '{ print $12 + $13 + $14 + $15 }'; }

quiet_start() {
  local deadline=$((SECONDS + WAIT))
  until below "$(load)" "$MAX_LOAD"; do
    if [ -n "$ANYWAY" ]; then return 1; fi
    if [ $SECONDS -ge $deadline ]; then
      say "The machine is not quiet: its load is $(load), and a measurement wants less than $MAX_LOAD. ANYWAY=1 makes a table that says so."
      exit 3
    fi
    sleep 2
  done
}

bench() { dotnet "$BENCH/RaftKv.Bench.dll" "$@" --connections "$CONNECTIONS" --keys "$KEYS"; }

start_dev() { # directory
  local base=$((BASE_PORT + 30)) i
  $RAFTKV dev --lab --nodes 3 --base-port "$base" --data-dir "$1" >"$work/dev.log" 2>&1 &
  dev_pid=$!
  endpoints=()
  for i in 0 10 20; do endpoints+=("http://127.0.0.1:$((base + i))"); done
  for i in 0 1 2; do wait_ready "${endpoints[$i]}/readyz" 60; done
}

set_distance() { # milliseconds there and back
  local i
  for i in 1 2 3; do
    curl -fsS -m 5 -o /dev/null -H 'RaftKv-Lab: 1' -H 'Content-Type: application/json' \
      -d "{\"do\":\"delay\",\"node\":\"n$i\",\"delayMs\":$(($1 / 2))}" "http://127.0.0.1:$((BASE_PORT + 39))/lab"
  done
}

# Every path once, and hot code compiled, before anything counts.
warm_up() {
  bench mixed --endpoints "$(join "${endpoints[@]}")" --duration 0.5s --warmup 4s >/dev/null
  bench levels --endpoints "$(join "${endpoints[@]}")" --duration 0.2s --warmup 0s >/dev/null
}

# Lines of "distance, row, place, ops/s, p50, p99, errors".
measure() { # distance
  local concern target
  bench levels --endpoints "$(join "${endpoints[@]}")" --duration "$DURATION" --warmup "$WARMUP" >"$work/levels"
  awk -F' *[|] *' -v distance="$1" -v OFS='\t' '
    NR > 2 {
      split($9, errors, " / ")
      print distance, $2, "leader", $3, $4, $5, errors[1]
      print distance, $2, "follower", $6, $7, $8, errors[2]
    }' "$work/levels" | tee -a "$rows" >&2
  for concern in $concerns; do
    for target in leader followers; do
      bench put --concern $concern --target $target --endpoints "$(join "${endpoints[@]}")" --duration "$DURATION" --warmup "$WARMUP" \
        --label "write, $concern" --format tsv >"$work/put"
      awk -F'\t' -v distance="$1" -v place="${target%s}" -v OFS='\t' '{ print distance, $1, place, $2, $3, $4, $7 }' "$work/put" | tee -a "$rows" >&2
    done
  done
}

was_quiet=yes
quiet_start || was_quiet=no
load_at_start=$(load)
say "load $load_at_start"

if [ -z "$BENCH" ]; then
  say "building the generator"
  BENCH="$work/bench"
  dotnet publish "$here/RaftKv.Bench" -c Release -o "$BENCH" --nologo -v q >&2
fi
if [ -z "$RAFTKV" ]; then
  say "building raftkv"
  dotnet publish "$root/src/RaftKv" -c Release -o "$work/raftkv" --nologo -v q >&2
  RAFTKV="$work/raftkv/raftkv"
fi

concerns="all majority accepted"
if [[ "$(bench --help)" != *--concern* ]]; then
  say "this generator knows no write concerns: the table goes without them"
  concerns=""
fi

began=$SECONDS
all_before=$(all_ticks)
own_before=$(own_ticks)
for distance in $DISTANCES; do
  say "$distance ms there and back"
  if [ "$distance" = 0 ]; then
    start raftkv "$work/beside"
    warm_up
    measure 0
    stop_all
    continue
  fi
  if [ -z "$dev_pid" ]; then
    start_dev "$work/apart"
    warm_up
  fi
  set_distance "$distance"
  measure "$distance"
done
stop_dev

seconds=$((SECONDS - began))
others=$(awk -v all=$(($(all_ticks) - all_before)) -v own=$(($(own_ticks) - own_before)) -v seconds=$seconds -v hertz="$(getconf CLK_TCK)" \
  'BEGIN { left = (all - own) / hertz / (seconds > 0 ? seconds : 1); printf "%.2f", left < 0 ? 0 : left }')
below "$others" "$MAX_OTHERS" || was_quiet=no

# A distance that no linearizable read of the leader pays is none.
awk -F'\t' '$2 == "linearizable" && $3 == "leader" && $5 < 0.9 * $1 { print "linearizable on the leader took " $5 " ms with " $1 " ms between nodes"; bad = 1 }
  END { exit bad }' "$rows" >&2

awk -F'\t' -v distances="$DISTANCES" '
  function ms(value) { return sprintf(value >= 10 ? "%.1f" : "%.2f", value) }
  { cell[$1, $2, $3] = ms($5) " / " ms($6); if (!($2 in seen)) { seen[$2] = 1; name[++count] = $2 } }
  END {
    many = split(distances, distance, " ")
    head = "| level |"; rule = "|---|"
    for (d = 1; d <= many; d++) { head = head " " distance[d] " ms: leader | follower |"; rule = rule "---:|---:|" }
    print head; print rule
    for (n = 1; n <= count; n++) {
      row = "| " name[n] " |"
      for (d = 1; d <= many; d++) { row = row " " cell[distance[d], name[n], "leader"] " | " cell[distance[d], name[n], "follower"] " |" }
      print row
    }
  }' "$rows"
echo
errors=$(awk -F'\t' '$7 != "none" { printf "%s%s on the %s at %s ms: %s", (many++ ? "; " : ""), $2, $3, $1, $7 } END { if (!many) printf "none" }' "$rows")
fewest=$(awk -F'\t' -v seconds="${DURATION%s}" '{ n = $4 * seconds; if (NR == 1 || n < least) least = n } END { printf "%d", least }' "$rows")
echo "p50 / p99 in ms. Measured on $(date -u +%F) at commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown): three nodes and the generator on" \
  "one machine with $(nproc) cores, $CONNECTIONS connections to one node at a time, values of 128 bytes, $DURATION a cell, at least $fewest answers in each;" \
  "the distance is there and back, on the links of \`raftkv dev --lab\`, and 0 is without them. Errors: $errors."
if [ $was_quiet = yes ]; then
  echo "The machine was quiet: load $load_at_start at the start, and others took $others cores meanwhile ($seconds s)."
else
  echo "**The machine was NOT quiet**: load $load_at_start at the start, and others took $others cores meanwhile ($seconds s). This is no measurement."
  exit 3
fi
