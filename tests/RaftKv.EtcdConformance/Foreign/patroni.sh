#!/usr/bin/env bash
# A Patroni pair with `etcd3:` configuration on three RaftKv nodes: bootstrap, replica, fail over when the primary is
# killed, its return, the loss of RaftKv's leader, and a switchover. Takes about two minutes. Needs root (or to be the
# user postgres), Debian's patroni and postgresql; uses ports BASE_PORT+50 to +63, and leaves nothing behind.
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
need patroni "on Debian: apt-get install patroni postgresql"
need psql "on Debian: apt-get install postgresql"
need curl "on Debian: apt-get install curl"
bin="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)"
[[ -x "$bin/initdb" ]] || { echo "SKIPPED: no PostgreSQL server below /usr/lib/postgresql"; exit 77; }
as_postgres=()
if [[ "$(id -un)" != postgres ]]; then
  [[ "$(id -u)" == 0 ]] || { echo "SKIPPED: only root or postgres may run this"; exit 77; }
  as_postgres=(runuser -u postgres --)
fi

pg_port() { echo $((BASE_PORT + 50 + $1)); }
rest_port() { echo $((BASE_PORT + 60 + $1)); }

before_stop() {
  stop_pair_member 1
  stop_pair_member 2
}

configure() {
  mkdir -p "$work/pg$1"
  cat >"$work/pg$1/patroni.yml" <<YML
scope: raftkv-pair
name: pg$1
restapi:
  listen: 127.0.0.1:$(rest_port "$1")
  connect_address: 127.0.0.1:$(rest_port "$1")
etcd3:
  hosts: $(endpoints)
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    postgresql:
      use_pg_rewind: true
  initdb: [{encoding: UTF8}, data-checksums]
postgresql:
  listen: 127.0.0.1:$(pg_port "$1")
  connect_address: 127.0.0.1:$(pg_port "$1")
  data_dir: $work/pg$1/data
  bin_dir: $bin
  pgpass: $work/pg$1/pgpass
  pg_hba: [host all all 127.0.0.1/32 md5, host replication replicator 127.0.0.1/32 md5]
  parameters: {unix_socket_directories: $work/pg$1, shared_buffers: 16MB}
  authentication:
    superuser: {username: postgres, password: secret}
    replication: {username: replicator, password: secret}
YML
  [[ "$(id -u)" != 0 ]] || chown -R postgres "$work/pg$1"
}

start_pair_member() {
  "${as_postgres[@]}" patroni "$work/pg$1/patroni.yml" >>"$work/pg$1.log" 2>&1 &
  disown
}

# Patroni and its server, without a word.
stop_pair_member() {
  local pid
  for pid in $(pgrep -f "patroni $work/pg$1/patroni.yml"); do
    kill -KILL "$pid" 2>/dev/null || true
  done
  [[ ! -f "$work/pg$1/data/postmaster.pid" ]] || kill -KILL "$(head -1 "$work/pg$1/data/postmaster.pid")" 2>/dev/null || true
}

sql() { PGPASSWORD=secret psql -h 127.0.0.1 -p "$(pg_port "$1")" -U postgres -Atqc "$2" postgres; }
ctl() { "${as_postgres[@]}" patronictl -c "$work/pg1/patroni.yml" "$@"; }
is_primary() { curl -sf --max-time 2 "http://127.0.0.1:$(rest_port "$1")/primary"; }
is_replica() { curl -sf --max-time 2 "http://127.0.0.1:$(rest_port "$1")/replica"; }
# Patroni calls a server primary from the moment that it holds the key; the promotion takes its time.
takes_writes() { is_primary "$1" && [[ "$(sql "$1" "select pg_is_in_recovery()")" == f ]]; }
shows() { [[ "$(sql "$1" "select count(*) from rows")" == "$2" ]]; }

start_cluster
for i in 1 2; do
  configure "$i"
done

say "bootstrap and replica"
start_pair_member 1
eventually 60 takes_writes 1
start_pair_member 2
eventually 60 is_replica 2
sql 1 "create table rows (n int)"
sql 1 "insert into rows select generate_series(1, 100)"
eventually 30 shows 2 100
ctl list

say "kill -9 of the primary: the replica takes over"
stop_pair_member 1
eventually 60 takes_writes 2
sql 2 "insert into rows values (101)"
ctl list

say "the old primary comes back as a replica"
start_pair_member 1
eventually 60 is_replica 1
eventually 60 shows 1 101
ctl list

say "kill -9 of RaftKv's leader: the primary stays and takes writes"
timeline="$(sql 2 "select timeline_id from pg_control_checkpoint()")"
old="$(leader)"
kill_node "$old"
for n in {102..141}; do
  sql 2 "insert into rows values ($n)" || fail "a write while RaftKv changed its leader"
  is_primary 2 >/dev/null || fail "pg2 was demoted"
  sleep 0.7
done
eventually 30 shows 1 141
[[ "$(sql 2 "select timeline_id from pg_control_checkpoint()")" == "$timeline" ]] || fail "the timeline has changed"
ctl list

say "switchover while one RaftKv node is away"
ctl switchover --master pg2 --candidate pg1 --force raftkv-pair
eventually 60 takes_writes 1
eventually 60 is_replica 2
restart_node "$old"
sql 1 "insert into rows values (142)"
eventually 60 shows 2 142
ctl list
ctl history raftkv-pair || true
echo "PASSED"
