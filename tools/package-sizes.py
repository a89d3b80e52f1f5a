#!/usr/bin/env python3
"""Packs every package of this tree in Release and writes the table of their sizes into docs/dotnet/packages.md.

usage: tools/package-sizes.py [DIRECTORY]   with a directory, the packages that lie there already are measured instead"""
import os, re, subprocess, sys, tempfile, zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "dotnet", "packages.md")
BEGIN, END = "<!-- sizes: tools/package-sizes.py writes them -->\n", "<!-- /sizes -->\n"


def packable():
    for folder, folders, files in os.walk(os.path.join(ROOT, "src")):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            if name.endswith(".csproj") and "<IsPackable>true</IsPackable>" in open(path).read():
                yield path


def pack(into):
    for project in packable():
        subprocess.run(["dotnet", "pack", project, "-c", "Release", "-o", into, "--nologo", "-v", "quiet"], check=True, cwd=ROOT)


def row(path):
    with zipfile.ZipFile(path) as package:
        spec = package.read(next(name for name in package.namelist() if name.endswith(".nuspec"))).decode()
        unpacked = sum(entry.file_size for entry in package.infolist())
    name = re.search(r"<id>([^<]+)</id>", spec)[1]
    own = sorted(set(re.findall(r'<dependency id="([^"]+)"', spec)))
    symbols = path[: -len("nupkg")] + "snupkg"
    return name, os.path.getsize(path), unpacked, os.path.getsize(symbols) if os.path.exists(symbols) else 0, own


def kib(size):
    return f"{size / 1024:,.0f}" if size else "–"


def table(folder):
    rows = sorted(row(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(".nupkg"))
    yield "| package | .nupkg KiB | unpacked KiB | symbols KiB | depends on |\n|---|---:|---:|---:|---|\n"
    for name, size, unpacked, symbols, own in rows:
        yield f"| {name} | {kib(size)} | {kib(unpacked)} | {kib(symbols)} | {', '.join(own) or 'nothing'} |\n"


def main(arguments):
    with tempfile.TemporaryDirectory() as work:
        folder = arguments[0] if arguments else work
        if not arguments:
            pack(folder)
        text = "".join(table(folder))
    page = open(PAGE).read()
    start, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    open(PAGE, "w").write(page[:start] + text + page[end:])
    print(text, end="")


main(sys.argv[1:])
