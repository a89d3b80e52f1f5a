#!/usr/bin/env bash
# etcdctl with all three endpoints: puts, a mirror, a watch, a lease, a lock and an election go on while the leader is
# killed half-way and comes back; nothing acknowledged is lost, and no event is missed or told twice.
# CHECK_PERF=1 adds "check perf", which takes a minute.
source "$(dirname "${BASH_SOURCE[0]}")/cluster.sh"
need etcdctl "on Debian: apt-get install etcd-client"
need curl "on Debian: apt-get install curl"
export ETCDCTL_API=3

start_cluster
old="$(leader)"
ctl=(etcdctl "--endpoints=$(endpoints)")
bare() { grep -v '^{"level"' || true; }

say "before"
"${ctl[@]}" endpoint health 2>&1 | grep -c 'is healthy' | grep -qx 3 || fail "endpoint health"
"${ctl[@]}" member list 2>/dev/null | awk -F, '{printf "%16s\n", $1}' | LC_ALL=C sort -c || fail "members are not listed by id"
lease="$("${ctl[@]}" lease grant 10 | awk '{print $2}')"
"${ctl[@]}" put kept alive --lease="$lease" >/dev/null
in_background "${ctl[@]}" lease keep-alive "$lease" >"$work/lease.out" 2>&1
in_background "${ctl[@]}" watch --prefix w/ >"$work/watch.out" 2>"$work/watch.err"
in_background "${ctl[@]}" make-mirror --prefix w/ --dest-prefix mirror/ "127.0.0.1:$(port $((old % 3 + 1)))" >"$work/mirror.out" 2>&1
in_background "${ctl[@]}" lock gate -- sleep 8 >"$work/lock1.out" 2>&1
lock1=$!
eventually 60 bash -c "[[ -n \$(${ctl[*]} get --prefix gate/ --keys-only 2>/dev/null) ]]"
in_background "${ctl[@]}" lock gate -- echo second >"$work/lock2.out" 2>&1
lock2=$!
in_background "${ctl[@]}" elect chair first >"$work/elect1.out" 2>&1
elect1=$!
eventually 60 grep -q first "$work/elect1.out"
in_background "${ctl[@]}" elect chair second >"$work/elect2.out" 2>&1
in_background "${ctl[@]}" elect --listen chair >"$work/listen.out" 2>&1
sleep 1

say "60 puts, the leader killed after 20"
told=0
for i in {1..60}; do
  if [[ $i == 20 ]]; then
    echo "n$old led; kill -9"
    kill_node "$old"
  fi
  until "${ctl[@]}" --command-timeout=10s put "w/$i" "v$i" >/dev/null 2>>"$work/put.err"; do
    told=$((told + 1))
    ((told < 20)) || fail "puts fail: $(tail -3 "$work/put.err")"
  done
done
echo "puts that had to be repeated: $told"
"${ctl[@]}" get --prefix w/ --keys-only 2>/dev/null | grep -c . | grep -qx 60 || fail "not all puts are there"

# A put whose outcome was unknown may have been applied twice; the events are those of the history, each once.
eventually 60 bash -c "tail -2 '$work/watch.out' | grep -qx v60"
events="$(grep -c '^PUT$' "$work/watch.out")"
((events >= 60 && events <= 60 + told)) || fail "$events events for 60 puts and $told repeats"
awk '/^w\// {print}' "$work/watch.out" | uniq | awk -F/ '$2 != NR {exit 1}' || fail "events are out of order"
echo "$events events"

say "lease, lock, election"
"${ctl[@]}" get kept --print-value-only 2>/dev/null | grep -qx alive || fail "the lease was lost"
wait "$lock1" || fail "the holder of the lock: $(cat "$work/lock1.out")"
eventually 60 grep -qx second "$work/lock2.out"
wait "$lock2" || fail "the second lock: $(cat "$work/lock2.out")"
kill -INT "$elect1"
eventually 60 grep -qx second "$work/elect2.out"
eventually 60 grep -qx second "$work/listen.out"
eventually 60 bash -c "[[ \$(${ctl[*]} get --prefix mirror/ --keys-only 2>/dev/null | grep -c .) == 60 ]]"

say "the node comes back; the leader is moved; a snapshot; a compaction"
restart_node "$old"
target=$(($(leader) % 3 + 1))
id="$("${ctl[@]}" member list 2>/dev/null | awk -F', ' -v name="n$target" '$3 == name {print $1}')"
if "${ctl[@]}" move-leader "$id" 2>&1 | bare | grep -q 'Leadership transferred from'; then
  [[ "$(leader)" == "$target" ]] || fail "n$target does not lead after move-leader"
else
  # The second engine resigns without a target, and says no when another node was elected.
  [[ "${RAFTKV_ENGINE:-native}" == dotnext ]] || fail "move-leader"
fi
etcdctl "--endpoints=127.0.0.1:$(port "$target")" snapshot save "$work/snapshot.db" >/dev/null 2>&1 || fail "snapshot save"
revision="$("${ctl[@]}" get w/60 -w json 2>/dev/null | sed 's/.*"revision":\([0-9]*\).*/\1/')"
"${ctl[@]}" compaction "$revision" 2>&1 | grep -qx "compacted revision $revision" || fail "compaction"
"${ctl[@]}" endpoint status --cluster -w table

if [[ "${CHECK_PERF:-}" ]]; then
  say "check perf"
  "${ctl[@]}" check perf 2>&1 | tr '\r' '\n' | grep -E '^(PASS|FAIL)' | tee "$work/perf.out"
  grep -q '^FAIL' "$work/perf.out" && fail "check perf"
fi
echo "PASSED"
