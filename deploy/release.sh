#!/usr/bin/env bash
# Makes all that a release consists of, from a clean clone: deploy/release.sh [OUT] (default artifacts/). OUT is made anew: it may be empty, or
# hold an earlier release, and nothing else. deploy/version.sh says which version it is.
#   nuget/    packages and symbols; raftkv and raftkvctl are dotnet tools
#   bin/      one file of native code for each platform, nothing to install beside it
#   deb/      Debian packages with the systemd unit
#   image/    container images as archives, for "docker load" and "podman load"
#   chart/    the Helm chart
#   clients/  the Python client's sources, and the TypeScript client where there is npm
#   raftkv-VERSION.cdx.json   what the server is made of (CycloneDX)
#   SHA256SUMS
# RIDS="linux-x64" makes fewer. deploy/release-check.sh OUT installs and runs what came out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out="$(realpath -m "${1:-artifacts}")"
rids="${RIDS:-linux-x64 linux-arm64 win-x64 osx-arm64}"

for tool in dotnet git gzip sha256sum tar; do
  command -v "$tool" >/dev/null || { echo "release: there is no $tool here" >&2; exit 1; }
done
# What is in OUT goes. An earlier release is known by its checksums.
if [[ -e "$out" && ! -f "$out/SHA256SUMS" && -n "$(ls -A "$out")" ]]; then
  echo "release: $out holds something that is no release; name another folder, or empty it" >&2
  exit 1
fi
version="$(deploy/version.sh)"
# Debian sorts 1.0~dev before 1.0.
deb_version="${version/-/\~}"
commit_time="$(git log -1 --format=%ct)"
[[ -z "$(git status --porcelain)" ]] || { echo "release: the tree has changes that no commit has" >&2; exit 1; }
echo "release: version $version into $out"
rm -rf "$out"
mkdir -p "$out/nuget" "$out/bin" "$out/deb" "$out/image" "$out/chart" "$out/clients"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 CI=true
# The analyzers have judged the commit before it was merged.
common=(-c Release -p:Version="$version" -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false -v quiet)

# pack_tar FILE FOLDER NAME: FOLDER/NAME as a tar whose bytes depend on the content only.
pack_tar() {
  tar -C "$2" --sort=name --owner=0 --group=0 --numeric-owner --mode='u+rwX,go+rX,go-w' --mtime="@$commit_time" -cf - "$3" | gzip -n >"$1"
}

for project in src/*/*.csproj src/Integrations/*/*.csproj; do
  if [[ -f "$project" ]] && grep -q '<IsPackable>true' "$project"; then
    echo "release: pack $project"
    dotnet pack "$project" "${common[@]}" -o "$out/nuget"
  fi
done

