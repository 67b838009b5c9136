"""Fetch the browser's libraries with npm and write them where the console serves them.

Run by hand when a version below changes: ``python tools/vendor.py``. It needs npm and a network,
works in a temporary folder, keeps only the files named here, and writes the table with versions,
licences and hashes that a test compares with the files.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src/answerable/console/static/vendor"
TESTS = ROOT / "tests/console/vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: what we take of it, what for, and where it goes.

    ``licence_file`` is a path inside the package, or one of ours in ``tools/licences`` for a
    package that comes without its licence text.
    """

    name: str
    version: str
    licence: str
    licence_file: str
    files: dict[str, str]
    purpose: str
    folder: Path = STATIC


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        "LICENSE",
        {"dist/htmx.min.js": "htmx.min.js", "dist/ext/hx-sse.min.js": "hx-sse.min.js"},
        "forms and live fragments, with the hx-sse extension",
    ),
    Package(
        "maplibre-gl",
        "6.17.0",
        "BSD-3-Clause",
        "LICENSE.txt",
        {
            "dist/maplibre-gl.mjs": "maplibre-gl.mjs",
            "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
        },
        "the map; its worker is a file of ours, so no blob: script is needed",
    ),
    Package(
        "pmtiles",
        "4.5.0",
        "BSD-3-Clause",
        "tools/licences/pmtiles.txt",
        {"dist/pmtiles.js": "pmtiles.js"},
        "reads the basemap's tiles out of one file; contains fflate 0.8.2 (MIT)",
    ),
    Package(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        "LICENSE",
        {"files/inter-latin-wght-normal.woff2": "inter-latin-wght-normal.woff2"},
        "letters and tabular figures that look the same on every desk",
    ),
    Package(
        "axe-core",
        "4.14.1",
        "MPL-2.0",
        "LICENSE",
        {"axe.min.js": "axe.min.js"},
        "accessibility checks; tests only, never served by the product",
        TESTS,
    ),
)


def fetch(package: Package, folder: Path) -> Path:
    """Download and unpack one package with npm; return the folder that holds its files."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("Not fetched: npm is not installed. Install Node.js and run this again.")
    target = folder / package.name.replace("/", "_")
    target.mkdir()
    subprocess.run(
        [npm, "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=target,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def take(package: Package, unpacked: Path) -> list[str]:
    """Copy the files we keep and the licence; return the rows of the table."""
    licences = package.folder / "licenses"
    licences.mkdir(parents=True, exist_ok=True)
    slug = package.name.strip("@").replace("/", "-")
    ours = package.licence_file.startswith("tools/")
    text = (ROOT if ours else unpacked) / package.licence_file
    shutil.copyfile(text, licences / f"{slug}.txt")
    rows = []
    for inside, outside in package.files.items():
        shutil.copyfile(unpacked / inside, package.folder / outside)
        digest = hashlib.sha256((package.folder / outside).read_bytes()).hexdigest()
        rows.append(
            f"| {package.name} | {package.version} | {package.licence} | `{outside}` | `{digest}` |"
        )
    return rows


def readme(folder: Path, rows: list[str], purposes: list[str]) -> None:
    """Write the table a reader and a test can check the files against."""
    text = [
        "# Files of others, unchanged",
        "",
        "Written by `tools/vendor.py`; `tests/console/test_vendor.py` checks every hash. Licence",
        "texts are in `licenses/`.",
        "",
        *purposes,
        "",
        "| package | version | licence | file | sha256 |",
        "| --- | --- | --- | --- | --- |",
        *rows,
    ]
    (folder / "README.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def main() -> int:
    """Fetch everything and rewrite both folders."""
    rows: dict[Path, list[str]] = {}
    purposes: dict[Path, list[str]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for package in PACKAGES:
            package.folder.mkdir(parents=True, exist_ok=True)
            unpacked = fetch(package, Path(temporary))
            rows.setdefault(package.folder, []).extend(take(package, unpacked))
            purposes.setdefault(package.folder, []).append(f"- {package.name}: {package.purpose}.")
    for folder, lines in rows.items():
        readme(folder, lines, purposes[folder])
    return 0


if __name__ == "__main__":
    sys.exit(main())
