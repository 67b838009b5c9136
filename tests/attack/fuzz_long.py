"""Fuzz one reader, or all of them, with atheris for as long as one likes: coverage leads the way.

    python -m tests.attack.fuzz_long command --seconds 600
    python -m tests.attack.fuzz_long all --seconds 60           # each of them so long

It needs atheris (``pip install 'atheris>=3,<4'``), which has no wheels for some machines; the same
targets run everywhere under Hypothesis in ``test_fuzzed_readers.py``. What made a reader fault is
kept in a file that is named at the end; give it as ``--again FILE`` to see the fault once more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

NOT_THERE = "Not fuzzed: atheris is not installed. Install it: pip install 'atheris>=3,<4'"


def fuzz(name: str, seconds: int, corpus: Path) -> None:
    """Fuzz one target in this process; ends the process."""
    import atheris

    with atheris.instrument_imports(include=["answerable"]):
        from tests.attack.targets import targets
    target = next(one for one in targets() if one.name == name)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        try:
            target.run(data)
        except target.refusals:
            return

    options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=20", "-verbosity=0",
               f"-artifact_prefix={tempfile.gettempdir()}/fault-"]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def names() -> list[str]:
    """Return the targets by name."""
    from tests.attack.targets import targets

    return [one.name for one in targets()]


def again(name: str, path: Path) -> None:
    """Give a target what it faulted at."""
    from tests.attack.targets import targets

    next(one for one in targets() if one.name == name).run(path.read_bytes())


def main() -> int:
    """Run from the command line; the exit code is 1 where a reader faulted."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack.fuzz_long")
    parser.add_argument("target", help="its name, or: all")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--again", type=Path)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.again:
        again(given.target, given.again)
        return 0
    if given.corpus:
        fuzz(given.target, given.seconds, given.corpus)
        return 0
    try:
        import atheris  # noqa: F401
    except ImportError:
        print(NOT_THERE, file=sys.stderr)
        return 2
    chosen = names() if given.target == "all" else [given.target]
    faulted = [name for name in chosen if not sound(name, given.seconds)]
    print(f"{len(chosen)} fuzzed, {given.seconds} s each; faulted: {', '.join(faulted) or 'none'}")
    return 1 if faulted else 0


def sound(name: str, seconds: int) -> bool:
    """Fuzz a target in a process of its own; say whether it held."""
    with tempfile.TemporaryDirectory() as corpus:
        command = [sys.executable, "-m", "tests.attack.fuzz_long", name, "--corpus", corpus,
                   "--seconds", str(seconds)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}:\n{done.stderr[-3000:]}", file=sys.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
