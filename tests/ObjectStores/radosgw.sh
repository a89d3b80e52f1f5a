#!/usr/bin/env bash
# A real Ceph on this machine, as small as it gets (a monitor, an OSD in memory, the S3 gateway), in a directory of its own and
# without a service of the system's: Debian's packages radosgw, ceph-mon, ceph-osd, ceph-common.
#   radosgw.sh up DIR PORT [OPTION…]   starts it; DIR/env has what a client needs. OPTION goes to the gateway, as --rgw_…=…
#   radosgw.sh gateway stop|start DIR [OPTION…]   the gateway alone
#   radosgw.sh web-identity DIR        an issuer of tokens, a role that its tokens are exchanged for; adds to DIR/env
#   radosgw.sh down DIR                stops all of it
#   radosgw.sh run DIR PORT            up; "ready" on standard output; down when standard input ends
# PORT serves http, PORT+1 https by an authority of its own (DIR/tls/ca.crt), PORT+2 the monitor, PORT+3 the issuer.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/lib.sh"
PATH="$PATH:/usr/sbin:/sbin"

KEY=RAFTKVTRIALKEY000001
SECRET=a-secret-of-the-trials-only
ROLE=backups

ceph_() { CEPH_CONF="$dir/ceph.conf" timeout 60 ceph --connect-timeout 30 "$@"; }
admin() { CEPH_CONF="$dir/ceph.conf" timeout 120 radosgw-admin "$@"; }

configure() {
  mkdir -p "$dir/mon" "$dir/osd" "$dir/rgw" "$dir/run" "$dir/log"
  cat >"$dir/ceph.conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$((port + 2))/0]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
ms mon client mode = crc
ms client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 8589934592
osd op num shards = 2
osd op num threads per shard = 1

run dir = $dir/run
admin socket = $dir/run/\$name.asok
log file = $dir/log/\$name.log
mon cluster log file = $dir/log/cluster.log
crash dir = $dir/run
keyring = $dir/keyring
mon data = $dir/mon
mon data avail crit = 1
mon data avail warn = 2
osd data = $dir/osd
rgw data = $dir/rgw
rgw rados pool pg num min = 1
rgw enable usage log = false
rgw enable ops log = false
rgw s3 auth use sts = true
rgw sts key = a-key-of-16-char
rgw thread pool size = 32
rgw verify ssl = false
debug ms = 0
CONF
}

start_cluster() {
  ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' >"$dir/log/setup.log" 2>&1
  monmaptool --create --fsid "$(sed -n 's/^fsid = //p' "$dir/ceph.conf")" --addv a "[v2:127.0.0.1:$((port + 2))]" "$dir/monmap" \
    >>"$dir/log/setup.log" 2>&1
  ceph-mon -c "$dir/ceph.conf" --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring" >>"$dir/log/setup.log" 2>&1
  start mon ceph-mon -c "$dir/ceph.conf" -i a -f
  eventually 60 ceph_ mon stat || lost "the monitor does not answer"
  local id
  id=$(cat /proc/sys/kernel/random/uuid)
  ceph_ osd new "$id" >>"$dir/log/setup.log" 2>&1
  ceph-osd -c "$dir/ceph.conf" -i 0 --mkfs --osd-uuid "$id" >>"$dir/log/setup.log" 2>&1
  ceph_ osd crush add osd.0 1.0 host=here root=default >>"$dir/log/setup.log" 2>&1
  start osd ceph-osd -c "$dir/ceph.conf" -i 0 -f
  eventually 60 osd_is_up || lost "the OSD does not come up"
}

osd_is_up() { ceph_ osd stat | grep -q '1 up'; }

start_gateway() {
  local tls="ssl_endpoint=127.0.0.1:$((port + 1)) ssl_certificate=$dir/tls/server.crt ssl_private_key=$dir/tls/server.key"
  start gateway radosgw -c "$dir/ceph.conf" -n client.rgw.a -f --rgw_frontends="beast endpoint=127.0.0.1:$port $tls" "$@"
  eventually 120 curl -s -o /dev/null -m 5 "http://127.0.0.1:$port/" || lost "the gateway does not answer"
}

