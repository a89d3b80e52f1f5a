#!/usr/bin/env bash
# The npm package etcd3 on three nodes: the leader is killed while a watch, a lease and an election are under way, and
# comes back; then one follower after the other, so that every connection of the client breaks once.
# NODE_PATH names the node_modules that has the package; npm ci in the folder node makes one.
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
need node "on Debian: apt-get install nodejs npm"
node -e "require('etcd3')" 2>/dev/null || { echo "SKIPPED: npm install etcd3, and set NODE_PATH to its node_modules"; exit 77; }

start_cluster
for round in 1 2 3; do
  victim=$((($(leader) + round - 2) % 3 + 1))
  orders="$work/orders$round"
  : >"$orders"
  say "round $round: n$victim dies"
  node "$here/node_etcd3.js" "$(endpoints)" "$orders" >"$work/node.out" 2>&1 &
  client=$!
  started+=("$client")
  eventually 30 grep -qs kill "$orders"
  kill_node "$victim"
  eventually 60 grep -qs start "$orders"
  restart_node "$victim"
  wait "$client" || fail "$(cat "$work/node.out")"
  cat "$work/node.out"
done
echo "PASSED"