for rid in $rids; do
  echo "release: publish for $rid"
  # What an earlier build left would pass for this one's below.
  find src/RaftKv/obj -path "*/$rid/R2R/*" -name RaftKv.Core.dll -delete 2>/dev/null || true
  # Native code for what is ours and our packages'; .NET itself brings its own, which a composite would make anew.
  dotnet publish src/RaftKv/RaftKv.csproj "${common[@]}" -r "$rid" --self-contained -p:PublishReadyToRunComposite=false \
    -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true -p:DebugType=embedded -p:PackAsTool=false -o "$work/$rid"
  # Cross-compiled, with the runtime's packages for that platform: what could not be had may not pass in silence.
  [[ -n "$(find src/RaftKv/obj -path "*/$rid/R2R/*" -name RaftKv.Core.dll)" ]] || { echo "release: no native code for $rid" >&2; exit 1; }
  if [[ ! -f "$work/bill" ]]; then
    # As this publish restored it: with .NET itself, which the single files have in them.
    dotnet run --project tools/RaftKv.Sbom -c Release -v quiet -- \
      src/RaftKv/obj/project.assets.json raftkv "$version" "$commit_time" "$out/raftkv-$version.cdx.json"
    touch "$work/bill"
  fi
  name="raftkv-$version-$rid"
  mkdir "$work/$name"
  # The program alone is enough: what else a publish lays beside it is in it already.
  cp LICENSE "$work/$rid/appsettings.json" "$work/$name/"
  if [[ $rid == win-* ]]; then cp "$work/$rid/raftkv.exe" "$work/$name/"; else cp "$work/$rid/raftkv" "$work/$name/"; fi
  pack_tar "$out/bin/$name.tar.gz" "$work" "$name"
done

# deb ARCH RID
deb() {
  local root="$work/deb-$1"
  mkdir -p "$root/DEBIAN" "$root/usr/lib/raftkv" "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/etc/raftkv" "$root/usr/share/doc/raftkv"
  cp -r "$work/raftkv-$version-$2/." "$root/usr/lib/raftkv/"
  rm "$root/usr/lib/raftkv/LICENSE"
  cp LICENSE "$root/usr/share/doc/raftkv/copyright"
  ln -s ../lib/raftkv/raftkv "$root/usr/bin/raftkv"
  cp deploy/systemd/raftkv.service "$root/usr/lib/systemd/system/"
  cp deploy/debian/raftkv.env "$root/etc/raftkv/"
  cp deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN/"
  echo /etc/raftkv/raftkv.env >"$root/DEBIAN/conffiles"
  (cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  # Whatever the umask here is.
  chmod -R u+rwX,go+rX,go-w "$root"
  chmod 0755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm" "$root/usr/lib/raftkv/raftkv"
  sed -e "s/@VERSION@/$deb_version/" -e "s/@ARCH@/$1/" -e "s/@SIZE@/$(du -sk "$root/usr" | cut -f1)/" deploy/debian/control >"$root/DEBIAN/control"
  SOURCE_DATE_EPOCH="$commit_time" dpkg-deb --root-owner-group --build "$root" "$out/deb/raftkv_${deb_version}_$1.deb" >/dev/null
}

if command -v dpkg-deb >/dev/null; then
  if [[ " $rids " == *" linux-x64 "* ]]; then deb amd64 linux-x64; fi
  if [[ " $rids " == *" linux-arm64 "* ]]; then deb arm64 linux-arm64; fi
else
  echo "release: no dpkg-deb here, so no Debian packages" >&2
fi

if command -v dpkg-deb >/dev/null && command -v apt-get >/dev/null; then
  if [[ " $rids " == *" linux-x64 "* ]]; then
    deploy/image.sh "$work/raftkv-$version-linux-x64/raftkv" amd64 "$version" "$out/image/raftkv-$version-amd64.tar"
  fi
  if [[ " $rids " == *" linux-arm64 "* ]]; then
    deploy/image.sh "$work/raftkv-$version-linux-arm64/raftkv" arm64 "$version" "$out/image/raftkv-$version-arm64.tar"
  fi
else
  echo "release: no dpkg-deb or no apt-get here, so no images" >&2
fi

# Helm's own package is such a tar.
mkdir "$work/chart"
cp -r deploy/helm/raftkv "$work/chart/raftkv"
sed -i -e "s/^version: .*/version: $version/" -e "s/^appVersion: .*/appVersion: \"$version\"/" "$work/chart/raftkv/Chart.yaml"
pack_tar "$out/chart/raftkv-$version.tgz" "$work/chart" raftkv

mkdir "$work/clients"
cp -r clients/python "$work/clients/raftkv-python-$version"
find "$work/clients" -name __pycache__ -prune -exec rm -r {} +
# As Python writes versions: 1.0.dev0+g0123 is the one before 1.0 that has this commit (PEP 440).
sed -i "s/^version = .*/version = \"${version/-dev./.dev0+}\"/" "$work/clients/raftkv-python-$version/pyproject.toml"
pack_tar "$out/clients/raftkv-python-$version.tar.gz" "$work/clients" "raftkv-python-$version"
if command -v npm >/dev/null; then
  cp -r clients/typescript "$work/clients/typescript"
  (cd "$work/clients/typescript" && rm -rf node_modules dist && npm ci --silent && npm version --no-git-tag-version --allow-same-version "$version" >/dev/null \
    && npm pack --silent --pack-destination "$out/clients" >/dev/null)
else
  echo "release: no npm here, so no TypeScript client" >&2
fi

(cd "$out" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS)
cat "$out/SHA256SUMS"
