# Sourced by the scripts beside it: a cluster of three RaftKv nodes whose nodes can be killed and started again.
# RAFTKV_DLL names the server (default: this repository's Release build), BASE_PORT the first of its ports.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
RAFTKV_DLL="${RAFTKV_DLL:-$here/../../../src/RaftKv/bin/Release/net10.0/raftkv.dll}"
BASE_PORT="${BASE_PORT:-21300}"
work="$(mktemp -d)"
chmod 755 "$work"
started=()

port() { echo $((BASE_PORT + 10 * ($1 - 1))); }
node_url() { echo "http://127.0.0.1:$(port "$1")"; }
endpoints() { echo "127.0.0.1:$(port 1),127.0.0.1:$(port 2),127.0.0.1:$(port 3)"; }

say() { printf '== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# need COMMAND HINT: ends with 77, "skipped", where a command is missing.
need() { command -v "$1" >/dev/null || { echo "SKIPPED: $1 is missing; $2"; exit 77; }; }

# A script that starts other things ends them here.
before_stop() { :; }

stop_all() {
  local status=$? pid
  trap - EXIT
  set +e
  before_stop
  for pid in "${started[@]}"; do
    kill -KILL -- "$pid" 2>/dev/null || true
  done
  for pid in 1 2 3; do
    kill_node "$pid" || true
  done
  [[ "${KEEP:-}" ]] && echo "kept: $work" || rm -rf "$work"
  exit "$status"
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# in_background COMMAND…: ends with the script; its output goes where the caller says.
in_background() {
  "$@" &
  started+=("$!")
}

start_node() {
  local i cluster=""
  for i in 1 2 3; do
    cluster+="${cluster:+,}n$i=http://127.0.0.1:$(($(port "$i") + 1))"
  done
  dotnet "$RAFTKV_DLL" serve --name "n$1" --data-dir "$work/n$1" --client "$(node_url "$1")" --cluster "$cluster" >>"$work/n$1.log" 2>&1 &
  disown
}

start_cluster() {
  local i
  for i in 1 2 3; do
    start_node "$i"
  done
  for i in 1 2 3; do
    eventually 60 curl -sf --max-time 2 "$(node_url "$i")/readyz"
  done
}

kill_node() {
  [[ -f "$work/n$1/raftkv.pid" ]] || return 0
  kill -KILL "$(cat "$work/n$1/raftkv.pid")" 2>/dev/null || true
  rm -f "$work/n$1/raftkv.pid"
}

restart_node() {
  start_node "$1"
  eventually 60 curl -sf --max-time 2 "$(node_url "$1")/readyz"
}

# leader: prints the number of the node that leads.
leader() {
  local i
  for _ in {1..100}; do
    for i in 1 2 3; do
      if curl -s --max-time 2 -D - -o /dev/null "$(node_url "$i")/api/v1/status" | tr -d '\r' | grep -qix 'RaftKv-Role: leader'; then
        echo "$i"
        return 0
      fi
    done
    sleep 0.1
  done
  fail "no leader"
}

# eventually SECONDS COMMAND…: repeats until it succeeds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "not in time: $*"
    sleep 0.2
  done
}
