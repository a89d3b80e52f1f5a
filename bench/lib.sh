# Starting and stopping clusters of three, for the scripts of this directory. Sourced; needs work, BASE_PORT and, for RaftKv, RAFTKV.
pids=()
endpoints=()
commands=()

stop_all() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
say() { echo "$*" >&2; }

join() { local IFS=,; echo "$*"; }

wait_ready() { # URL, seconds
  local deadline=$((SECONDS + $2))
  until curl -fs -m 2 -o "$work/ready" "$1" && [ -z "${3:-}" -o -n "$(grep "${3:-}" "$work/ready" || true)" ]; do
    if [ $SECONDS -ge $deadline ]; then say "$1 is not ready after $2 s"; tail -n 20 "$work"/*.log >&2 || true; exit 1; fi
    sleep 0.2
  done
}

# The command lines of three nodes, and where their clients are served: commands and endpoints.
etcd_commands() { # run directory
  local cluster="" i
  for i in 1 2 3; do cluster+="e$i=http://127.0.0.1:$((BASE_PORT + 2 * i - 1)),"; done
  endpoints=(); commands=()
  for i in 1 2 3; do
    local client="http://127.0.0.1:$((BASE_PORT + 2 * i - 2))" peer="http://127.0.0.1:$((BASE_PORT + 2 * i - 1))"
    # Defaults otherwise: fsync on, 100 ms heartbeat, 1000 ms election time-out.
    commands+=("etcd --name e$i --data-dir $1/e$i --listen-client-urls $client --advertise-client-urls $client --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster ${cluster%,} --initial-cluster-state new --logger zap --log-outputs $work/etcd$i.log")
    endpoints+=("$client")
  done
}

raftkv_commands() { engine_commands native $((BASE_PORT + 10)) "$@"; }

dotnext_commands() { engine_commands dotnext $((BASE_PORT + 20)) "$@"; }

engine_commands() { # engine, first port, run directory, more arguments
  local cluster="" i
  for i in 1 2 3; do cluster+="n$i=http://127.0.0.1:$(($2 + 2 * i - 1)),"; done
  endpoints=(); commands=()
  for i in 1 2 3; do
    local client="http://127.0.0.1:$(($2 + 2 * i - 2))" peer="http://127.0.0.1:$(($2 + 2 * i - 1))"
    commands+=("$RAFTKV serve --engine $1 --name n$i --data-dir $3/n$i --client $client --peer $peer --cluster ${cluster%,} ${4:-}")
    endpoints+=("$client")
  done
}

start() { # peer, run directory
  local i ready=/readyz expected=""
  "$1_commands" "$2"
  [ "$1" = etcd ] && ready=/health expected='"health":"true"'
  for i in 0 1 2; do
    # exec, so that the pid is the node's own.
    sh -c "exec ${commands[$i]}" >"$work/$1-$i.log" 2>&1 &
    pids+=($!)
  done
  for i in 0 1 2; do wait_ready "${endpoints[$i]}$ready" 60 "$expected"; done
}

# etcd 3.5 or newer if one is installed; its version, or nothing.
etcd_version() { command -v etcd >/dev/null && etcd --version 2>/dev/null | sed -n 's/^etcd Version: //p'; }
