# What the scripts of this directory share: processes of a server in a directory, by the pids that they wrote down. Sourced.

lost() { echo "FAILED: $*" >&2; exit 1; }

need() { command -v "$1" >/dev/null || { echo "There is no $1 here." >&2; exit 3; }; }

# open_directory DIR PORT
open_directory() {
  dir=$1 port=$2
  mkdir -p "$dir/log" "$dir/pid"
  dir=$(cd "$dir" && pwd)
  echo "$port" >"$dir/port"
}

reopen_directory() { dir=$(cd "$1" && pwd) && port=$(cat "$dir/port"); }

# eventually SECONDS COMMAND…
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.2
  done
}

# start NAME COMMAND…: in the background, with its output in log/NAME.out.
start() {
  local name=$1
  shift
  "$@" </dev/null >>"$dir/log/$name.out" 2>&1 &
  echo $! >"$dir/pid/$name"
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# stop NAME
stop() {
  local pid
  [[ -f "$dir/pid/$1" ]] || return 0
  pid=$(cat "$dir/pid/$1")
  kill -TERM "$pid" 2>/dev/null || true
  eventually 5 is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
  rm -f "$dir/pid/$1"
}

stop_all() {
  local file
  for file in $(ls -t "$dir/pid"); do stop "$file"; done
}

# An authority of its own, and a certificate by it for 127.0.0.1 and localhost.
make_tls() {
  mkdir -p "$dir/tls"
  (
    cd "$dir/tls"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj "/CN=authority of a trial" \
      -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
    openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' >server.ext
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.crt
  ) >"$dir/log/tls.log" 2>&1
}

# write_env KEY SECRET PORT TLS_PORT REGION: what a client needs; TLS_PORT may be empty.
write_env() {
  {
    echo "export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2 AWS_REGION=$5"
    echo "export STORE_ENDPOINT=http://127.0.0.1:$3 STORE_BUCKET=backups"
    [[ -z "$4" ]] || echo "export STORE_TLS_ENDPOINT=https://localhost:$4 STORE_CA=$dir/tls/ca.crt"
  } >"$dir/env"
}

# s3 METHOD PATH [FILE], or s3 many COUNT PATH FILE: a signed request; DIR/env says by whom and where.
s3() { (. "$dir/env" && python3 "$here/s3.py" "$@"); }

make_bucket() { eventually 60 s3 PUT backups || lost "no bucket could be made"; }
