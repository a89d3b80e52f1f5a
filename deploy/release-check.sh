#!/usr/bin/env bash
# Installs what deploy/release.sh made on clean prefixes and runs it: deploy/release-check.sh [OUT] (default artifacts/).
# Says for each part what was seen, and "N passed, N failed" at its end. What this machine can't run is said too.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out="$(realpath -m "${1:-artifacts}")"
[[ -f "$out/SHA256SUMS" ]] || { echo "release-check: $out holds no release; deploy/release.sh makes one" >&2; exit 2; }
work="$(mktemp -d)"
node_pid=""
passed=0
failed=0

end_node() {
  if [[ -n "$node_pid" ]]; then
    kill -TERM "$node_pid" 2>/dev/null
    wait "$node_pid" 2>/dev/null
    node_pid=""
  fi
}
trap 'end_node; rm -rf "$work"' EXIT

# check WHAT COMMAND…
check() {
  local what="$1"
  shift
  if "$@" >"$work/output" 2>&1; then
    echo "ok      $what"
    passed=$((passed + 1))
  else
    echo "FAILED  $what"
    sed 's/^/        /' "$work/output" | tail -n 40
    failed=$((failed + 1))
  fi
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serves PROGRAM…: a node begins, takes a write, shows it, and ends with 0 at a SIGTERM. Its log warns of nothing, but of a busy
# machine's pauses. With data_at its data is there, as the program sees it.
serves() {
  local port peer data
  port="$(free_port)"
  peer="$(free_port)"
  data="$(mktemp -d "$work/data.XXXX")"
  "$@" serve --data-dir "${data_at:-$data/n1}" --client "http://127.0.0.1:$port" --peer "http://127.0.0.1:$peer" >"$data/log" 2>&1 &
  node_pid=$!
  local i
  for i in {1..600}; do
    curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && break
    kill -0 "$node_pid" 2>/dev/null || break
    sleep 0.2
  done
  if ! { curl -sf -X PUT --data-binary hello "http://127.0.0.1:$port/api/v1/kv/greeting" >/dev/null \
    && [[ "$(curl -sf "http://127.0.0.1:$port/api/v1/kv/greeting?raw")" == hello ]] \
    && curl -sf "http://127.0.0.1:$port/dashboard" >/dev/null \
    && curl -sf "http://127.0.0.1:$port/openapi/v1.json" >/dev/null \
    && "$@" health --endpoint "http://127.0.0.1:$port" \
    && ! grep -Ei 'warn|fail|crit' "$data/log" | grep -v 'RaftKv\[1004\]'; }; then
    cat "$data/log"
    end_node
    return 1
  fi
  kill -TERM "$node_pid"
  wait "$node_pid"
  local code=$?
  node_pid=""
  [[ $code == 0 ]] || { echo "it ended with $code"; cat "$data/log"; return 1; }
}

sums() { (cd "$out" && sha256sum --quiet -c SHA256SUMS && [[ "$(find . -type f | wc -l)" == $(($(wc -l <SHA256SUMS) + 1)) ]]); }

# tool NAME: installed as a dotnet tool from the packages alone.
tool() {
  cat >"$work/nuget.config" <<EOF
<configuration><packageSources><clear /><add key="here" value="$out/nuget" /></packageSources></configuration>
EOF
  local version
  version="$(basename "$(ls "$out/nuget/$1".[0-9]*.nupkg)" .nupkg)"
  dotnet tool install "$1" --version "${version#"$1".}" --tool-path "$work/tools" --configfile "$work/nuget.config"
}

# nuget FILE: has a README, a licence, symbols beside it (but for analyzers, which compilers load), and its own commit.
nuget() {
  local list
  list="$(unzip -l "$1")" || return 1
  grep -q 'README.md' <<<"$list" || { echo "no README"; return 1; }
  [[ -f "${1%.nupkg}.snupkg" || $1 == *.Analyzers.* ]] || { echo "no symbols"; return 1; }
  unzip -p "$1" '*.nuspec' | grep -q '<license type="expression">Apache-2.0</license>' || { echo "no licence"; return 1; }
  unzip -p "$1" '*.nuspec' | grep -q "commit=\"$(git rev-parse HEAD)\"" || { echo "not of this commit"; return 1; }
}

# files_of_deb FILE: what must be in it, and that nothing of it can be written by others.
files_of_deb() {
  local list
  list="$(dpkg-deb -c "$1")" || return 1
  local path
  for path in ./usr/lib/raftkv/raftkv ./usr/bin/raftkv ./usr/lib/systemd/system/raftkv.service ./etc/raftkv/raftkv.env ./usr/share/doc/raftkv/copyright; do
    grep -q " $path\( \|\$\)" <<<"$list" || { echo "$path is missing"; return 1; }
  done
  ! grep -v '^l' <<<"$list" | grep -E '^.{5}w|^.{8}w|^.{10} [^r]' || { echo "others may write"; return 1; }
  dpkg-deb -f "$1" Package Version Architecture Depends
  dpkg-deb -e "$1" "$work/control" && bash -n "$work/control/postinst" && bash -n "$work/control/prerm" && bash -n "$work/control/postrm"
}

# installs FILE: by dpkg into an empty root, without running its scripts, which are about users and systemd of a whole system.
installs() {
  local root="$work/root"
  mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info"
  touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
  dpkg --root="$root" --force-not-root --force-depends --unpack "$1" || return 1
  [[ "$(dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Package}' raftkv)" == raftkv ]]
}

unit() { systemd-analyze verify "$work/root/usr/lib/systemd/system/raftkv.service" 2>&1 | grep -v 'is not executable' | grep 'raftkv.service' && return 1 || return 0; }

# single_file ARCHIVE: one program for its platform, with its licence and its settings, and nothing else.
single_file() {
  local name program
  name="$(basename "$1" .tar.gz)"
  mkdir -p "$work/bin" && tar -C "$work/bin" -xzf "$1" || return 1
  program=raftkv
  if [[ $name == *-win-* ]]; then program=raftkv.exe; fi
  [[ "$(cd "$work/bin/$name" && LC_ALL=C ls | xargs)" == "LICENSE appsettings.json $program" ]] || { ls -l "$work/bin/$name"; return 1; }
  runs_on "$name" "$work/bin/$name/$program"
}

# runs_on NAME PROGRAM: what its first bytes say it is a program of. The systems that are not here could say more.
runs_on() {
  local kind
  kind="$(file -b "$2")"
  case "$1" in
    *-linux-x64) [[ $kind == "ELF 64-bit"*x86-64* ]] ;;
    *-linux-arm64) [[ $kind == "ELF 64-bit"*aarch64* ]] ;;
    *-win-x64) [[ $kind == PE32+*x86-64* ]] ;;
    *-osx-arm64) [[ $kind == "Mach-O 64-bit"*arm64* ]] && signed "$2" ;;
    *) false ;;
  esac || { echo "$2 is $kind"; return 1; }
}

