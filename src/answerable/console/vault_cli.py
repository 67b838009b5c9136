"""``answerable erase`` and ``answerable retention``: the operator's commands about sealed words.

They reach a running centre by the socket in its data folder, or open the record where none runs.
Exit codes: 0 done, 1 refused, 2 it could not begin.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from answerable.console import tongue
from answerable.console.access_cli import HERE, Data, Json
from answerable.console.tongue import _, said, word

if TYPE_CHECKING:
    from answerable.console.control import Centre

US = 1_000_000
MATTERS = ("incident", "call", "handover", "matter", "problem")
"""What a matter may be; of each that is due one of these has its name."""
LONE = {
    "call": _("call"), "handover": _("hand-over"), "matter": _("tracked matter"),
    "problem": _("problem"),
}  # fmt: skip
ROUNDS_MAX = 200
"""Answers of so many due matters that one ``--do`` goes through."""
GRAVE = "destroy"
ACTS = {"erase": _("erase"), "archive": _("archive"), "destroy": _("destroy")}


class Refused(Exception):
    """The centre refused; the three sentences."""


@contextmanager
def _centre(data: Path, town: str = "") -> Iterator[Centre]:
    """Yield the centre; a refusal ends the command with its three sentences and its exit code."""
    from answerable.console.control import NotReached, reached
    from answerable.kernel.store import CannotRecord, StoreRefusal
    from answerable.towns.load import TownRefused

    try:
        with reached(data, town) as centre:
            yield centre
    except (Refused, CannotRecord) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refusal
    except (NotReached, StoreRefusal, TownRefused) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from refusal


def _ask(centre: Centre, question: Mapping[str, object]) -> dict[str, Any]:
    """Ask, in the language that is spoken. Raises Refused."""
    answer = centre.ask({**question, "lang": tongue.tag()})
    if "text" in answer:
        raise Refused(answer["text"])
    return answer


def _command(kind: str, **fields: object) -> dict[str, object]:
    from answerable.console.sanity import new_key

    given = {name: value for name, value in fields.items() if value}
    return {"command": {"type": f"vault.{kind}", "key": new_key("cli"), **given}}


# -- erase -----------------------------------------------------------------------------------


def erase(
    incident: Annotated[str, typer.Argument(help="The number of the incident.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")] = "",
    approve: Annotated[
        bool, typer.Option("--approve", help="Agree to what another person asked for.")
    ] = False,
    deny: Annotated[bool, typer.Option("--deny", help="Refuse what was asked for.")] = False,
    destroy: Annotated[
        bool, typer.Option("--destroy", help="Ask to destroy the matter, not only its words.")
    ] = False,
    account: Annotated[
        str, typer.Option(help="Act as this account; its password is asked for.")
    ] = "",
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Erase the sealed words of an incident: one person asks, another approves."""
    given = _kind(approve=approve, deny=deny, reason=reason)
    fields: dict[str, object] = {"incident": incident, "reason": "" if approve else reason}
    if given == "AskErasure":
        fields["act"] = GRAVE if destroy else "erase"
    person = _person(account) if account else {}
    with _centre(data) as centre:
        told = _ask(centre, _command(given, **fields) | person)
        stands = _settled(centre, incident)
    done = {"recorded": told.get("recorded", []), **stands}
    typer.echo(json.dumps(done, ensure_ascii=False) if as_json else _told(given, incident, stands))


def _kind(*, approve: bool, deny: bool, reason: str) -> str:
    """Return the command that is meant. Raises typer.BadParameter."""
    if approve and deny:
        raise typer.BadParameter(said("Give --approve or --deny, not both."))
    if not approve and len(reason.strip()) < 2:
        raise typer.BadParameter(said("Say why with --reason; it stands in the record."))
    return "ApproveErasure" if approve else "DenyErasure" if deny else "AskErasure"


def _person(account: str) -> dict[str, str]:
    """Return what proves an account, asked for where nobody looks on, or read from a pipe."""
    if sys.stdin.isatty():
        password = typer.prompt(said("Password"), hide_input=True, err=True)
        code = typer.prompt(
            said("Code, if the account has one"), default="", show_default=False, err=True
        )
    else:
        lines = sys.stdin.read().splitlines()
        password, code = (*lines, "", "")[:2]
    return {"account": account, "password": password, "code": code}


def _settled(centre: Centre, incident: str) -> dict[str, Any]:
    """Return how the incident stands once what was ordered is carried out, or after two seconds."""
    import time

    stands: dict[str, Any] = {}
    for _round in range(40):
        stands = _ask(centre, {"do": "vault", "incident": incident})
        if not stands.get("waiting"):
            break
        time.sleep(0.05)
    return stands


