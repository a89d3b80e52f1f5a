#!/usr/bin/env bash
# Makes a container image without Docker, from a program that deploy/release.sh published: deploy/image.sh PROGRAM ARCH VERSION FILE.tar
# ARCH is amd64 or arm64. FILE is an archive as "docker save" makes it, for "docker load" and "podman load". The base is one layer of Debian's own packages,
# which is why this needs Debian's apt-get; nothing of it is run. The same packages and the same program give the same bytes.
set -euo pipefail
if [[ $# != 4 || ! -f "$1" || ! "$2" =~ ^(amd64|arm64)$ ]]; then
  echo "usage: deploy/image.sh PROGRAM amd64|arm64 VERSION FILE.tar" >&2
  exit 2
fi
program="$(realpath "$1")" arch="$2" version="$3" file="$(realpath -m "$4")"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# The image's user, who is nobody here, must be able to read all of it, whatever the umask of whom makes it.
umask 022
made_at="$(git log -1 --format=%ct)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# apt's lists for that kind of machine, apart from this machine's own.
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/debs" "$work/base" "$work/program/usr/lib/raftkv"
touch "$work/apt/status"
options=(-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "Dir::State=$work/apt" -o "Dir::State::status=$work/apt/status"
  -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
apt-get -qq "${options[@]}" update
# Debian 13 calls it by another name.
ssl=libssl3
if [[ -n "$(apt-cache "${options[@]}" show libssl3t64 2>/dev/null)" ]]; then ssl=libssl3t64; fi
(cd "$work/debs" && apt-get -qq "${options[@]}" download libc6 libgcc-s1 libstdc++6 "$ssl" zlib1g ca-certificates tzdata)
for package in "$work"/debs/*.deb; do
  dpkg-deb -x "$package" "$work/base"
done
rm -rf "$work"/base/usr/share/{man,lintian,locale} "$work"/base/usr/{sbin,bin} "$work"/base/sbin
# Whose the packages are, and under which terms, goes with them; what else they tell of themselves does not.
find "$work/base/usr/share/doc" ! -type d ! -name copyright -delete
find "$work/base/usr/share/doc" -mindepth 1 -type d -empty -delete
mkdir -p "$work/base/etc/ssl/certs" "$work/base/tmp" "$work/base/data"
# What the package's own script would put together.
cat "$work"/base/usr/share/ca-certificates/mozilla/*.crt >"$work/base/etc/ssl/certs/ca-certificates.crt"
echo "app:x:1654:1654::/tmp:/usr/sbin/nologin" >"$work/base/etc/passwd"
echo "app:x:1654:" >"$work/base/etc/group"
chmod 1777 "$work/base/tmp"
install -m 0755 "$program" "$work/program/usr/lib/raftkv/raftkv"
install -D -m 0644 LICENSE "$work/program/usr/share/doc/raftkv/copyright"

python3 - "$work" "$arch" "$version" "$made_at" "$file" <<'EOF'
import hashlib, io, json, os, sys, tarfile, time

work, arch, version, made_at, out = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]


def clean(entry):
    entry.mtime, entry.uname, entry.gname = made_at, "", ""
    # Only the data belongs to the user that writes it.
    entry.uid = entry.gid = 1654 if entry.name == "data" else 0
    return entry


def layer(folder):
    path = os.path.join(work, folder + ".tar")
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(os.listdir(os.path.join(work, folder))):
            tar.add(os.path.join(work, folder, name), arcname=name, filter=clean)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path


layers = [layer("base"), layer("program")]
at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made_at))
config = json.dumps({
    "architecture": arch, "os": "linux", "created": at,
    "config": {
        "User": "1654",
        "ExposedPorts": {"2379/tcp": {}, "2380/tcp": {}},
        "Volumes": {"/data": {}},
        "Env": ["PATH=/usr/lib/raftkv", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
        "Entrypoint": ["/usr/lib/raftkv/raftkv"],
        "Cmd": ["serve", "--data-dir", "/data", "--client", "http://0.0.0.0:2379", "--peer", "http://0.0.0.0:2380", "--insecure"],
        "Healthcheck": {"Test": ["CMD", "/usr/lib/raftkv/raftkv", "health"], "Interval": 5 * 10**9, "Timeout": 3 * 10**9,
                        "StartPeriod": 15 * 10**9, "Retries": 3},
        "StopSignal": "SIGTERM",
        "Labels": {"org.opencontainers.image.version": version, "org.opencontainers.image.licenses": "Apache-2.0"},
    },
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for digest, _ in layers]},
    "history": [{"created": at, "created_by": "deploy/image.sh: " + what} for what in ("Debian's packages", "raftkv")],
}, sort_keys=True).encode()
name = hashlib.sha256(config).hexdigest() + ".json"
tag = version.replace("+", "-")
manifest = json.dumps([{"Config": name, "RepoTags": ["raftkv:" + tag], "Layers": [digest + ".tar" for digest, _ in layers]}]).encode()


def add(tar, name, data, size):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = size, made_at
    tar.addfile(entry, data)


with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
    for text, data in ((name, config), ("manifest.json", manifest)):
        add(tar, text, io.BytesIO(data), len(data))
    for digest, path in layers:
        with open(path, "rb") as data:
            add(tar, digest + ".tar", data, os.path.getsize(path))
EOF