# signed PROGRAM: macOS runs no program for its own processors that has no signature, be it nobody's.
signed() {
  python3 - "$1" <<'EOF'
import struct, sys

with open(sys.argv[1], "rb") as program:
    count = struct.unpack("<8I", program.read(32))[4]
    for _ in range(count):
        command, size = struct.unpack("<2I", program.read(8))
        rest = program.read(size - 8)
        if command == 0x1D:  # LC_CODE_SIGNATURE
            program.seek(struct.unpack("<I", rest[:4])[0])
            sys.exit(0 if program.read(4) == b"\xfa\xde\x0c\xc0" else "the signature is none")
sys.exit("it has no signature")
EOF
}

# image FILE: an archive of an image, whose layers are the ones that it says, with the program of its platform. As root, what is in it
# serves as the image's own user, with nothing of this machine's files in sight.
image() {
  local root
  root="$(mktemp -d "$work/image.XXXX")"
  chmod 0755 "$root"
  python3 - "$1" "$root" <<'EOF' || return 1
import hashlib, json, sys, tarfile

with tarfile.open(sys.argv[1]) as image:
    manifest = json.load(image.extractfile("manifest.json"))[0]
    config = json.load(image.extractfile(manifest["Config"]))
    for name, digest in zip(manifest["Layers"], config["rootfs"]["diff_ids"], strict=True):
        data = image.extractfile(name)
        if "sha256:" + hashlib.file_digest(data, "sha256").hexdigest() != digest:
            sys.exit(name + " is not what the image says")
        data.seek(0)
        with tarfile.open(fileobj=data) as layer:
            layer.extractall(sys.argv[2])
    if (config["config"]["User"], config["config"]["Entrypoint"]) != ("1654", ["/usr/lib/raftkv/raftkv"]):
        sys.exit(config)
EOF
  case "$1" in
    *-amd64.tar) runs_on raftkv-linux-x64 "$root/usr/lib/raftkv/raftkv" || return 1 ;;
    *-arm64.tar) runs_on raftkv-linux-arm64 "$root/usr/lib/raftkv/raftkv" || return 1 ;;
    *) return 1 ;;
  esac
  if [[ $1 != *-"$arch".tar || $(id -u) != 0 ]] || ! unshare --mount true 2>/dev/null; then
    echo "not run: that takes root, and a machine of its kind"
    return 0
  fi
  mkdir -p "$root/proc" "$root/dev"
  data_at=/data/n1 serves unshare --mount bash -c \
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot --userspec=1654:1654 "$0" /usr/lib/raftkv/raftkv "$@"' "$root"
}

