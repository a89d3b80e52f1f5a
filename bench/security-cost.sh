#!/usr/bin/env bash
# What TLS and rights cost: server CPU for a put on three nodes of RaftKv and three of etcd, each in the clear, under TLS, and under TLS with rights in
# force; and whether logins with right and wrong passwords move the latency of puts. The six take turns, each on fresh nodes. Under 8 minutes; bench/README.md.
set -euo pipefail

ROUNDS=${ROUNDS:-3}
DURATION=${DURATION:-5s}
WARMUP=${WARMUP:-8s}
CONNECTIONS=${CONNECTIONS:-64}
HTTP_CONNECTIONS=${HTTP_CONNECTIONS:-9}
VALUE_SIZE=${VALUE_SIZE:-128}
PACED=${PACED:-600}            # puts a second while passwords are checked
LOGINS=${LOGINS:-4}            # logins a second then, every other one with a wrong password
LOGIN_DURATION=${LOGIN_DURATION:-4s}
MAX_SECONDS=${MAX_SECONDS:-470} # a round that would not end by then is not begun
MAX_LOAD=${MAX_LOAD:-1.0}      # load of the last minute from which a machine is not quiet
ANY_LOAD=${ANY_LOAD:-}         # 1: go on nevertheless, and say of the tables that they are no measurement
BASE_PORT=${BASE_PORT:-22150}
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
PEERS=${PEERS:-etcd raftkv}
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's
BENCH=${BENCH:-}               # directory of a published bench; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-security.XXXXXX")
puts="$work/puts.tsv"
logins="$work/logins.tsv"
: >"$puts"
: >"$logins"
. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

begin_quietly

find_peers

publish_bench
publish_server
make_certificates "$work/certs"

bench() { # command, more arguments
  local security=()
  [ -z "$certs" ] || security+=(--tls-ca "$certs/ca.crt")
  [ "$kind" != rights ] || security+=(--user bench:bench-password)
  dotnet "$BENCH/RaftKv.Bench.dll" "$@" --protocol etcd-grpc --endpoints "$(join "${endpoints[@]}")" --value-size "$VALUE_SIZE" "${security[@]}"
}

put() { # label, file, more arguments
  bench put --pids "$(join "${pids[@]}")" --label "$1" --format tsv "${@:3}" | sed "s/^/$peer\t$round\t/" | tee -a "$2" >&2
}

# Puts at an even pace, without logins and with them.
measure_logins() {
  local paced=(--pace "$PACED" --connections "$HTTP_CONNECTIONS" --http-connections "$HTTP_CONNECTIONS" --warmup 1s --duration "$LOGIN_DURATION")
  put without "$logins" "${paced[@]}"
  bench passwords --pace "$LOGINS" --duration "$(awk -v seconds="${LOGIN_DURATION%s}" 'BEGIN { print seconds + 2 }')s" \
    --label "$peer, round $round" >>"$work/logins.txt" 2>&1 &
  local stream=$!
  put with "$logins" "${paced[@]}"
  wait "$stream" || true
}

measure() { # peer, kind, round
  peer=$1 kind=$2 round=$3
  if [ "$kind" = plain ]; then speak_plain; else speak_tls "$work/certs"; fi
  local dir="$work/$peer-$kind-$round"
  mkdir -p "$dir"
  start "$peer" "$dir"
  [ "$kind" != rights ] || enable_rights bench
  put "$kind" "$puts" --connections "$CONNECTIONS" --http-connections "$HTTP_CONNECTIONS" --duration "$DURATION" --warmup "$WARMUP"
  [ "$kind" != rights ] || measure_logins
  stop_all
  rm -rf "$dir"
}

done_rounds=0
for ((n = 1; n <= ROUNDS; n++)); do
  at=$SECONDS
  # Both servers of a kind follow each other, and who is first changes with the round.
  order=("${present[@]}")
  ((n % 2)) || order=("${present[@]:1}" "${present[@]:0:1}")
  for kind_now in plain tls rights; do
    for peer_now in "${order[@]}"; do
      say "round $n of $ROUNDS: $peer_now, $kind_now"
      measure "$peer_now" "$kind_now" "$n"
    done
  done
  done_rounds=$n
  if ((n < ROUNDS && SECONDS + (SECONDS - at) > MAX_SECONDS)); then
    say "No time for another round: $SECONDS s of $MAX_SECONDS have passed."
    break
  fi
done

