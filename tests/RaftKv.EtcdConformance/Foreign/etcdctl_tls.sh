#!/usr/bin/env bash
# etcdctl over TLS, as it is used against etcd: --cacert, --cert and --key, on the cluster that "raftkv dev --tls" makes.
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
need etcdctl "on Debian: apt-get install etcd-client"
need curl "on Debian: apt-get install curl"
export ETCDCTL_API=3

in_background dotnet "$RAFTKV_DLL" dev --tls --nodes 3 --base-port "$BASE_PORT" --data-dir "$work/dev" >"$work/dev.log" 2>&1
eventually 90 grep -q "RaftKv is ready" "$work/dev.log"
before_stop() { cat "$work"/dev/*/raftkv.pid 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true; }

tls="$work/dev/tls"
url() { echo "https://127.0.0.1:$(port "$1")"; }
secured=(etcdctl --cacert "$tls/ca.crt" --cert "$tls/dev.crt" --key "$tls/dev.key")
ctl=("${secured[@]}" "--endpoints=$(url 1),$(url 2),$(url 3)")

say "the lines that dev printed"
grep -E '^  curl ' "$work/dev.log" | while read -r line; do
  eval "${line/curl/curl -sf}" || fail "$line"
done
eval "$(grep -E '^  etcdctl ' "$work/dev.log")" | grep -qx world || fail "dev's line of etcdctl"

say "everyday calls"
"${ctl[@]}" endpoint health 2>&1 | grep -c 'is healthy' | grep -qx 3 || fail "endpoint health"
"${secured[@]}" "--endpoints=$(url 1)" endpoint status --cluster -w fields >"$work/status.out" 2>&1 || fail "$(cat "$work/status.out")"
grep -c "https://127.0.0.1" "$work/status.out" | grep -qx 3 || fail "members tell no https addresses: $(cat "$work/status.out")"
in_background "${ctl[@]}" watch --prefix w/ >"$work/watch.out" 2>&1
lease="$("${ctl[@]}" lease grant 60 | awk '{print $2}')"
for i in 1 2 3; do
  "${secured[@]}" "--endpoints=$(url "$i")" put "w/$i" "v$i" --lease="$lease" >/dev/null || fail "put through n$i"
done
eventually 60 grep -qx v3 "$work/watch.out"
"${ctl[@]}" lock gate echo held | grep -qx held || fail "lock"
"${ctl[@]}" lease revoke "$lease" >/dev/null
[[ -z "$("${ctl[@]}" get --prefix w/ --keys-only)" ]] || fail "the lease's keys are still there"

say "who is refused"
dotnet "$RAFTKV_DLL" cert ca other --dir "$work/other" >/dev/null
dotnet "$RAFTKV_DLL" cert user dev --dir "$work/other" >/dev/null
etcdctl --cacert "$work/other/ca.crt" "--endpoints=$(url 1)" --dial-timeout=2s --command-timeout=3s get a >/dev/null 2>&1 && fail "another root was trusted"
etcdctl --cacert "$tls/ca.crt" --cert "$work/other/dev.crt" --key "$work/other/dev.key" "--endpoints=$(url 1)" \
  --dial-timeout=2s --command-timeout=3s get a >/dev/null 2>&1 && fail "a stranger's certificate was taken"
eventually 60 grep -q "leads to no authority of" "$work/dev.log"
curl -s --max-time 3 "http://127.0.0.1:$(port 1)/livez" >/dev/null && fail "plain HTTP was answered on the secured port"
echo "PASSED"
