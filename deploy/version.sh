#!/usr/bin/env bash
# Prints the version that a release of this commit has. With a tag (v1.2.3, or v1.2.3-rc.1 before it) that is the tag's, which must be the one of
# Directory.Build.props, since that one is said in the chart and the clients, too. Without a tag it is that one with the commit behind it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
said="$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props)"
if ! tag="$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null)"; then
  # The letter keeps a commit of digits only from being a number, which may not begin with a zero (semver.org, 9).
  echo "$said-dev.g$(git rev-parse --short=10 HEAD)"
  exit
fi
version="${tag#v}"
if ! [[ "$version" =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  echo "release: the tag $tag is no version; v1.2.3 and v1.2.3-rc.1 are" >&2
  exit 1
fi
if [[ "${version%%-*}" != "$said" ]]; then
  echo "release: the tag says $version, and Directory.Build.props $said; one of them is wrong" >&2
  exit 1
fi
echo "$version"
