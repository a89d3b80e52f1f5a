# Starting and stopping clusters of three, for the scripts of this directory. Sourced; needs work, BASE_PORT and, for RaftKv, RAFTKV.
pids=()
endpoints=()
commands=()

# Set by speak_tls: nodes speak TLS to clients and to each other, and curl trusts them. Empty: in the clear.
certs=""
scheme=http
trust=()

stop_all() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  pids=()
}
say() { echo "$*" >&2; }

join() { local IFS=,; echo "$*"; }

wait_ready() { # URL, seconds
  local deadline=$((SECONDS + $2))
  until curl -fs -m 2 "${trust[@]}" -o "$work/ready" "$1" && [ -z "${3:-}" -o -n "$(grep "${3:-}" "$work/ready" || true)" ]; do
    if [ $SECONDS -ge $deadline ]; then say "$1 is not ready after $2 s"; tail -n 20 "$work"/*.log >&2 || true; exit 1; fi
    sleep 0.2
  done
}

# Refuses a machine that is not quiet, unless ANY_LOAD is set; began is its load, and note what its tables then say of themselves.
begin_quietly() {
  began=$(load)
  note=""
  is_quiet && return
  if [ -z "$ANY_LOAD" ]; then
    say "The machine is not quiet: its load is $began, and figures want less than $MAX_LOAD. ANY_LOAD=1 goes on and says so."
    exit 3
  fi
  note="**No measurement: the machine was not quiet.** "
}

# Those of PEERS that this machine has: present.
find_peers() {
  local peer
  present=()
  for peer in $PEERS; do
    if [ "$peer" = etcd ] && ! command -v etcd >/dev/null; then
      say "etcd is skipped: no etcd on this machine (Debian: apt-get install etcd-server)."
    else
      present+=("$peer")
    fi
  done
}

# Publishes this tree's generator and server unless BENCH and RAFTKV name others.
publish_bench() {
  say "building"
  if [ -z "${BENCH:-}" ]; then
    dotnet publish "$here/RaftKv.Bench" -c Release -o "$work/bench" --nologo -v q >&2
    BENCH="$work/bench"
  fi
}
publish_server() {
  if [ -z "$RAFTKV" ]; then
    dotnet publish "$root/src/RaftKv" -c Release -o "$work/raftkv" --nologo -v q >&2
    RAFTKV="$work/raftkv/raftkv"
  fi
}

# The command lines of three nodes, and where their clients are served: commands and endpoints.
etcd_commands() { # run directory
  local cluster="" i
  for i in 1 2 3; do cluster+="e$i=$scheme://127.0.0.1:$((BASE_PORT + 2 * i - 1)),"; done
  endpoints=(); commands=()
  for i in 1 2 3; do
    local client="$scheme://127.0.0.1:$((BASE_PORT + 2 * i - 2))" peer="$scheme://127.0.0.1:$((BASE_PORT + 2 * i - 1))" tls=""
    [ -z "$certs" ] || tls="--cert-file $certs/n$i.crt --key-file $certs/n$i.key --peer-cert-file $certs/n$i.crt --peer-key-file $certs/n$i.key --peer-trusted-ca-file $certs/ca.crt --peer-client-cert-auth"
    # Defaults otherwise: fsync on, 100 ms heartbeat, 1000 ms election time-out.
    commands+=("etcd --name e$i --data-dir $1/e$i --listen-client-urls $client --advertise-client-urls $client --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster ${cluster%,} --initial-cluster-state new --logger zap --log-outputs $work/etcd$i.log $tls")
    endpoints+=("$client")
  done
}

raftkv_commands() { engine_commands native $((BASE_PORT + 10)) "$@"; }

dotnext_commands() { engine_commands dotnext $((BASE_PORT + 20)) "$@"; }

engine_commands() { # engine, first port, run directory, more arguments
  local cluster="" i
  for i in 1 2 3; do cluster+="n$i=$scheme://127.0.0.1:$(($2 + 2 * i - 1)),"; done
  endpoints=(); commands=()
  for i in 1 2 3; do
    local client="$scheme://127.0.0.1:$(($2 + 2 * i - 2))" peer="$scheme://127.0.0.1:$(($2 + 2 * i - 1))" tls=""
    [ -z "$certs" ] || tls="--tls-cert $certs/n$i.crt --tls-key $certs/n$i.key --peer-tls-cert $certs/n$i.crt --peer-tls-key $certs/n$i.key --peer-tls-ca $certs/ca.crt"
    commands+=("$RAFTKV serve --engine $1 --name n$i --data-dir $3/n$i --client $client --peer $peer --cluster ${cluster%,} $tls ${4:-}")
    endpoints+=("$client")
  done
}

start() { # peer, run directory, more arguments
  local i ready=/readyz expected=""
  "$1_commands" "$2" "${3:-}"
  [ "$1" = etcd ] && ready=/health expected='"health":"true"'
  for i in 0 1 2; do
    # exec, so that the pid is the node's own.
    sh -c "exec ${commands[$i]}" >"$work/$1-$i.log" 2>&1 &
    pids+=($!)
  done
  for i in 0 1 2; do wait_ready "${endpoints[$i]}$ready" 60 "$expected"; done
}

# Certificates for three nodes on this machine, by an authority made for them: both servers take the same files.
make_certificates() { # directory
  local i
  "$RAFTKV" cert ca --dir "$1" >/dev/null
  for i in 1 2 3; do "$RAFTKV" cert node "n$i" --host 127.0.0.1,localhost --dir "$1" >/dev/null; done
}
speak_tls() { certs=$1 scheme=https trust=(--cacert "$1/ca.crt"); }
speak_plain() { certs="" scheme=http trust=(); }

# A call of etcd's JSON gateway, which both servers have.
gateway() { # path, body, more arguments of curl
  curl -fsS -m 20 "${trust[@]}" -d "$2" "${@:3}" "${endpoints[0]}/v3/$1"
}

# Puts rights in force: root, and users who may read and write all keys of the load generator's. The password of each is its name and "-password".
enable_rights() { # user...
  # etcd has no role root before somebody makes it; here there is one.
  gateway auth/role/add '{"name":"root"}' >/dev/null 2>&1 || true
  {
    gateway auth/user/add '{"name":"root","password":"root-password"}'
    gateway auth/user/grant '{"user":"root","role":"root"}'
    gateway auth/role/add '{"name":"bench"}'
    gateway auth/role/grant '{"name":"bench","perm":{"permType":"READWRITE","key":"aw==","range_end":"bA=="}}'
    local user
    for user in "$@"; do
      gateway auth/user/add "{\"name\":\"$user\",\"password\":\"$user-password\"}"
      gateway auth/user/grant "{\"user\":\"$user\",\"role\":\"bench\"}"
    done
    gateway auth/enable '{}'
  } >"$work/rights.log"
}

load() { cut -d' ' -f1 /proc/loadavg; }
is_quiet() { awk -v load="$(load)" -v most="$MAX_LOAD" 'BEGIN { exit !(load < most) }'; }

# etcd 3.5 or newer if one is installed; its version, or nothing.
etcd_version() { command -v etcd >/dev/null && etcd --version 2>/dev/null | sed -n 's/^etcd Version: //p'; }

# For awk: note(key, figure) keeps one, median(key) is that of all that were kept; 0 of none.
medians='
  function median(key,   n, i, j, t, a) {
    n = count[key]
    for (i = 1; i <= n; i++) a[i] = value[key, i]
    for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n == 0 ? 0 : n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
  }
  function note(key, v) { value[key, ++count[key]] = v + 0 }
'