echo "${note}Medians of $done_rounds rounds; etcd $(etcd_version || true); etcd's gRPC API on both, 3 nodes, $CONNECTIONS clients on $HTTP_CONNECTIONS connections to all nodes," \
  "$VALUE_SIZE-byte values, $DURATION after $WARMUP of warm-up; TLS to clients and between peers, rights of one user who logged in once; $(nproc) cores shared with the load" \
  "generator; load at the start $began; $(date -u +%F)."
echo
awk -F'\t' "$medians"'
  {
    peers[$1] = 1
    note($1 SUBSEP $3 SUBSEP "ops", $4); note($1 SUBSEP $3 SUBSEP "p50", $5); note($1 SUBSEP $3 SUBSEP "p99", $6)
    note($1 SUBSEP $3 SUBSEP "cpu", $10 * 100); note($1 SUBSEP $3 SUBSEP "own", $11)
    cpu[$1, $3, $2] = $10 * 100
    if ($2 > rounds) rounds = $2
    if ($9 != "none") errors[$1, $3] = errors[$1, $3] " " $9
  }
  END {
    for (peer in peers) for (r = 1; r <= rounds; r++) {
      note(peer SUBSEP "tls" SUBSEP "more", cpu[peer, "tls", r] - cpu[peer, "plain", r])
      note(peer SUBSEP "rights" SUBSEP "more", cpu[peer, "rights", r] - cpu[peer, "plain", r])
    }
    print "| put | server | puts/s | p50 ms | p99 ms | server CPU µs/put | more than in the clear, µs | generator CPU µs/put | errors |"
    print "|---|---|---:|---:|---:|---:|---:|---:|---|"
    split("plain tls rights", kinds, " "); split("etcd raftkv", order, " ")
    name["plain"] = "in the clear"; name["tls"] = "TLS"; name["rights"] = "TLS and rights"
    for (k = 1; k <= 3; k++) for (o = 1; o <= 2; o++) if (order[o] in peers) {
      key = order[o] SUBSEP kinds[k] SUBSEP
      printf "| %s | %s | %.0f | %.2f | %.2f | %.1f | %s | %.1f | %s |\n", name[kinds[k]], order[o], median(key "ops"), median(key "p50"), median(key "p99"),
        median(key "cpu"), k == 1 ? "" : sprintf("%.1f", median(key "more")), median(key "own"), ((order[o], kinds[k]) in errors) ? errors[order[o], kinds[k]] : "none"
    }
    if (("etcd" in peers) && ("raftkv" in peers)) {
      print ""
      for (k = 2; k <= 3; k++) {
        ours = median("raftkv" SUBSEP kinds[k] SUBSEP "more"); theirs = median("etcd" SUBSEP kinds[k] SUBSEP "more")
        printf "%s: %.1f µs more a put here, %.1f µs more with etcd: %s.\n", name[kinds[k]], ours, theirs, ours <= theirs ? "no more than etcd" : "MORE THAN ETCD"
      }
    }
  }
' "$puts"
echo
echo "Puts at $PACED a second on $HTTP_CONNECTIONS connections under TLS and rights, $LOGIN_DURATION, without logins and with $LOGINS a second, every other one with a wrong password:"
echo
awk -F'\t' "$medians"'
  {
    peers[$1] = 1
    note($1 SUBSEP $3 SUBSEP "ops", $4); note($1 SUBSEP $3 SUBSEP "p50", $5); note($1 SUBSEP $3 SUBSEP "p99", $6); note($1 SUBSEP $3 SUBSEP "cpu", $10 * 100)
    if ($9 != "none") errors[$1, $3] = errors[$1, $3] " " $9
  }
  END {
    print "| server | logins | puts/s | p50 ms | p99 ms | server CPU µs/put | errors |"
    print "|---|---|---:|---:|---:|---:|---|"
    split("without with", kinds, " "); split("etcd raftkv", order, " ")
    for (o = 1; o <= 2; o++) if (order[o] in peers) for (k = 1; k <= 2; k++) {
      key = order[o] SUBSEP kinds[k] SUBSEP
      printf "| %s | %s | %.0f | %.2f | %.2f | %.1f | %s |\n", order[o], kinds[k], median(key "ops"), median(key "p50"), median(key "p99"), median(key "cpu"),
        ((order[o], kinds[k]) in errors) ? errors[order[o], kinds[k]] : "none"
    }
  }
' "$logins"
echo
echo "Logins, by the status that they were answered with:"
sed 's/^/- /' "$work/logins.txt"