def _told(given: str, incident: str, stands: Mapping[str, Any]) -> str:
    if given == "AskErasure":
        return said(
            "Asked for incident {incident}. Another person approves it: {command}",
            incident=incident, command=f"answerable erase {incident} --approve --account NAME",
        )  # fmt: skip
    if given == "DenyErasure":
        return said("Refused for incident {incident}. Nothing was erased.", incident=incident)
    if stands.get("waiting"):
        return said(
            "Recorded for incident {incident}. Its keys are not destroyed yet; "
            "that is done at the next start at the latest.", incident=incident,
        )  # fmt: skip
    return said(
        "The sealed words of incident {incident} are erased and their keys destroyed.",
        incident=incident,
    )


# -- retention -------------------------------------------------------------------------------


def retention(
    do: Annotated[
        bool, typer.Option("--do", help="Do it. Without this, only say what would be done.")
    ] = False,
    on: Annotated[
        str, typer.Option(help="What would be due on this day, as 2030-01-31; only without --do.")
    ] = "",
    town: Annotated[
        str, typer.Option(help="The town, where no centre runs: a packaged one, or a folder.")
    ] = "",
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """List what the town's table of retention has due; with --do, erase and archive it."""
    if do and on:
        raise typer.BadParameter(said("--on looks ahead; with --do only what is due now is done."))
    with _centre(data, town) as centre:
        question = {"do": "retention", "at_us": _end_of(on)} if on else {"do": "retention"}
        first = _ask(centre, question)
        done = _do_all(centre, first) if do else None
    if as_json:
        typer.echo(json.dumps(first if done is None else done, ensure_ascii=False))
    else:
        typer.echo(_listed(first) if done is None else _done(done))


def _end_of(day: str) -> int:
    """Return noon of a day in Greenwich (UTC us): nearly everywhere it is that day then."""
    try:
        date = datetime.date.fromisoformat(day)
    except ValueError as error:
        raise typer.BadParameter(
            said("'{text}' is no day. Write it as 2030-01-31.", text=day)
        ) from error
    noon = datetime.datetime.combine(date, datetime.time(12), tzinfo=datetime.UTC)
    return int(noon.timestamp()) * US


def _do_all(centre: Centre, first: Mapping[str, Any]) -> dict[str, Any]:
    """Have everything done that the table may do by itself; returns what was, and what was not."""
    done: list[str] = []
    refused: dict[str, str] = {}
    told = first
    for _round in range(ROUNDS_MAX):
        todo = [one for one in told["due"] if _by_itself(one) and _name(one) not in refused]
        if not todo:
            break
        for one in todo:
            matter = {name: one[name] for name in MATTERS if one[name]}
            try:
                _ask(centre, _command("EraseDue", **matter))
                done.append(_name(one))
            except Refused as refusal:
                refused[_name(one)] = str(refusal)
        told = _ask(centre, {"do": "retention"})
    waits = [_name(one) for one in told["due"] if not _by_itself(one)]
    return {"done": done, "refused": refused, "two_people": waits}


def _by_itself(one: Mapping[str, Any]) -> bool:
    return any(act["act"] != GRAVE for act in one["acts"])


def _name(one: Mapping[str, Any]) -> str:
    return next(str(one[name]) for name in MATTERS if one[name])


def _listed(told: Mapping[str, Any]) -> str:
    if not told["rules"]:
        return said("The town has no table of retention (retention.toml). Nothing is erased.")
    if not told["due"]:
        return said("Nothing is due.")
    zone = ZoneInfo(told["zone"])
    rows = [row for one in told["due"] for row in _rows(one, zone)]
    lines = [said("What would be done, and why. Nothing was changed; add --do to do it."),
             *_table(rows)]  # fmt: skip
    if told["more"]:
        lines.append(said("And {count} more.", count=told["more"]))
    return "\n".join(lines)


def _rows(one: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Sequence[str]]:
    ended = datetime.datetime.fromtimestamp(one["ended_us"] / US, zone)
    what = one["kind"] or next(word(told) for sort, told in LONE.items() if one[sort])
    for act in one["acts"]:
        two = said(" (two people)") if act["act"] == GRAVE else ""
        yield (
            word(ACTS[act["act"]]) + two, _name(one), f"{what}, {word(one['end'])}",
            said("ended {day}", day=ended.date().isoformat()),
            said("due {day}", day=act["on"]), f"{act['days']} d: {act['because']}",
        )  # fmt: skip


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    from answerable.console.access_cli import width

    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            text + " " * (most - width(text)) for text, most in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _done(done: Mapping[str, Any]) -> str:
    lines = [said("{count} matters were erased or archived.", count=len(done["done"]))]
    lines += [f"{name}: {why}" for name, why in done["refused"].items()]
    if done["two_people"]:
        names = ", ".join(done["two_people"][:20])
        lines.append(
            said("To be destroyed, which takes two people (answerable erase NUMBER --destroy): "
                 "{names}", names=names)
        )  # fmt: skip
    return "\n".join(lines)


def add_to(app: typer.Typer) -> None:
    """Add the two commands."""
    app.command("erase")(erase)
    app.command("retention")(retention)