# dev PROGRAM…: three nodes by one command, without a warning but of a busy machine's pauses; a write through one is read through another.
dev() {
  local port data i
  data="$(mktemp -d "$work/dev.XXXX")"
  # Thirty ports from there.
  port="$(free_port)"
  port=$((port > 60000 ? port - 10000 : port))
  "$@" dev --base-port "$port" --data-dir "$data/nodes" >"$data/log" 2>&1 &
  node_pid=$!
  for i in {1..600}; do
    grep -q '^RaftKv is ready' "$data/log" && break
    kill -0 "$node_pid" 2>/dev/null || break
    sleep 0.2
  done
  if ! { curl -sf -X PUT --data-binary hello "http://127.0.0.1:$port/api/v1/kv/greeting" >/dev/null \
    && [[ "$(curl -sf "http://127.0.0.1:$((port + 10))/api/v1/kv/greeting?raw")" == hello ]] \
    && ! grep -Ei 'warn|fail|crit' "$data/log" | grep -v 'RaftKv\[1004\]'; }; then
    cat "$data/log"
    end_node
    return 1
  fi
  end_node
}

# helm_program FILE: Helm, as an npm package has it in an archive.
helm_program() {
  local layer
  layer="$(find tools/helm/node_modules/@aws-cdk -name '*.zip' | head -n 1)"
  unzip -p "$layer" helm/helm >"$1" && chmod +x "$1" && "$1" version --short
}

# chart FILE: Helm itself finds nothing wrong with it, and renders it; its schema refuses values that can't be.
chart() {
  helm_program "$work/helm" && "$work/helm" lint --strict "$1" && "$work/helm" template raftkv "$1" >"$work/chart.yaml" \
    && grep -q '^kind: StatefulSet' "$work/chart.yaml" && ! "$work/helm" template raftkv "$1" --set replicas=2 >/dev/null 2>&1
}

rules() { promtool check rules deploy/prometheus/raftkv.rules.yml && (cd deploy/prometheus && promtool test rules raftkv.rules.test.yml); }

wheel() { (cd "$work" && tar -xzf "$1" && cd raftkv-python-* && python3 -B -c 'import raftkv; raftkv.RaftKv("http://127.0.0.1:1")'); }

typescript() {
  mkdir "$work/typescript" && tar -C "$work/typescript" -xzf "$1" || return 1
  (cd "$work/typescript/package" && node --input-type=module -e 'const client = await import(process.cwd() + "/dist/src/index.js"); if (!client.RaftKv) process.exit(1);')
}

check "checksums are those of all files" sums
for package in "$out"/nuget/*.nupkg; do
  check "$(basename "$package") has README, licence, symbols and commit" nuget "$package"
done
for name in raftkv raftkvctl; do
  if compgen -G "$out/nuget/$name.[0-9]*.nupkg" >/dev/null; then
    check "$name installs as a dotnet tool" tool "$name"
  fi
done
check "the tool serves" serves "$work/tools/raftkv"
check "the tool's dev starts three nodes that warn of nothing" dev "$work/tools/raftkv"
check "raftkvctl helps" "$work/tools/raftkvctl" --help
for archive in "$out"/bin/*.tar.gz; do
  check "$(basename "$archive") is one program for its platform" single_file "$archive"
done
case "$(uname -sm)" in
  "Linux x86_64") rid=linux-x64 arch=amd64 ;;
  "Linux aarch64") rid=linux-arm64 arch=arm64 ;;
  *) rid=none arch=none ;;
esac
program="$(compgen -G "$work/bin/raftkv-*-$rid/raftkv" || true)"
for other in linux-x64 linux-arm64 win-x64 osx-arm64; do
  if [[ $other != "$rid" ]] && compgen -G "$work/bin/raftkv-*-$other" >/dev/null; then
    echo "--      the program of $other was not started: this is $(uname -sm)"
  fi
done
if [[ -n "$program" ]]; then
  check "the single file of $rid serves where there is no .NET" serves env -u DOTNET_ROOT PATH=/usr/bin:/bin "$program"
else
  echo "--      no program of this machine ($(uname -sm)) is in the release: none was started"
fi
if ! compgen -G "$out/deb/*.deb" >/dev/null; then
  echo "--      no Debian package is in the release"
elif command -v dpkg-deb >/dev/null; then
  for package in "$out"/deb/*.deb; do
    check "$(basename "$package") has its files, readable by all and writable by root" files_of_deb "$package"
  done
  package="$(compgen -G "$out/deb/raftkv_*_$arch.deb" || true)"
  if [[ -n "$package" ]]; then
    check "$(basename "$package") installs into an empty root" installs "$package"
    check "what it installed serves" serves "$work/root/usr/bin/raftkv"
    if [[ $(id -u) == 0 ]] && unshare --mount true 2>/dev/null; then
      check "$(basename "$package") installs in a chroot, serves as its own user, and goes again" deploy/chroot-check.sh "$package"
    else
      echo "--      no chroot: that takes root"
    fi
    if command -v systemd-analyze >/dev/null; then
      check "systemd understands its unit" unit
    else
      echo "--      no systemd-analyze here: nobody read the unit"
    fi
  else
    echo "--      no package of this machine ($(uname -sm)) is in the release: none was installed"
  fi
else
  echo "--      no dpkg-deb here: the Debian packages were not opened"
fi
if compgen -G "$out/image/*.tar" >/dev/null; then
  for archive in "$out"/image/*.tar; do
    check "$(basename "$archive") is an image of its layers; that of $arch serves as its own user" image "$archive"
  done
else
  echo "--      no image is in the release"
fi
if [[ $rid == linux-x64 ]] && command -v npm >/dev/null && (cd tools/helm && npm ci --silent); then
  check "Helm takes the chart" chart "$(ls "$out"/chart/raftkv-*.tgz)"
else
  echo "--      no Helm here: the chart was not given to it"
fi
if command -v promtool >/dev/null; then
  check "promtool takes the alert rules, and each fires when its test says" rules
else
  echo "--      no promtool here: the alert rules were not asked for"
fi
check "the Python client is importable" wheel "$(ls "$out"/clients/raftkv-python-*.tar.gz)"
if compgen -G "$out/clients/*.tgz" >/dev/null && command -v node >/dev/null; then
  check "the TypeScript client is importable" typescript "$(ls "$out"/clients/*.tgz)"
else
  echo "--      no TypeScript client in the release, or no node here: it was not loaded"
fi
check "the bill of materials is JSON" python3 -m json.tool "$(ls "$out"/*.cdx.json)"

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[[ $failed == 0 ]]
