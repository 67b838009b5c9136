"""Write docs/reference from the code: ``python -m tools.docs``; with ``--check`` only compare.

A house test runs the comparison, so a page that no longer matches the code fails the build (B15).
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.reference.pages import NOTE, pages

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"


def stale(folder: Path = REFERENCE) -> list[str]:
    """Return the names of the generated pages that do not match the code."""
    wanted = pages()
    wrong = [name for name, text in wanted.items() if _text(folder / name) != text]
    left = [
        path.name
        for path in sorted(folder.glob("*.md"))
        if path.name not in wanted and _text(path).startswith(NOTE)
    ]
    return wrong + left


def write(folder: Path = REFERENCE) -> list[str]:
    """Write what is stale and remove generated pages that are no longer made; return names."""
    changed = stale(folder)
    wanted = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    """Write or compare; returns the exit code."""
    if "--check" in sys.argv:
        wrong = stale()
        for name in wrong:
            print(f"docs/reference/{name} does not match the code. Run: make docs")
        return 1 if wrong else 0
    changed = write()
    print(f"docs/reference: {len(changed)} pages written ({', '.join(changed) or 'none'})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
