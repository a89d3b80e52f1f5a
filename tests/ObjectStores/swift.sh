#!/usr/bin/env bash
# A real OpenStack Swift on this machine that speaks S3 (its filters s3api and tempauth), in a directory of its own and without a
# service of the system's: Debian's packages swift-proxy, swift-account, swift-container, swift-object.
#   swift.sh up DIR PORT                 starts it; DIR/env has what a client needs
#   swift.sh gateway stop|start DIR      the proxy alone
#   swift.sh down DIR                    stops all of it
#   swift.sh run DIR PORT                up; "ready" on standard output; down when standard input ends
# PORT serves http, PORT+1 to PORT+3 the servers behind. DIR must be on a file system with extended attributes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"

SECRET=a-secret-of-the-trials-only

configure() {
  mkdir -p "$dir/nodes/disk"
  printf '[swift-hash]\nswift_hash_path_suffix = trial\nswift_hash_path_prefix = trial\n' >"$dir/swift.conf"
  cat >"$dir/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
swift_dir = $dir
user = $(id -un)
[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_trial_trial = $SECRET .admin
[filter:slo]
use = egg:swift#slo
CONF
  local at=0 type
  for type in account container object; do
    at=$((at + 1))
    cat >"$dir/$type.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $((port + at))
workers = 0
swift_dir = $dir
devices = $dir/nodes
mount_check = false
fallocate_reserve = 0
user = $(id -un)
[pipeline:main]
pipeline = $type-server
[app:$type-server]
use = egg:swift#$type
CONF
    (
      cd "$dir"
      swift-ring-builder "$type.builder" create 1 1 1
      swift-ring-builder "$type.builder" add "r1z1-127.0.0.1:$((port + at))/disk" 1
      swift-ring-builder "$type.builder" rebalance
    ) >>"$dir/log/rings.log" 2>&1
  done
}

# Swift's programs look for swift.conf in /etc/swift, whatever their own file says.
starter='
import runpy, sys
from swift.common import utils
utils.set_swift_dir(sys.argv[1])
program, sys.argv = sys.argv[2], sys.argv[2:]
runpy.run_path(program, run_name="__main__")
'
start_server() { start "$1" /usr/bin/python3 -c "$starter" "$dir" "$(command -v "swift-$2-server")" "$dir/$2.conf"; }

start_gateway() {
  start_server gateway proxy
  eventually 60 curl -s -o /dev/null -m 5 "http://127.0.0.1:$port/" || lost "the proxy does not answer"
}

up() {
  local type
  for type in swift-proxy-server swift-account-server swift-container-server swift-object-server swift-ring-builder curl python3; do need "$type"; done
  configure
  for type in account container object; do start_server "$type" "$type"; done
  start_gateway
  write_env trial:trial "$SECRET" "$port" "" us-east-1
  make_bucket
}

case "${1:-}" in
  up) open_directory "$2" "$3"; up ;;
  run) open_directory "$2" "$3"; trap stop_all EXIT; up; echo ready; cat >/dev/null ;;
  gateway) reopen_directory "$3"; if [[ "$2" == stop ]]; then stop gateway; else start_gateway; fi ;;
  down) reopen_directory "$2"; stop_all ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
