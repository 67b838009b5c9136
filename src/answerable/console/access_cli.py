"""``answerable account …`` and ``answerable token …``: the operator's commands.

They reach a running centre by the socket in its data folder, or open the record where none runs.
Exit codes: 0 done, 1 refused, 2 it could not begin.
"""

from __future__ import annotations

import datetime
import json
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from answerable.console import tongue
from answerable.console.tongue import _, said, word

if TYPE_CHECKING:
    from answerable.console.control import Centre

account_app = typer.Typer(
    name="account",
    help="Who may sign in, as what: open, invite, list, close.",
    no_args_is_help=True,
)
token_app = typer.Typer(
    name="token", help="Issue a program's key to the API; list and revoke them.",
    invoke_without_command=True,
)  # fmt: skip

Data = Annotated[Path, typer.Option(help="The data folder of the centre.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Who = Annotated[str, typer.Argument(help="The account's name.")]
Role = Annotated[str, typer.Option(help="A role of the table of rights.")]
Why = Annotated[str, typer.Option(help="Why; it stands in the record.")]
Areas = Annotated[
    list[str] | None,
    typer.Option("--area", help="Act only for incidents of this area; repeat for more."),
]
HERE = Path("data/serve")
UNITS_S = {"h": 3600, "d": 86_400, "w": 604_800}
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,47}")
TERM = re.compile(r"(\d{1,5})([hdw])")


class Refused(Exception):
    """The centre refused; the three sentences."""


@contextmanager
def _centre(data: Path) -> Iterator[Centre]:
    """Yield the centre; a refusal ends the command with its three sentences and its exit code."""
    from answerable.console.control import NotReached, reached
    from answerable.kernel.store import StoreRefusal

    try:
        with reached(data) as centre:
            yield centre
    except Refused as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(1) from refusal
    except (NotReached, StoreRefusal) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from refusal


def _do(centre: Centre, kind: str, **fields: object) -> None:
    """Give one command of the room access. Raises Refused."""
    key = f"cli-{secrets.token_hex(16)}"
    given = {name: value for name, value in fields.items() if value not in (None, "")}
    answer = centre.ask(
        {"command": {"type": f"access.{kind}", "key": key, **given}, "lang": tongue.tag()}
    )
    if "text" in answer:
        raise Refused(answer["text"])


def _named(name: str) -> str:
    """Return a new name as the record takes it. Raises typer.BadParameter."""
    if NAME.fullmatch(name) is None:
        raise typer.BadParameter(
            said(
                "'{name}' cannot be a name. Names have 2 to 48 small letters, digits, dots, dashes "
                "or underscores. Choose one like ada.lovelace.",
                name=name,
            )
        )
    return name


def _say(text: str, told: dict[str, Any], as_json: bool) -> None:
    typer.echo(json.dumps(told, ensure_ascii=False) if as_json else text)


def term_s(text: str) -> int:
    """Return the seconds of a term: 90d, 12h, 4w. Raises typer.BadParameter."""
    match = TERM.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise typer.BadParameter(
            said("'{text}' is no term. Write a number of d, h or w, as 90d.", text=text)
        )
    return int(match[1]) * UNITS_S[match[2]]


def _until(centre: Centre, seconds: int) -> int:
    now_us: int = centre.ask({"do": "about"})["now_us"]
    return now_us + seconds * 1_000_000


def when(at_us: int) -> str:
    """Return an instant for the operator, in the zone of the machine; "" for none."""
    local = datetime.datetime.fromtimestamp(at_us / 1e6, datetime.UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M %Z}" if at_us else ""


# -- accounts --------------------------------------------------------------------------------


@account_app.command("open")
def open_account(
    name: Who,
    role: Role,
    area: Areas = None,
    provider: Annotated[
        bool, typer.Option("--provider", help="They sign in at the OpenID provider.")
    ] = False,
    subject: Annotated[str, typer.Option(help="Their subject at the provider.")] = "",
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Open an account with one role."""
    _named(name)
    with _centre(data) as centre:
        _do(centre, "OpenAccount", account=name, role=role, areas=area or [],
            provider=provider, subject=subject)  # fmt: skip
    text = said("{name} is open as {role}.", name=name, role=said(role))
    if not provider:
        text += said(" Give it a link now: {command}", command=f"answerable account invite {name}")
    _say(text, {"account": name, "role": role}, as_json)


@account_app.command("invite")
def invite(
    name: Who,
    expires: Annotated[str, typer.Option(help="How long the link counts: 3d, 12h.")] = "3d",
    url: Annotated[str, typer.Option(help="The centre's address, where it does not run.")] = "",
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Print a one-time link with which an account sets its password."""
    from answerable.access.keys import new_word
    from answerable.console.control import link_path

    word = new_word()
    with _centre(data) as centre:
        until_us = _until(centre, term_s(expires))
        base = url or centre.ask({"do": "about"})["url"]
        _do(centre, "InviteAccount", account=name, digest=word.digest, until=until_us)
    link = base.rstrip("/") + link_path(word.text)
    _say(link, {"account": name, "link": link, "until_us": until_us}, as_json)
    if not as_json:
        note = said("It counts once, until {at}, and is not shown again.", at=when(until_us))
        rest = "" if base else said(" Put the centre's address before it.")
        typer.echo(note + rest, err=True)


@account_app.command("list")
def list_accounts(data: Data = HERE, as_json: Json = False) -> None:
    """List every account: role, areas, state, open sessions."""
    with _centre(data) as centre:
        told = centre.ask({"do": "accounts"})
    rows = [
        (one["account"], _word(one, "role"), ", ".join(one["areas"]) or said("everywhere"),
         _word(one, "state"), said("{count} open", count=one["sessions"]), when(one["seen_us"]),
         _lacking(one["missing"]))
        for one in sorted(told["accounts"], key=lambda one: str(one["account"]))
    ]  # fmt: skip
    _say(_columns(rows) or said("There is no account yet."), told, as_json)


def _word(one: dict[str, Any], name: str) -> str:
    """Return a field that is a word of the product in the language that is spoken."""
    return word(str(one[name]))


def _lacking(missing: list[str]) -> str:
    what = said(" and ").join(said(one) for one in missing)
    return said("the keyring lacks its {what}", what=what) if missing else ""


def _columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as lines with their columns under each other."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(text + " " * (most - width(text)) for text, most in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _simple(kind: str, name: str, reason: str, data: Path, done: str, as_json: bool) -> None:
    with _centre(data) as centre:
        _do(centre, kind, account=name, reason=reason)
    _say(said(done, name=name), {"account": name, "reason": reason}, as_json)


@account_app.command("close")
def close(name: Who, reason: Why, data: Data = HERE, as_json: Json = False) -> None:
    """Close an account; its sessions end at once."""
    _simple("CloseAccount", name, reason, data, _("{name} is closed."), as_json)


@account_app.command("reopen")
def reopen(name: Who, reason: Why, data: Data = HERE, as_json: Json = False) -> None:
    """Open a closed account again; it needs a new link."""
    _simple("ReopenAccount", name, reason, data, _("{name} is open again."), as_json)


@account_app.command("release")
def release(
    name: Who, reason: Why = "asked for it", data: Data = HERE, as_json: Json = False
) -> None:
    """Let a locked account try again at once."""
    _simple("ReleaseAccount", name, reason, data, _("{name} may try again."), as_json)


@account_app.command("remove-second-factor")
def remove_second_factor(name: Who, reason: Why, data: Data = HERE, as_json: Json = False) -> None:
    """Take a lost telephone's codes off an account."""
    done = _("{name} signs in with the password alone now.")
    _simple("RemoveSecondFactor", name, reason, data, done, as_json)


# -- tokens ----------------------------------------------------------------------------------


@token_app.callback()
def issue(
    context: typer.Context,
    role: Annotated[str, typer.Option(help="A role of the table of rights.")] = "",
    expires: Annotated[str, typer.Option(help="How long it counts: 90d, 12h, 4w.")] = "90d",
    label: Annotated[str, typer.Option(help="Which program uses it.")] = "",
    name: Annotated[str, typer.Option(help="Its name in the record; made up if not given.")] = "",
    area: Areas = None,
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Issue a token and print it, once: --role R --expires 90d --label "wall display"."""
    if context.invoked_subcommand is not None:
        return
    if not role:
        why = said("Not issued. A token acts in one role, and none is given. Add --role R.")
        typer.echo(why, err=True)
        raise typer.Exit(2)
    from answerable.access.keys import new_word, token_text

    made_up = f"{role.replace('_', '-')}-{secrets.token_hex(3)}"
    token, word = _named(name or made_up), new_word()
    with _centre(data) as centre:
        until_us = _until(centre, term_s(expires))
        _do(centre, "IssueToken", token=token, label=label or token, role=role,
            areas=area or [], digest=word.digest, until=until_us)  # fmt: skip
    text = token_text(token, word.text)
    _say(text, {"token": token, "bearer": text, "role": role, "until_us": until_us}, as_json)
    if not as_json:
        typer.echo(
            said("It is {token}, counts until {at}, and is not shown again.",
                 token=token, at=when(until_us)),
            err=True,
        )  # fmt: skip


@token_app.command("list")
def list_tokens(data: Data = HERE, as_json: Json = False) -> None:
    """List every token: role, areas, state, end."""
    with _centre(data) as centre:
        told = centre.ask({"do": "tokens"})
    rows = [
        (one["token"], one["label"], _word(one, "role"),
         ", ".join(one["areas"]) or said("everywhere"), _word(one, "state"), when(one["until_us"]))
        for one in sorted(told["tokens"], key=lambda one: str(one["token"]))
    ]  # fmt: skip
    _say(_columns(rows) or said("There is no token yet."), told, as_json)


@token_app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The token's name.")],
    reason: Why,
    data: Data = HERE,
    as_json: Json = False,
) -> None:
    """Revoke a token: it is worth nothing from the next request on."""
    with _centre(data) as centre:
        _do(centre, "RevokeToken", token=name, reason=reason)
    _say(said("{name} is revoked.", name=name), {"token": name, "reason": reason}, as_json)
