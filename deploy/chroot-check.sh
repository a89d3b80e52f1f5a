#!/usr/bin/env bash
# Installs a Debian package in a chroot with dpkg and its scripts, runs what it installed as its own user, installs it again over changed
# settings, removes and purges it: deploy/chroot-check.sh PACKAGE.deb. The chroot is this machine's files under an overlay in memory, in a
# mount namespace of its own, so nothing of it stays. Needs root, and Debian with what the package depends on.
set -euo pipefail
package="$(realpath "$1")"
if [[ -z "${RAFTKV_CHROOT:-}" ]]; then
  base="$(mktemp -d)"
  trap 'rmdir "$base"' EXIT
  RAFTKV_CHROOT="$base" unshare --mount "$0" "$package"
  exit
fi

cd "$RAFTKV_CHROOT"
mount -t tmpfs tmpfs "$RAFTKV_CHROOT"
cd "$RAFTKV_CHROOT"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
mount --bind /dev root/dev
mount -t proc proc root/proc
cp "$package" root/tmp/raftkv.deb
node_pid=""
trap '[[ -z "$node_pid" ]] || kill -KILL "$node_pid" 2>/dev/null' EXIT

inside() { chroot root env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
expect() { # WHAT IS WANTED
  [[ "$2" == "$3" ]] || { echo "$1 is \"$2\", not \"$3\""; return 1; }
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

inside dpkg --install /tmp/raftkv.deb
expect "the package's state" "$(inside dpkg-query -W -f '${Status}' raftkv)" "install ok installed"
expect "what differs from the package" "$(inside dpkg --verify raftkv)" ""
expect "the user's shell" "$(inside getent passwd raftkv | cut -d: -f6,7)" "/var/lib/raftkv:/usr/sbin/nologin"

# As systemd makes it (StateDirectory) and starts it.
inside install -d -o raftkv -g raftkv -m 0700 /var/lib/raftkv
port="$(free_port)"
chroot --userspec=raftkv:raftkv root env -i HOME=/var/lib/raftkv PATH=/usr/bin:/bin \
  /usr/bin/raftkv serve --data-dir /var/lib/raftkv --client "http://127.0.0.1:$port" --peer "http://127.0.0.1:$(free_port)" >log 2>&1 &
node_pid=$!
for _ in {1..600}; do
  curl -sf -o ready "http://127.0.0.1:$port/readyz" && break
  kill -0 "$node_pid" 2>/dev/null || break
  sleep 0.2
done
if ! { curl -sf -o put -X PUT --data-binary hello "http://127.0.0.1:$port/api/v1/kv/greeting" \
  && expect "the value" "$(curl -sf "http://127.0.0.1:$port/api/v1/kv/greeting?raw")" hello; }; then
  cat log
  exit 1
fi
kill -TERM "$node_pid"
code=0
wait "$node_pid" || code=$?
node_pid=""
expect "the exit code after a SIGTERM" "$code" 0
[[ ! -e root/var/lib/raftkv/.net ]] || { echo "the program unpacked itself into its data"; exit 1; }

echo "# changed" >>root/etc/raftkv/raftkv.env
inside dpkg --force-confold --install /tmp/raftkv.deb
expect "the last line of the settings" "$(tail -n 1 root/etc/raftkv/raftkv.env)" "# changed"
inside dpkg --remove raftkv
[[ -e root/etc/raftkv/raftkv.env && ! -e root/usr/lib/raftkv/raftkv && -e root/var/lib/raftkv/lock ]]
inside dpkg --purge raftkv
# The data is a member's identity: nothing but its owner takes it away.
[[ ! -e root/etc/raftkv/raftkv.env && -e root/var/lib/raftkv/lock ]]
echo "installed, served as raftkv, installed again, removed and purged"
