#!/usr/bin/env bash
# etcdctl at URL, where something has ended TLS before a server that speaks in the clear; CA is what to trust.
set -euo pipefail
export ETCDCTL_API=3
ctl=(etcdctl "--endpoints=$1" "--cacert=$2" "--command-timeout=20s")
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

"${ctl[@]}" put w/1 v1 >/dev/null
[[ "$("${ctl[@]}" get w/1 --print-value-only)" == v1 ]] || fail "get"
"${ctl[@]}" put w/2 v2 >/dev/null
timeout 20 "${ctl[@]}" watch --prefix w/ --rev=2 >"$work/watch" 2>&1 &
watch=$!
until grep -qx v2 "$work/watch"; do
  kill -0 "$watch" || fail "watch: $(cat "$work/watch")"
  sleep 0.1
done
kill "$watch"
printf 'value("w/1") = "v1"\n\nput w/3 v3\n\n\n' | "${ctl[@]}" txn | grep -qx SUCCESS || fail "txn"
lease="$("${ctl[@]}" lease grant 60 | awk '{print $2}')"
"${ctl[@]}" lease keep-alive --once "$lease" | grep -q 'keepalived with TTL(60)' || fail "keep-alive"
"${ctl[@]}" lock gate echo held | grep -qx held || fail "lock"
"${ctl[@]}" endpoint health 2>&1 | grep -q 'is healthy' || fail "health"
"${ctl[@]}" snapshot save "$work/snapshot" >/dev/null 2>&1 || fail "snapshot"
"${ctl[@]}" del --prefix w/ | grep -qx 3 || fail "del"
echo "PASSED"