up() {
  for command in ceph-mon ceph-osd radosgw radosgw-admin ceph ceph-authtool monmaptool curl openssl python3; do need "$command"; done
  configure
  make_tls
  start_cluster
  start_gateway "$@"
  admin user create --uid trial --display-name trial --access-key "$KEY" --secret-key "$SECRET" >"$dir/log/user.json"
  write_env "$KEY" "$SECRET" "$port" "$((port + 1))" us-east-1
  make_bucket
}

# Static files do for an issuer: its key's certificate, where the gateway looks for it, and a token that it has signed.
web_identity() {
  local web="$dir/issuer" issuer="http://127.0.0.1:$((port + 3))" x5c print
  mkdir -p "$web/protocol/openid-connect" "$web/.well-known"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/issuer.key" -out "$dir/issuer.crt" -days 2 -subj /CN=issuer 2>/dev/null
  x5c=$(openssl x509 -in "$dir/issuer.crt" -outform DER | base64 -w0)
  print=$(openssl x509 -in "$dir/issuer.crt" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
  printf '{"keys":[{"kid":"1","kty":"RSA","alg":"RS256","use":"sig","x5c":["%s"]}]}' "$x5c" >"$web/protocol/openid-connect/certs"
  printf '{"issuer":"%s","jwks_uri":"%s/protocol/openid-connect/certs"}' "$issuer" "$issuer" >"$web/.well-known/openid-configuration"
  start issuer python3 -m http.server --bind 127.0.0.1 --directory "$web" "$((port + 3))"
  eventually 20 curl -sf -o /dev/null "$issuer/.well-known/openid-configuration" || lost "the issuer does not answer"

  admin caps add --uid=trial --caps='oidc-provider=*;roles=*' >/dev/null
  curl -sS -f --aws-sigv4 aws:amz:us-east-1:iam --user "$KEY:$SECRET" -X POST "http://127.0.0.1:$port/" \
    --data "Action=CreateOpenIDConnectProvider&ThumbprintList.member.1=$print&ClientIDList.member.1=raftkv&Url=$issuer" \
    >"$dir/log/provider.xml" || lost "the gateway takes no provider of identities"
  local provider="arn:aws:iam:::oidc-provider/127.0.0.1:$((port + 3))"
  local who="{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":[\"$provider\"]},\"Action\":[\"sts:AssumeRoleWithWebIdentity\"]}"
  admin role create --role-name "$ROLE" --assume-role-policy-doc "{\"Version\":\"2012-10-17\",\"Statement\":[$who]}" >"$dir/log/role.json"
  local what='{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::*"}'
  admin role-policy put --role-name "$ROLE" --policy-name store --policy-doc "{\"Version\":\"2012-10-17\",\"Statement\":[$what]}" >/dev/null
  issue_token "$issuer" 3600 >"$dir/token"
  issue_token "$issuer" -3600 >"$dir/token.ended"
  {
    echo "export WEB_IDENTITY_TOKEN=$dir/token"
    echo "export WEB_IDENTITY_ROLE=arn:aws:iam:::role/$ROLE"
    echo "export WEB_IDENTITY_STS=http://127.0.0.1:$port"
  } >>"$dir/env"
}

# issue_token ISSUER SECONDS: a token in the issuer's name, signed RS256, that ends so many seconds from now.
issue_token() {
  local now head body
  now=$(date +%s)
  head=$(printf '{"alg":"RS256","typ":"JWT","kid":"1"}' | base64url)
  body=$(printf '{"iss":"%s","sub":"system:serviceaccount:store:raftkv","aud":"raftkv","azp":"raftkv","client_id":"raftkv","iat":%d,"exp":%d}' \
    "$1" $((now - 7200)) $((now + $2)) | base64url)
  printf '%s.%s.%s' "$head" "$body" "$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$dir/issuer.key" -binary | base64url)"
}

base64url() { base64 -w0 | tr '+/' '-_' | tr -d '='; }

case "${1:-}" in
  up) open_directory "$2" "$3"; shift 3; up "$@" ;;
  run) open_directory "$2" "$3"; shift 3; trap stop_all EXIT; up "$@"; echo ready; cat >/dev/null ;;
  gateway)
    reopen_directory "$3"
    if [[ "$2" == stop ]]; then stop gateway; else shift 3; start_gateway "$@"; fi ;;
  web-identity) reopen_directory "$2"; web_identity ;;
  down) reopen_directory "$2"; stop_all ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
