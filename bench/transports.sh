#!/usr/bin/env bash
# Measures whether a .NET client would be faster over etcd's gRPC API than over REST: RaftKv.Client and a generated client, in turn, from one
# process, to the leader of the same three nodes. About five minutes. Prints a Markdown table. Settings come from the environment.
set -euo pipefail

ROUNDS=${ROUNDS:-3}
SECONDS_EACH=${SECONDS_EACH:-5}
WARMUP=${WARMUP:-2}
CALLERS=${CALLERS:-1,64}
VALUE_SIZE=${VALUE_SIZE:-128}
BASE_PORT=${BASE_PORT:-22150}  # 6 ports from 10 above
DATA_ROOT=${DATA_ROOT:-${TMPDIR:-/tmp}}
RAFTKV=${RAFTKV:-}             # path of a published raftkv; empty publishes this tree's
TRANSPORTS=${TRANSPORTS:-}     # directory of a published RaftKv.Transports; empty publishes this tree's

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "$DATA_ROOT/raftkv-transports.XXXXXX")

. "$here/lib.sh"
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

say "building"
if [ -z "$TRANSPORTS" ]; then
  dotnet publish "$here/RaftKv.Transports" -c Release -o "$work/transports" --nologo -v q >&2
  TRANSPORTS="$work/transports"
fi
if [ -z "$RAFTKV" ]; then
  dotnet publish "$root/src/RaftKv" -c Release -o "$work/raftkv" --nologo -v q >&2
  RAFTKV="$work/raftkv/raftkv"
fi

mkdir -p "$work/data"
start raftkv "$work/data"
dotnet "$TRANSPORTS/RaftKv.Transports.dll" --endpoints "$(join "${endpoints[@]}")" --pids "$(join "${pids[@]}")" \
  --rounds "$ROUNDS" --seconds "$SECONDS_EACH" --warmup "$WARMUP" --callers "$CALLERS" --value-size "$VALUE_SIZE"
