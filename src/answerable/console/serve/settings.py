"""The settings of ``answerable serve``: one plain file, ``serve.toml``, with nothing secret in it.

The struct is strict: an unknown key, a missing one or a wrong value is refused with the file, the
path of it in the file, and what to do. Paths in the file are relative to the file. Options of the
command line stand above it.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from answerable.access.breached import Breached, NotAList
from answerable.console.headers import LOOPBACK
from answerable.console.referring import definition as referring
from answerable.console.referring.definition import Referring
from answerable.console.running import CannotBegin
from answerable.console.tongue import said
from answerable.exchange.channels.definition import Alerts, ChannelAt, beside, trouble
from answerable.exchange.dialler import definition as dialling
from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.mail.definition import MailAt
from answerable.exchange.texts import definition as texting
from answerable.exchange.texts.definition import TextsAt
from answerable.record.log.notes import COSIGNATURE, Verifier
from answerable.record.log.refusals import NotAVerifierKey

HostName = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?)$",
        description="a name without scheme and port, as dispatch.example.org",
    ),
]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
LineAddress = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^((127\.0\.0\.1|localhost):[0-9]{1,5}|[^\s:]*/[^\s:]+)?$",
        description="a port of this machine itself, as 127.0.0.1:8112, or the path of a socket",
    ),
]
WebAddress = Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s/?#@]{1,253}/?)?$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
BACKUP_PLACES = ("to", "keys_to", "scratch")
"""Folders of the table of backups; in a file they are relative to it."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file."""


class WitnessAt(_Table, frozen=True, kw_only=True):
    """An outsider who cosigns checkpoints: a label, its address, and the key it signs with.

    ``vkey`` is its verifier key, as it gives it: name, key id and key, joined by plus signs.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#@]{1,300}$")]
    vkey: Text


class Log(_Table, frozen=True, kw_only=True):
    """Two logs: the program's, written to the standard error, and the record's, which is public.

    ``format`` and ``level`` are for the program's: for people or for a collector. ``origin`` names
    the record's log for ever, as dispatch.example.org/log (else it is made of the town's name);
    ``witnesses`` are asked to cosign each of its checkpoints.
    """

    format: Literal["plain", "json"] = "plain"
    level: Literal["debug", "info", "warning", "error"] = "info"
    origin: Annotated[str, msgspec.Meta(pattern=r"^[^\s+\x00-\x1f]{0,160}$(?!\n)")] = ""
    witnesses: tuple[WitnessAt, ...] = ()


class SessionEnds(_Table, frozen=True, kw_only=True):
    """When a session ends by itself, in minutes: left alone (``idle_min``), and in any case."""

    idle_min: Annotated[int, msgspec.Meta(ge=5, le=1440)] = 60
    longest_min: Annotated[int, msgspec.Meta(ge=30, le=10080)] = 720


class Limits(_Table, frozen=True, kw_only=True):
    """How much is taken at once. Beyond it the answer is 503, or the connection is not taken.

    ``commands_per_s`` and ``command_burst`` hold for each actor; beyond them the answer is 429.
    """

    connections: Annotated[int, msgspec.Meta(ge=10, le=60000)] = 8000
    consoles: Annotated[int, msgspec.Meta(ge=1, le=50000)] = 5000
    waiting_connections: Annotated[int, msgspec.Meta(ge=16, le=65535)] = 2048
    commands_per_s: Annotated[int, msgspec.Meta(ge=1, le=100000)] = 400
    command_burst: Annotated[int, msgspec.Meta(ge=1, le=1000000)] = 800
    keep_alive_s: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 75


class Health(_Table, frozen=True, kw_only=True):
    """Who may ask without a token, and when the service calls itself unwell.

    ``from_loopback`` is for the health addresses, ``metrics_from_loopback`` for the metrics. Below
    ``disk_free_mb``, with an alarm due for ``alarm_late_s`` or the record's time ``clock_off_s``
    ahead of the machine's, the service is not ready.
    """

    from_loopback: bool = True
    metrics_from_loopback: bool = False
    disk_free_mb: Annotated[int, msgspec.Meta(ge=64)] = 512
    alarm_late_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 2.0
    clock_off_s: Annotated[float, msgspec.Meta(gt=0, le=86400)] = 60.0


class Hooks(_Table, frozen=True, kw_only=True):
    """Where letters to hooks may go besides the world: networks of one's own, as 10.0.4.0/24."""

    inside: tuple[Text, ...] = ()


