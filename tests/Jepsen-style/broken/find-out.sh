#!/bin/sh
# Breaks a copy of the server on purpose, one patch at a time, and runs the suite against it: each must be found out.
#   tests/Jepsen-style/broken/find-out.sh [PATCH…]      PATCH is a name beside this file, without ".patch"; none means all
# Results stay in OUT (default: a new directory under /tmp), with history, timeline and repro.sh. Exit 0: all were found.
# SEED and SECONDS_EACH change the runs; SUITE names a suite that is built already.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${OUT:-$(mktemp -d /tmp/raftkv-broken-XXXXXX)}
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false DOTNET_NOLOGO=1
mkdir -p "$out/tree/tests"
out=$(cd "$out" && pwd)
[ $# -gt 0 ] || set -- read-without-quorum repeat-runs-again watch-starts-late fence-not-checked full-store-refuses-deletions full-store-stays-full restore-begins-near restore-keeps-locks session-of-before

# What shows which sabotage: workload and nemesis.
way() {
  case $1 in
    read-without-quorum) echo "register pause-cut" ;;
    repeat-runs-again) echo "counter-retry kill-leader" ;;
    watch-starts-late) echo "watch kill-leader" ;;
    fence-not-checked) echo "lock pause" ;;
    full-store-*) echo "quota kill" ;;
    restore-* | session-of-before) echo "restore restore" ;;
    *) echo "No such patch: $1" >&2; return 1 ;;
  esac
}

cp -R "$root/src" "$root"/Directory.*.props "$root/global.json" "$root/RaftKv.sln" "$out/tree/"
find "$out/tree/src" -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
suite=${SUITE:-$root/tests/Jepsen-style/bin/Release/net10.0/RaftKv.JepsenStyle.dll}
[ -n "${SUITE:-}" ] || dotnet build "$root/tests/Jepsen-style" -c Release -v quiet

missed=0
for name in "$@"; do
  ways=$(way "$name")
  (cd "$out/tree" && git apply "$here/$name.patch" && dotnet build src/RaftKv -c Release -v quiet)
  started=$(date +%s)
  code=0
  # shellcheck disable=SC2086
  dotnet "$suite" run --workload ${ways% *} --nemesis ${ways#* } --time "${SECONDS_EACH:-20}" --seed "${SEED:-7}" \
    --server "$out/tree/src/RaftKv/bin/Release/net10.0/raftkv.dll" --out "$out/$name" >"$out/$name.txt" 2>&1 || code=$?
  took=$(($(date +%s) - started))
  if [ "$code" -eq 1 ]; then
    echo "$name: found out by ${ways% *} × ${ways#* } in $took s"
    grep -m 3 "^  " "$out/$name.txt" || true
  else
    echo "$name: NOT found out by ${ways% *} × ${ways#* } (exit code $code, $took s)"
    missed=1
  fi
  (cd "$out/tree" && git apply -R "$here/$name.patch")
done

echo "results: $out"
exit $missed
