"""``answerable witness …``: running a small witness, and looking at one.

Exit codes: 0 done, 1 refused, 2 it could not begin (folder, port, settings).
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from answerable.console.running import CannotBegin, address_of, listen, serve_until_over
from answerable.console.serve.settings import Settings, WitnessAt, read_settings
from answerable.console.tongue import said
from answerable.record.log.keys import KEYS_FILE, open_keys
from answerable.record.log.notes import Verifier
from answerable.record.log.refusals import LogRefusal
from answerable.witness.book import Book, Known, trust
from answerable.witness.client import Witness
from answerable.witness.refusals import NotReached, WitnessRefused
from answerable.witness.server import Server, application


def run_witness(data: Path, at: str, name: str) -> int:
    """Run a witness until it is told to stop; returns the exit code."""
    host, _, port = at.rpartition(":")
    try:
        if not port.isdecimal() or int(port) > 65535:
            raise CannotBegin(
                said("Not started: '{at}' is no place to listen. It is not host:port. Give one as "
                     "127.0.0.1:8120.", at=at)
            )  # fmt: skip
        listener = listen(host.strip("[]"), int(port), said("Choose another with --listen."))
        book = Book.open(data, name)
    except (CannotBegin, WitnessRefused) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    told = book.cosigner.verifier.vkey
    print(said("The witness is at {url}", url=address_of(listener)), flush=True)
    print(said("Its key: {vkey}", vkey=told), flush=True)
    try:
        serve_until_over(application(Server(book)), listener, _for_ever, lifespan="off")
    finally:
        book.close()
    return 0


async def _for_ever() -> None:
    await asyncio.Event().wait()


def run_add(data: Path, vkey: str, *, as_json: bool) -> int:
    """Have a witness sign for a log; returns the exit code."""
    try:
        known = trust(data, vkey)
    except WitnessRefused as refusal:
        print(str(refusal), file=sys.stderr)
        return 1
    _say(
        said("This witness signs for {origin} from now on.", origin=known.origin),
        {"origin": known.origin, "keys": [one.vkey for one in known.keys]},
        as_json=as_json,
    )
    return 0


def run_show(data: Path, *, as_json: bool) -> int:
    """Print a witness's key and every log it signs for; returns the exit code."""
    try:
        witness, logs = Book.look(data)
    except WitnessRefused as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    told = {"key": witness.vkey, "logs": [_told(one) for one in logs]}
    lines = [said("Its key: {vkey}", vkey=witness.vkey)]
    lines += [
        said("{origin}: {size} entries cosigned, root {root}",
             origin=one.origin, size=one.size, root=one.last.root.hex() if one.last else "-")
        for one in logs
    ]  # fmt: skip
    _say("\n".join(lines), told, as_json=as_json)
    return 0


def run_ask(file: Path, *, as_json: bool) -> int:
    """Ask every witness of a centre's settings what it cosigned last; returns the exit code."""
    try:
        settings = read_settings(file)
        origin = open_keys(Path(settings.data) / KEYS_FILE).origin
    except (CannotBegin, LogRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    told = asyncio.run(_asked(settings, origin))
    lines = [f"{one['name']}: {one['said']}" for one in told]
    none = said("No witness stands in the settings.")
    _say("\n".join(lines) or none, {"origin": origin, "witnesses": told}, as_json=as_json)
    return 1 if any(one["size"] is None for one in told) else 0


async def _asked(settings: Settings, origin: str) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*(_one(at, origin) for at in settings.log.witnesses)))


async def _one(at: WitnessAt, origin: str) -> dict[str, Any]:
    witness = Witness(Verifier.parse(at.vkey), at.url)
    told: dict[str, Any] = {"name": at.name, "url": at.url, "size": None, "root": ""}
    try:
        found = await witness.last(origin)
        if found is None:
            text = said("it has cosigned nothing of {origin}, or does not say", origin=origin)
            return told | {"said": text}
        checkpoint, signed = found
        text = said("{size} entries cosigned, root {root}",
                    size=checkpoint.size, root=checkpoint.root.hex())  # fmt: skip
        return told | {
            "said": text, "size": checkpoint.size, "root": checkpoint.root.hex(),
            "at_s": signed.at_s,
        }  # fmt: skip
    except NotReached as refusal:
        return told | {"said": str(refusal)}
    finally:
        await witness.close()


def _told(known: Known) -> dict[str, Any]:
    root = known.last.root.hex() if known.last else ""
    return {
        "origin": known.origin, "size": known.size, "root": root,
        "keys": [one.vkey for one in known.keys],
    }  # fmt: skip


def _say(text: str, told: dict[str, Any], *, as_json: bool) -> None:
    print(json.dumps(told, ensure_ascii=False) if as_json else text)