class Accounts(_Table, frozen=True, kw_only=True):
    """What accounts need: a second factor where it is ``required``, and passwords nobody breached.

    ``breached`` is a file of breached passwords as Have I Been Pwned's downloader writes it, by
    digest; nothing is asked of anybody outside. ``code_drift`` is how many steps of 30 s a code of
    a telephone counts early and late; 0: a code lives for its own 30 seconds.
    """

    second_factor: Literal["offered", "required"] = "offered"
    code_drift: Annotated[int, msgspec.Meta(ge=0, le=1)] = 0
    breached: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Provider(_Table, frozen=True, kw_only=True):
    """The OpenID provider at which staff sign in; the client's secret lies in a file of its own.

    ``issuer`` is the address its description stands under. ``label`` is what the sign-in page calls
    it, ``claim`` what of its proof names an account's subject, ``timeout_s`` how long one answer of
    it may take, ``algorithms`` the signatures taken.
    """

    issuer: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s?#]{1,300}$")]
    client_id: Text
    secret_file: Text
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=60)] = "single sign-on"
    claim: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}$")] = "sub"
    scopes: tuple[Text, ...] = ("openid",)
    algorithms: Annotated[
        tuple[Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"], ...],
        msgspec.Meta(min_length=1),
    ] = ("RS256", "ES256")
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=15)] = 4.0


class Backup(_Table, frozen=True, kw_only=True):
    """Backups that the service makes by itself, each proved by restoring it; and who is alarmed.

    ``to`` is the folder for backups of the record, ``keys_to`` another one for those of its keys;
    without them somebody else makes them. ``recipient`` is the public line of the backup key.
    ``at`` is when, in the town's time. With no proven backup for ``every_h`` hours (of the keys
    ``keys_every_h``) supervisors are alarmed; 0: never. A chain has ``full_every`` files, ``keep``
    chains are kept; of the keys ``keys_keep`` backups, none older than ``keys_days``. ``scratch``
    is where they are restored to be proved, else the data folder.
    """

    to: str = ""
    keys_to: str = ""
    recipient: Annotated[str, msgspec.Meta(pattern=r"^(backup-key:[A-Za-z0-9_\-]{40,60})?$")] = ""
    at: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:30"
    every_h: Annotated[int, msgspec.Meta(ge=0, le=9000)] = 26
    keys_every_h: Annotated[int, msgspec.Meta(ge=0, le=9000)] = 26
    full_every: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 24
    keep: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 4
    keys_keep: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 7
    keys_days: Annotated[int, msgspec.Meta(ge=1, le=400)] = 7
    scratch: str = ""


class Settings(_Table, frozen=True, kw_only=True):
    """What ``serve.toml`` holds.

    ``town`` is a packaged town's name or a folder; ``data`` the folder of the record. ``names`` are
    answered to besides the loopback's and that of ``public_url``, where people reach the centre.
    ``behind_proxy`` believes X-Forwarded-For and -Proto of the addresses or networks in
    ``proxies``, and of nobody else. ``unencrypted`` lets an address be open without TLS. ``lines``
    is where switchboards speak to the centre: a port of the loopback, or the path of a socket.
    """

    town: Annotated[str, msgspec.Meta(max_length=400)] = ""
    data: Text = "data/serve"
    host: Text = "127.0.0.1"
    port: Port = 8110
    names: tuple[HostName, ...] = ()
    public_url: WebAddress = ""
    behind_proxy: bool = False
    proxies: tuple[Text, ...] = ("127.0.0.1", "::1")
    unencrypted: bool = False
    lines: LineAddress = ""
    log: Log = Log()
    sessions: SessionEnds = SessionEnds()
    limits: Limits = Limits()
    health: Health = Health()
    accounts: Accounts = Accounts()
    hooks: Hooks = Hooks()
    channels: tuple[ChannelAt, ...] = ()
    alerts: Alerts = Alerts()
    referring: Referring = Referring()
    dialler: DiallerAt = DiallerAt()
    texts: TextsAt = TextsAt()
    backup: Backup = Backup()
    provider: Provider | None = None

    def hosts(self) -> frozenset[str]:
        """Return the names answered to: the loopback's, those given, and the public address's."""
        public = _host_of(self.public_url)
        named = {name.lower() for name in (*self.names, public) if name}
        return LOOPBACK | named

    @property
    def url(self) -> str:
        """The address people reach it by, where one is told."""
        return self.public_url.rstrip("/")


