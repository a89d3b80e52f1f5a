#!/usr/bin/env bash
# Real nodes of RaftKv put backups and their log into a real object store, lose everything, and get it back from there.
#   trial.sh radosgw|swift [PART…]     all parts that the store can, or those that are named; about five minutes
# Parts: cluster commands large pages wrong tls skew slow identity. RAFTKV names the program (default: this tree's Release build);
# KEEP=1 leaves the directory. The last line is "ok: …"; "FAILED: …" says what was lost, and the exit code is 1.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
. "$here/lib.sh"

store=${1:-}
[[ -x "$here/$store.sh" ]] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
shift
work=$(mktemp -d "${TMPDIR:-/tmp}/raftkv-$store.XXXXXX")
BASE_PORT=${BASE_PORT:-21700}
export DOTNET_TieredPGO=0
unset AWS_PROFILE AWS_WEB_IDENTITY_TOKEN_FILE AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3
nodes=()

raftkv() { if [[ -n "${RAFTKV:-}" ]]; then $RAFTKV "$@"; else dotnet "$root/src/RaftKv/bin/Release/net10.0/raftkv.dll" "$@"; fi; }
say() { echo "-- $*"; }

finish() {
  local status=$?
  trap - EXIT
  kill_nodes
  [[ -z "${writer:-}" ]] || kill "$writer" 2>/dev/null || true
  "$here/$store.sh" down "$work/store" || true
  if [[ -n "${KEEP:-}" ]]; then echo "kept: $work"; else rm -rf "$work"; fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

client() { echo "http://127.0.0.1:$((BASE_PORT + 10 * $1))"; }
peer() { echo "http://127.0.0.1:$((BASE_PORT + 10 * $1 + 1))"; }
all_clients() { echo "$(client 1),$(client 2),$(client 3)"; }

# serve NODE OPTION…: in the background; its pid in nodes.
serve() {
  local i=$1
  shift
  # Without a shell between: the pid is the node's.
  if [[ -n "${RAFTKV:-}" ]]; then
    $RAFTKV serve --name "n$i" --data-dir "$work/n$i" --client "$(client "$i")" --peer "$(peer "$i")" "$@" >>"$work/n$i.log" 2>&1 &
  else
    dotnet "$root/src/RaftKv/bin/Release/net10.0/raftkv.dll" serve --name "n$i" --data-dir "$work/n$i" --client "$(client "$i")" \
      --peer "$(peer "$i")" "$@" >>"$work/n$i.log" 2>&1 &
  fi
  nodes[i]=$!
}

kill_nodes() {
  local pid
  for pid in "${nodes[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  for pid in "${nodes[@]}"; do wait "$pid" 2>/dev/null || true; done
  nodes=()
}

# forget: all nodes are gone, and their disks.
forget() { kill_nodes; rm -rf "$work"/n[0-9] "$work"/n[0-9].log; }

ready() { eventually 90 curl -sf -m 5 -o /dev/null "$(client "$1")/readyz" || { tail -n 20 "$work/n$1.log"; lost "n$1 is not ready"; }; }

# put NODE KEY VALUE: the revision of an acknowledged write.
put() { curl -s -m 10 -X PUT --data-binary "$3" "$(client "$1")/api/v1/kv/$2" | sed -n 's/.*"modRevision": *\([0-9]*\).*/\1/p'; }

# value NODE KEY
value() { curl -sf -m 20 "$(client "$1")/api/v1/kv/$2?raw"; }

metric() { curl -sf -m 5 "$(client "$1")/metrics" | awk -v name="$2" '$1 == name { print $2 }'; }

# On the leader only.
has_no_lag() {
  local i
  for i in "${!nodes[@]}"; do
    [[ "$(metric "$i" raftkv_backup_log_lag_entries)" == 0 ]] && return 0
  done
  return 1
}
archived() { eventually 120 has_no_lag || { tail -n 20 "$work"/n?.log; lost "the log is not archived"; }; }

has_failed() {
  local i count
  for i in "${!nodes[@]}"; do
    count=$(metric "$i" "$1")
    [[ -n "$count" && "$count" != 0 ]] && return 0
  done
  return 1
}

# A key after the other, by any node; into $work/acked as "key revision" once it is acknowledged.
write_on() {
  local i=1 revision at
  while [[ ! -e "$work/enough" ]]; do
    for at in 1 2 3; do
      revision=$(put "$at" "k/$i" "v$i" || true)
      if [[ -n "$revision" ]]; then
        echo "k/$i $revision" >>"$work/acked"
        break
      fi
    done
    i=$((i + 1))
  done
}

# holds NODE REVISION [LAST]: every write that was acknowledged up to a revision is there, and none after it, or after LAST.
holds() {
  raftkv ctl export k/ -e "$(client "$1")" 2>/dev/null | sed -n 's/.*"key": *"\([^"]*\)".*"value": *"\([^"]*\)".*/\1 \2/p' | sort >"$work/held"
  awk -v last="$2" '$2 <= last { v = $1; sub("k/", "v", v); print $1, v }' "$work/acked" | sort -u >"$work/expected"
  local missing more
  missing=$(comm -13 "$work/held" "$work/expected" | wc -l)
  ((missing == 0)) || lost "$missing acknowledged writes up to revision $2 are not there: $(comm -13 "$work/held" "$work/expected" | head -3 | tr '\n' ' ')"
  awk -v last="${3:-$2}" '$2 > last { print $1 }' "$work/acked" | sort >"$work/later"
  more=$(cut -d' ' -f1 "$work/held" | comm -12 - "$work/later" | wc -l)
  ((more == 0)) || lost "$more writes after revision ${3:-$2} are there"
  say "revision $2: all $(wc -l <"$work/expected") acknowledged writes are there"
}

# refused WORDS COMMAND…: it must fail, and say so.
refused() {
  local words=$1 output status=0
  shift
  output=$("$@" 2>&1) || status=$?
  ((status != 0)) || lost "this was not refused: $*"
  [[ "$output" == *"$words"* ]] || lost "\"$words\" is not said: $output"
  [[ "$output" != *"$AWS_SECRET_ACCESS_KEY"* ]] || lost "a secret is shown: $output"
  say "exit code $status: $output"
}

rss() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

place() { echo "s3://$STORE_BUCKET/$1?endpoint=$STORE_ENDPOINT"; }
object_count() { s3 GET "backups?list-type=2&max-keys=1000&prefix=$1" | grep -o '<Key>' | wc -l; }

part_cluster() {
  local to i middle moment last before after since
  to=$(place c1)
  rm -f "$work/enough" "$work/acked"
  for i in 1 2 3; do
    serve "$i" --cluster "n1=$(peer 1),n2=$(peer 2),n3=$(peer 3)" --backup-to "$to" --backup-every 3s --backup-keep 5 --backup-log 1s
  done
  for i in 1 2 3; do ready "$i"; done
  write_on &
  writer=$!
  sleep 10

  say "the store is away for 20 s"
  before=$(rss "${nodes[1]}")/$(rss "${nodes[2]}")/$(rss "${nodes[3]}")
  "$here/$store.sh" gateway stop "$work/store"
  sleep 20
  eventually 60 has_failed raftkv_backups_failed_total || lost "no node says that its backups fail"
  after=$(rss "${nodes[1]}")/$(rss "${nodes[2]}")/$(rss "${nodes[3]}")
  since=$(wc -l <"$work/acked")
  "$here/$store.sh" gateway start "$work/store"
  say "resident MiB of the nodes before and after: $before, $after"
  sleep 3
  (($(wc -l <"$work/acked") > since)) || lost "nothing is written any more"

  say "the leader is killed, and started again"
  for i in 1 2 3; do [[ -n "$(metric "$i" raftkv_backup_log_lag_entries)" ]] && break; done
  kill -KILL "${nodes[i]}"
  wait "${nodes[i]}" 2>/dev/null || true
  sleep 5
  serve "$i" --backup-to "$to" --backup-every 3s --backup-keep 5 --backup-log 1s
  ready "$i"
  middle=$(tail -n 1 "$work/acked" | cut -d' ' -f2)
  moment=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
  sleep 1
  after=$(tail -n 1 "$work/acked" | cut -d' ' -f2)
  sleep 2
  touch "$work/enough"
  wait "$writer"
  writer=
  archived
  last=$(tail -n 1 "$work/acked" | cut -d' ' -f2)
  sleep 1

  raftkv backup list "$to" >"$work/list"
  cat "$work/list"
  (($(grep -c '^backup' "$work/list") <= 6)) || lost "more backups stay than 5, and one that is being made"
  (($(grep -c '^log' "$work/list") == 1)) || lost "the log has gaps"
  say "all nodes and their disks are lost"
  forget
  raftkv backup verify "$to" | tee "$work/verified"
  grep -q "whole and sound" "$work/verified" || lost "the newest backup is not sound"
  raftkv restore --from "$to" --data-dir "$work/n1"
  serve 1; ready 1; holds 1 "$last"
  value 1 "k/1" | grep -qx v1 || lost "the first write is not there"
  forget

  # The oldest backup may be younger than the middle: then the sentence says so, and a later point is taken.
  if raftkv restore --from "$to" --data-dir "$work/n1" --to-revision "$middle" >"$work/restored" 2>&1; then
    serve 1; ready 1; holds 1 "$middle"; forget
    raftkv restore --from "$to" --data-dir "$work/n1" --to-time "$moment"
    serve 1; ready 1; holds 1 "$middle" "$after"
  else
    cat "$work/restored"
    lost "revision $middle can't be reached"
  fi
  forget
  raftkv export etcd --from "$to" --to "$work/etcd.db" >/dev/null
  if command -v etcdctl >/dev/null; then
    ETCDCTL_API=3 etcdctl snapshot status "$work/etcd.db" || lost "etcdctl does not take the export"
  fi
}

part_commands() {
  local prefix to named
  serve 1 --backup-to "$(place own)"; ready 1
  # By path and signed: a space, what HTML and query strings and shells take for something, and what is no ASCII.
  prefix="raft%20kv/%C3%BC%2B%26%3D%25%2B~%28x%29%27%21%2A%23"
  to=$(place "$prefix")
  put 1 greeting hello >/dev/null
  raftkv backup save --to "$to" --endpoints "$(client 1)" | tee "$work/saved"
  named=$(place "$prefix/today.snap")
  raftkv backup save --to "$named" --endpoints "$(client 1)"
  raftkv backup verify "$named" | grep -q "whole and sound" || lost "what was saved is not sound"
  raftkv backup list "$to" | tee "$work/list" | grep -q "^backup" || lost "what was saved is not listed"
  raftkv backup verify "$(sed -n 's/^saved *\(s3:[^ ]*\) from .*/\1/p' "$work/saved")" >/dev/null || lost "the address that was told is not one"
  curl -sf -X POST "$(client 1)/api/v1/backups" >/dev/null
  eventually 30 is_done || lost "the node's own backup is not done"
  curl -sf "$(client 1)/api/v1/backups" | head -c 600; echo
  raftkv export etcd --from "$named" --to "$work/etcd.db"
  forget
  raftkv restore --from "$named" --data-dir "$work/n1"
  serve 1; ready 1
  [[ "$(value 1 greeting)" == hello ]] || lost "greeting is not there"
  forget
}

is_done() { curl -sf "$(client 1)/api/v1/backups" | grep -q '"state": *"done"'; }

part_large() {
  local i most=0 at
  serve 1 --backup-to "$(place large)"; ready 1
  for i in $(seq 1 60); do
    head -c 1000000 /dev/urandom >"$work/blob"
    sha256sum <"$work/blob" >>"$work/digests"
    curl -sf -X PUT --data-binary "@$work/blob" -o /dev/null "$(client 1)/api/v1/kv/blob/$i"
  done
  curl -sf -X POST "$(client 1)/api/v1/backups" >/dev/null
  eventually 120 is_done || { tail -n 5 "$work/n1.log"; lost "the large backup is not done"; }
  raftkv backup save --to "$(place large/by-hand.snap)" --endpoints "$(client 1)"
  forget
  raftkv backup list "$(place large)"
  raftkv restore --from "$(place large/by-hand.snap)" --data-dir "$work/n1" >/dev/null
  serve 1; ready 1
  for i in $(seq 1 60); do value 1 "blob/$i" | sha256sum >>"$work/digests.restored"; done
  cmp "$work/digests" "$work/digests.restored" || lost "large values came back as others"
  forget
  raftkv restore --from "$(place large)" --data-dir "$work/n1" >/dev/null
  forget
  # What is begun and not completed is seen by a list of uploads.
  [[ "$(s3 GET 'backups?uploads=' | grep -c '<UploadId>')" == 0 ]] || lost "an upload was left open"
  say "60 values of 1,000,000 bytes came back, by two backups of several parts"
}

part_pages() {
  local name="raftkv-00000000000000aa-log-{}-0000000000000009999.rlog"
  echo x >"$work/piece"
  s3 many 1100 "backups/pages/$name" "$work/piece"
  s3 many 1100 "backups/pages/$name.sha256" "$work/piece"
  raftkv backup list "$(place pages)" | tee "$work/list"
  grep -q "entries 1 to 9999" "$work/list" || lost "the list is not whole"
  serve 1 --backup-to "$(place pages)" --backup-every 1s --backup-keep 2; ready 1
  put 1 a b >/dev/null
  eventually 60 is_done || lost "no backup beside many objects"
  eventually 60 two_are_done || lost "no second backup"
  forget
  raftkv backup verify "$(place pages)" | grep "whole and sound" || lost "the backup is not found among many"
}

two_are_done() { [[ "$(curl -sf "$(client 1)/api/v1/backups" | grep -o '"state": *"done"' | wc -l)" == 2 ]]; }

part_wrong() {
  local before
  serve 1; ready 1
  put 1 a b >/dev/null
  raftkv backup save --to "$(place wrong)" --endpoints "$(client 1)"
  before=$(object_count wrong)
  AWS_ACCESS_KEY_ID=NOBODY refused "403" raftkv backup list "$(place wrong)"
  (AWS_SECRET_ACCESS_KEY=not-the-secret; refused "403" raftkv backup list "$(place wrong)")
  (AWS_SECRET_ACCESS_KEY=not-the-secret; refused "403" raftkv backup save --to "$(place wrong)" --endpoints "$(client 1)")
  refused "NoSuchBucket" raftkv backup list "s3://nobodys/c1?endpoint=$STORE_ENDPOINT"
  refused "NoSuchBucket" raftkv backup save --to "s3://nobodys/c1?endpoint=$STORE_ENDPOINT" --endpoints "$(client 1)"
  refused "NoSuchBucket" raftkv restore --from "s3://nobodys/c1?endpoint=$STORE_ENDPOINT" --data-dir "$work/n2"
  refused "" raftkv backup list "s3://$STORE_BUCKET/wrong?endpoint=http://127.0.0.1:1"
  refused "it is not there" raftkv backup verify "$(place wrong/none.snap)"
  refused "holds no backup" raftkv restore --from "$(place nothing)" --data-dir "$work/n2"
  [[ ! -e "$work/n2" ]] || lost "a restore that failed left a directory"
  raftkv backup list "$(place wrong)&region=eu-central-1" || say "another region is refused"
  [[ "$(object_count wrong)" == "$before" ]] || lost "a refused call changed the store"

  # A node with the wrong key serves, says so, and harms nothing.
  forget
  (export AWS_SECRET_ACCESS_KEY=not-the-secret; serve 1 --backup-to "$(place wrong)" --backup-every 1s --backup-log 1s; echo "${nodes[1]}" >"$work/pid1")
  nodes[1]=$(cat "$work/pid1"); ready 1
  eventually 60 has_failed raftkv_backups_failed_total || lost "the wrong key is not told"
  [[ "$(put 1 c d)" -gt 0 ]] || lost "a node with the wrong key does not serve"
  grep -m 2 ": 403 " "$work/n1.log"
  forget
}

part_tls() {
  local to="s3://$STORE_BUCKET/tls?endpoint=$STORE_TLS_ENDPOINT"
  refused "" raftkv backup list "$to"
  export SSL_CERT_FILE=$STORE_CA
  serve 1 --backup-to "$to"; ready 1
  put 1 a b >/dev/null
  curl -sf -X POST "$(client 1)/api/v1/backups" >/dev/null
  eventually 60 is_done || { tail -n 5 "$work/n1.log"; lost "no backup over TLS"; }
  for i in $(seq 1 20); do
    head -c 1000000 /dev/urandom | curl -sf -X PUT --data-binary @- -o /dev/null "$(client 1)/api/v1/kv/blob/$i"
  done
  raftkv backup save --to "$to" --endpoints "$(client 1)"
  forget
  raftkv backup verify "$to" | grep "whole and sound" || lost "the backup over TLS is not sound"
  unset SSL_CERT_FILE
}

part_skew() {
  local lib
  lib=$(find /usr/lib -name libfaketime.so.1 | head -1)
  serve 1; ready 1
  put 1 a b >/dev/null
  raftkv backup save --to "$(place skew)" --endpoints "$(client 1)"
  for offset in -30m +30m; do
    LD_PRELOAD=$lib FAKETIME=$offset raftkv backup list "$(place skew)" >"$work/skew" 2>&1 || true
    say "clock $offset: $(grep -c '^backup' "$work/skew") backup listed; $(tail -n 1 "$work/skew")"
    LD_PRELOAD=$lib FAKETIME=$offset raftkv backup save --to "$(place skew)" --endpoints "$(client 1)" >"$work/skew" 2>&1 || true
    say "clock $offset: $(tail -n 1 "$work/skew")"
  done
  forget
}

# The gateway takes one request at a time, and answers others with 503 SlowDown.
part_slow() {
  local loaders=() i
  "$here/$store.sh" gateway stop "$work/store"
  "$here/$store.sh" gateway start "$work/store" --rgw_scheduler_type=throttler --rgw_max_concurrent_requests=1
  head -c 3000000 /dev/urandom >"$work/blob"
  s3 PUT backups/slow-blob "$work/blob"
  rm -f "$work/enough"
  for i in 1 2; do
    (
      while [[ ! -e "$work/enough" ]]; do
        curl -s -o /dev/null -w '%{http_code}\n' --limit-rate 3M --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
          -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
          "$STORE_ENDPOINT/backups/slow-blob" >>"$work/slow-codes"
      done
    ) &
    loaders+=($!)
  done
  serve 1 --backup-to "$(place slow)" --backup-every 2s --backup-log 1s; ready 1
  rm -f "$work/acked"
  for i in $(seq 1 100); do echo "k/$i $(put 1 "k/$i" "v$i")" >>"$work/acked"; sleep 0.1; done
  archived
  touch "$work/enough"
  for i in "${loaders[@]}"; do wait "$i" || true; done
  say "what others were answered: $(sort "$work/slow-codes" | uniq -c | tr '\n' ' ')"
  say "failures that the node told: backups $(metric 1 raftkv_backups_failed_total), log $(metric 1 raftkv_backup_log_failures_total)"
  grep -m 3 -i slowdown "$work/n1.log" || true
  forget
  raftkv restore --from "$(place slow)" --data-dir "$work/n1" >/dev/null
  serve 1; ready 1; holds 1 999999
  forget
  "$here/$store.sh" gateway stop "$work/store"
  "$here/$store.sh" gateway start "$work/store"
}

part_identity() {
  "$here/$store.sh" web-identity "$work/store"
  . "$work/store/env"
  unset AWS_ACCESS_KEY_ID
  local secret=$AWS_SECRET_ACCESS_KEY
  export -n AWS_SECRET_ACCESS_KEY
  export AWS_WEB_IDENTITY_TOKEN_FILE=$WEB_IDENTITY_TOKEN AWS_ROLE_ARN=$WEB_IDENTITY_ROLE AWS_ENDPOINT_URL_STS=$WEB_IDENTITY_STS
  serve 1 --backup-to "$(place identity)" --backup-every 2s --backup-log 1s --backup-keep 2; ready 1
  put 1 greeting hello >/dev/null
  eventually 60 is_done || { tail -n 5 "$work/n1.log"; lost "no backup by a role"; }
  archived
  forget
  raftkv backup list "$(place identity)"
  raftkv restore --from "$(place identity)" --data-dir "$work/n1" >/dev/null
  serve 1; ready 1
  [[ "$(value 1 greeting)" == hello ]] || lost "greeting is not there"
  forget
  (export AWS_ROLE_ARN=arn:aws:iam:::role/nobody; refused "gave no credentials of arn:aws:iam:::role/nobody" raftkv backup list "$(place identity)")
  (export AWS_WEB_IDENTITY_TOKEN_FILE=$WEB_IDENTITY_TOKEN.ended; refused "gave no credentials" raftkv backup list "$(place identity)")
  unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN AWS_ENDPOINT_URL_STS
  . "$work/store/env"
}

"$here/$store.sh" up "$work/store" "$((BASE_PORT + 50))" || lost "the store does not start"
. "$work/store/env"
reopen_directory "$work/store"
parts=("$@")
if ((${#parts[@]} == 0)); then
  parts=(commands cluster large pages wrong)
  [[ "$store" != radosgw ]] || parts+=(tls slow identity)
  [[ -z "$(find /usr/lib -name libfaketime.so.1)" ]] || parts+=(skew)
fi
for part in "${parts[@]}"; do
  echo "== $store: $part"
  "part_$part"
done
echo "ok: $store, ${parts[*]}"