def read_settings(path: Path | None, **options: object) -> Settings:
    """Read the file and lay the given options over it (None: not given). Raises CannotBegin."""
    settings = _read(path) if path else Settings()
    given = {name: value for name, value in options.items() if value not in (None, ())}
    if "log_format" in given:
        given["log"] = msgspec.structs.replace(settings.log, format=given.pop("log_format"))
    whole = msgspec.to_builtins(settings) | msgspec.to_builtins(given)
    try:
        settings = msgspec.convert(whole, Settings)
    except msgspec.ValidationError as error:
        raise _refused("the options", str(error)) from error
    _check(settings, str(path or "the options"))
    return settings


def _read(path: Path) -> Settings:
    try:
        settings = msgspec.toml.decode(path.read_bytes(), type=Settings)
    except OSError as error:
        raise CannotBegin(
            said(
                "Not started: the settings in {path} cannot be read ({why}). The file is not "
                "there, or this user may not read it. Give the right path with --settings.",
                path=path,
                why=error.strerror,
            )
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(str(path), str(error)) from error
    return _beside(settings, path.parent)


def _beside(settings: Settings, folder: Path) -> Settings:
    """Return the settings with their paths relative to the file's folder."""
    changed: dict[str, object] = {"data": str(folder / settings.data)}
    if (folder / settings.town / "town.toml").is_file():
        changed["town"] = str(folder / settings.town)
    places = {name: str(folder / place) for name in BACKUP_PLACES
              if (place := getattr(settings.backup, name))}  # fmt: skip
    if "/" in settings.lines:
        changed["lines"] = str(folder / settings.lines)
    changed["backup"] = msgspec.structs.replace(settings.backup, **places)
    changed["referring"] = referring.beside(settings.referring, folder)
    changed["channels"] = tuple(beside(channel, folder) for channel in settings.channels)
    changed["dialler"] = dialling.beside(settings.dialler, folder)
    changed["texts"] = texting.beside(settings.texts, folder)
    if settings.accounts.breached:
        held = str(folder / settings.accounts.breached)
        changed["accounts"] = msgspec.structs.replace(settings.accounts, breached=held)
    if settings.provider is not None:
        secret = str(folder / settings.provider.secret_file)
        changed["provider"] = msgspec.structs.replace(settings.provider, secret_file=secret)
    return msgspec.structs.replace(settings, **changed)


def _refused(place: str, why: str) -> CannotBegin:
    return CannotBegin(
        said(
            "Not started: {place} cannot be used. {why}. Correct that setting{meant}; "
            "the reference page 'Settings' lists all of them.",
            place=place,
            why=why,
            meant=_meant(why),
        )
    )


def _meant(why: str) -> str:
    """Return the key that an unknown one was probably meant to be."""
    unknown = re.search(r"unknown field `([^`]+)`", why)
    tables = (
        Settings, Log, WitnessAt, SessionEnds, Limits, Health, Backup, Provider, ChannelAt, Alerts,
        Accounts, DiallerAt, TextsAt, Referring, MailAt,
    )  # fmt: skip
    keys = [key for table in tables for key in table.__struct_fields__]
    close = difflib.get_close_matches(unknown[1], keys, 1) if unknown else []
    return f" (perhaps {close[0]} was meant)" if close else ""


def _check(settings: Settings, place: str) -> None:
    """Refuse what no type can say. Raises CannotBegin."""
    for refusal in REFUSALS:
        if why := refusal(settings):
            raise _refused(place, why)


def _no_town(settings: Settings) -> str:
    return "" if settings.town else "No town is named - at `$.town`"


def _bad_proxy(settings: Settings) -> str:
    for nth, text in enumerate(settings.proxies):
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            return f"{error} - at `$.proxies[{nth}]`"
    return ""


def _bad_network(settings: Settings) -> str:
    for nth, text in enumerate(settings.hooks.inside):
        try:
            networks([text])
        except ValueError as error:
            return f"{error} - at `$.hooks.inside[{nth}]`"
    return ""


def _open_to_all(settings: Settings) -> str:
    """Passwords are not offered to a network as plain text, unless somebody says so."""
    if is_loopback(settings.host) or settings.behind_proxy or settings.unencrypted:
        return ""
    return (
        f"{settings.host} is open to the network without encryption: set behind_proxy and let a "
        "proxy with TLS stand in front, or say unencrypted = true - at `$.host`"
    )


def _half_a_provider(settings: Settings) -> str:
    provider = settings.provider
    if provider is None:
        return ""
    if not settings.public_url:
        return "A provider leads people back to public_url, which is not given - at `$.public_url`"
    if provider.issuer.startswith("http://") and not is_loopback(_host_of(provider.issuer)):
        return "The provider is not reached by https - at `$.provider.issuer`"
    if "openid" not in provider.scopes:
        return "The scope openid is missing - at `$.provider.scopes`"
    return ""


def _backup_for_nobody(settings: Settings) -> str:
    backup = settings.backup
    if (backup.to or backup.keys_to) and not backup.recipient:
        return (
            "Backups are encrypted for somebody: make a key with 'answerable backup key' and give "
            "its public line - at `$.backup.recipient`"
        )
    if backup.to and backup.to == backup.keys_to:
        return "Record and keys never go into one folder - at `$.backup.keys_to`"
    return ""


def _bad_channel(settings: Settings) -> str:
    why, place = trouble(settings.channels, settings.alerts)
    return f"{why} - at `{place}`" if why else ""


def _bad_dialler(settings: Settings) -> str:
    why, place = dialling.trouble(settings.dialler)
    return f"{why} - at `{place}`" if why else ""


def _bad_texts(settings: Settings) -> str:
    why, place = texting.trouble(settings.texts, settings.public_url)
    return f"{why} - at `{place}`" if why else ""


def _no_list(settings: Settings) -> str:
    if not settings.accounts.breached:
        return ""
    try:
        Breached(Path(settings.accounts.breached))
    except OSError as error:
        why = error.strerror or str(error)
    except NotAList as error:
        why = str(error)
    else:
        return ""
    return f"The list of breached passwords cannot be used: {why} - at `$.accounts.breached`"


def _short_shift(settings: Settings) -> str:
    ends = settings.sessions
    if ends.idle_min <= ends.longest_min:
        return ""
    return "A session cannot be idle longer than it lasts - at `$.sessions.idle_min`"


def _bad_witness(settings: Settings) -> str:
    named = set()
    for nth, witness in enumerate(settings.log.witnesses):
        place = f"`$.log.witnesses[{nth}]`"
        try:
            key = Verifier.parse(witness.vkey)
        except NotAVerifierKey:
            return f"It is no verifier key - at {place}"
        if key.kind != COSIGNATURE:
            return f"The key is not a witness's, which makes cosignatures - at {place}"
        if witness.url.startswith("http://") and not is_loopback(_host_of(witness.url)):
            return f"The witness is not reached by https - at {place}"
        if witness.name in named or key in named:
            return f"The same witness is named twice - at {place}"
        named |= {witness.name, key}
    return ""


REFUSALS = (
    _no_town, _bad_proxy, _bad_network, _open_to_all, _half_a_provider, _backup_for_nobody,
    _no_list, _short_shift, _bad_channel, _bad_dialler, _bad_texts,
    _bad_witness,
)  # fmt: skip
"""What is refused besides a wrong type, in this order."""


def _host_of(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Say whether an address or a name is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
