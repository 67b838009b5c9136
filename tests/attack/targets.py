"""Everything that reads bytes from outside, each with the refusals it may answer with.

A target is given any bytes and either returns or raises one of its documented refusals; nothing
else may come out. ``test_fuzzed_readers.py`` drives them with Hypothesis, ``tools/fuzz.py`` with
atheris for as long as one likes.
"""

from __future__ import annotations

import contextlib
import gzip
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec

from answerable.access.keys import read_token
from answerable.client.letters import BadLetter, check_letter
from answerable.console import api, places, ranges, sanity
from answerable.console.contract import query
from answerable.console.language import preferred
from answerable.console.running import CannotBegin
from answerable.console.sanity import Refused
from answerable.console.serve.settings import Provider, read_settings
from answerable.disclosure.codes import fitting, normal_code, normal_number
from answerable.exchange.calls.mapping import parse_mapping
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.reader import read_batches
from answerable.exchange.hooks.addresses import NotThere, parts_of
from answerable.kernel.event import Row
from answerable.kernel.room import UnknownEvent
from answerable.kernel.store import StoreRefusal
from answerable.place.areas import read_areas_file, read_features
from answerable.place.errors import PlaceError
from answerable.place.roads import load_roads
from answerable.record import verify
from answerable.record.log import notes, tiles
from answerable.record.log.checkpoint import opened
from answerable.record.log.tlog_proof import TlogProof
from answerable.rooms import product
from answerable.standards.definition import BadStandard, read_standard
from answerable.towns.build.options import BuildRefused
from answerable.towns.build.source import read_osm
from answerable.towns.build.stations import stations_of_file
from answerable.towns.check.checker import check_town
from answerable.towns.load import TownRefused, load_town, packaged_towns
from answerable.witness import letters as witness_letters
from tests.attack.fitting import command_json
from tests.samples import sample

ROOMS = product()
FRONT: Any = SimpleNamespace(hub=SimpleNamespace(rooms=ROOMS))
TOWN = packaged_towns()["liechtenstein"]
CALLS = packaged_towns()["san_francisco"]
KINDS = sorted(ROOMS.events)
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Target(NamedTuple):
    """One reader: what it is given, what it may refuse with, and what a sound input looks like."""

    name: str
    run: Callable[[bytes], object]
    refusals: tuple[type[BaseException], ...]
    seeds: tuple[bytes, ...]


def scope(text: bytes = b"", **headers: bytes) -> Any:
    """Return what the server says of a request."""
    told = [(name.replace("_", "-").encode(), value) for name, value in headers.items()]
    return {"headers": told, "query_string": text, "scheme": "http"}


@contextlib.contextmanager
def file_of(data: bytes, name: str) -> Iterator[Path]:
    """Lay bytes into a file for as long as they are read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def in_file(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    """Return a target that reads a file of that name."""

    def run(data: bytes) -> object:
        with file_of(data, name) as path:
            return read(path)

    return run


def in_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """Return a target that reads text; bytes that are none are passed over."""
    return lambda data: read(data.decode("utf-8", "replace"))


def event(data: bytes) -> object:
    """Read an event's body; the first bytes say of which kind and version."""
    kind, version = KINDS[data[0] % len(KINDS)] if data else KINDS[0], 1 + len(data) % 3
    return ROOMS.decode(Row(1, "x", kind, version, 1, 1, "a", "k", 1, data[1:]))


def whole_query(data: bytes) -> object:
    """Read everything the API reads of an address and its headers."""
    given = query.asked(scope(data), ("after", "limit", "kinds"))
    query.whole(given, "limit", query.LIMIT, 1, query.LIMIT_MAX)
    query.kinds(given, ROOMS.events)
    return query.after(scope(data, last_event_id=data[:24]), given, 10)


def header_fields(data: bytes) -> object:
    """Read the headers that a browser or a program sends."""
    told = scope(cookie=data, accept_language=data, host=data, origin=data)
    sanity.cookies(told)
    preferred(sanity.kept(told, "lang"), sanity.header(told, b"accept-language"))
    text = data.decode("latin-1")
    ranges.answer("GET", {"range": text, "if-range": text, "if-none-match": text}, '"x"', 100)
    read_token(text)
    return sanity.check_origin(told)


def town_file(name: str) -> Callable[[bytes], object]:
    """Return a target that reads a town in which one file is the bytes."""

    def run(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            for part in ("town.toml", "units.csv", "areas.toml", "holidays.toml"):
                (folder / part).write_bytes((TOWN / part).read_bytes())
            (folder / name).write_bytes(data)
            assert isinstance(check_town(folder), list)
            return load_town(folder)

    return run


def rows_of(name: str) -> Callable[[bytes], object]:
    """Return a target that reads a file of call records to its end."""
    mapping = parse_mapping((CALLS / "mapping.toml").read_text("utf-8"), "mapping.toml")
    return in_file(
        lambda path: sum(len(batch.lines) for batch in read_batches(path, mapping)), name
    )


def streets(data: bytes) -> object:
    """Read a town's streets, packed or not."""
    with file_of(data if data[:2] == b"\x1f\x8b" else gzip.compress(data, 1), "s.geojson.gz") as p:
        return load_roads(p)


def letter(data: bytes) -> object:
    """Check a letter whose headers and body are the bytes."""
    number, _, rest = data.partition(b"\n")
    sent, _, signed = rest.partition(b"\n")
    told = {"webhook-id": number, "webhook-timestamp": sent, "webhook-signature": signed}
    headers = {name: value.decode("latin-1") for name, value in told.items()}
    return check_letter(SECRET, headers, data, clock=lambda: 0.0)


def id_token(data: bytes) -> object:
    """Check a proof of the provider."""
    from joserfc.jwk import KeySet

    from answerable.console.provider.proof import subject_of

    provider = Provider(issuer="https://a.example", client_id="c", secret_file="s")
    keys = KeySet.import_key_set({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1", "x":
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y":
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})  # fmt: skip
    return subject_of(data.decode("latin-1"), keys, provider, "nonce")


def provider_answer(data: bytes) -> object:
    """Read what a provider answers: its description and its keys."""
    from answerable.console.provider.remote import _object, keys_in

    return keys_in(_object("keys", 200, data))


def trouble() -> tuple[type[BaseException], ...]:
    """Return what the sign-in at a provider refuses with."""
    from answerable.console.provider.proof import UnknownKey
    from answerable.console.provider.trouble import ProviderTrouble

    return ProviderTrouble, UnknownKey


def code(data: bytes) -> object:
    """Read a receipt's number and code as somebody types them."""
    text = data.decode("utf-8", "replace")
    return fitting(b"s" * 32, normal_number(text), normal_code(text))


NOTE = (
    b"example.org/log\n3\n"
    + b"A" * 43
    + b"=\n\n\xe2\x80\x94 example.org/log "
    + b"A" * 92
    + b"==\n"
)
PROOF = b"c2sp.org/tlog-proof@v1\nindex 1\n" + b"A" * 43 + b"=\n\n" + NOTE
OSM = (
    b'<?xml version="1.0"?><osm version="0.6"><node id="1" version="1" lat="47.1" lon="9.5"/>'
    b'<node id="2" version="1" lat="47.2" lon="9.6"/><way id="3" version="1"><nd ref="1"/>'
    b'<nd ref="2"/><tag k="highway" v="residential"/></way></osm>'
)
FEATURES = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"FS01","name":'
    b'"Vaduz","type":"fire"},"geometry":{"type":"Point","coordinates":[9.5,47.1]}}]}'
)
STREET = (
    b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1,"from":0,"to"'
    b':1,"name":"x","oneway":"","mph":25},"geometry":{"type":"LineString","coordinates":[[9.5,47.1]'
    b",[9.6,47.2]]}}]}"
)
SERVE = (
    b'town = "liechtenstein"\nport = 8110\nnames = ["a.example.org"]\n[log]\nformat = "json"\n'
    b'[limits]\nconnections = 100\n[provider]\nissuer = "https://a.example"\nclient_id = "c"\n'
    b'secret_file = "s"\n'
)


def seeds_of(folder: Path, name: str) -> tuple[bytes, ...]:
    """Return a sound file of a town, as far as a fuzzer wants to read."""
    return ((folder / name).read_bytes()[:20_000],)


def targets() -> tuple[Target, ...]:
    """Return all of them."""
    commands = tuple(
        msgspec.json.encode(command_json(cls, "fuzz-00001")) for cls in ROOMS.commands.values()
    )
    events = tuple(
        bytes([KINDS.index(tag)]) + msgspec.json.encode(sample(cls))
        for tag, cls in ROOMS.events.items()
    )
    standard = (Path(__file__).parents[2] / "src/answerable/standards/catalogue/uk-999.toml",)
    with gzip.open(CALLS / "calls.csv.gz") as packed:
        table = b"".join(packed.readline() for _ in range(12))
    return (
        Target("command", lambda data: api.command_of(FRONT, data), (Refused,), commands),
        Target("place", places.asked_of, (Refused,), (b'{"text":"main st 4","limit":3}',)),
        Target("form", sanity.fields, (Refused,), (b"type=intake.AnswerCall&key=x&a=%2Fb",)),
        Target("query", whole_query, (Refused,), (b"after=3&limit=10&kinds=intake.CallRung",)),
        Target("headers", header_fields, (Refused,), (b"answerable=x; lang=en", b"bytes=0-4",
               b"Bearer ans_a-b_x", b"zh-CN,zh;q=0.9", b"https://a.example")),
        Target("event", event, (*MALFORMED, UnknownEvent), events),
        Target("standard", in_text(read_standard), (BadStandard,),
               tuple(p.read_bytes() for p in standard)),
        Target("mapping", in_text(lambda text: parse_mapping(text, "m.toml")), (SourceRefused,),
               seeds_of(CALLS, "mapping.toml")),
        Target("calls.csv", rows_of("calls.csv"), (SourceRefused,), (table,)),
        Target("calls.csv.gz", rows_of("calls.csv.gz"), (SourceRefused,), (gzip.compress(table),)),
        Target("serve.toml", in_file(lambda path: read_settings(path), "serve.toml"),
               (CannotBegin,), (SERVE,)),
        Target("town.toml", town_file("town.toml"), (TownRefused,), seeds_of(TOWN, "town.toml")),
        Target("units.csv", town_file("units.csv"), (TownRefused,), seeds_of(TOWN, "units.csv")),
        Target("holidays.toml", town_file("holidays.toml"), (TownRefused,),
               seeds_of(TOWN, "holidays.toml")),
        Target("areas.toml", in_file(read_areas_file, "areas.toml"), (PlaceError,),
               seeds_of(TOWN, "areas.toml")),
        Target("features.geojson", in_file(read_features, "a.geojson"), (PlaceError,), (FEATURES,)),
        Target("stations.geojson", in_file(stations_of_file, "s.geojson"), (BuildRefused,),
               (FEATURES,)),
        Target("streets.geojson", streets, (PlaceError,), (STREET,)),
        Target("map.osm", in_file(lambda path: read_osm(path, lambda *a: None), "m.osm"),
               (BuildRefused,), (OSM,)),
        Target("hook address", in_text(parts_of), (NotThere,), (b"https://a.example:8443/x",)),
        Target("letter", letter, (BadLetter,), (b"msg_1\n0\nv1,AAAA\n{}",)),
        Target("ID token", id_token, trouble(), (b"eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.e30.AAAA",)),
        Target("provider's keys", provider_answer, trouble(),
               (b'{"keys":[{"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB"}]}',)),
        Target("signed note", lambda data: opened(data, (), "example.org/log"), (StoreRefusal,),
               (NOTE,)),
        Target("verifier key", in_text(notes.Verifier.parse), (StoreRefusal,),
               (b"example.org/log+00000000+AQAAAA==",)),
        Target("proof", TlogProof.parse, (StoreRefusal,), (PROOF,)),
        Target("bundle", tiles.entries_in, (StoreRefusal, ValueError), (b"x" * 128,)),
        Target("witness letter", witness_letters.read, (ValueError,), (b"old 1\n\n" + NOTE,)),
        Target("outsider's checkpoint", lambda data: verify.checkpoint_of(data, "x"),
               (verify.Failed,), (NOTE,)),
        Target("outsider's proof", lambda data: verify.proof_of(data, "x"), (verify.Failed,),
               (PROOF,)),
        Target("outsider's openings", lambda data: verify.openings_of(data, "x"), (verify.Failed,),
               (b'[{"position":1,"opening":"x","salt":"00"}]',)),
        Target("receipt's code", code, (), (b"A-12345 ABCD-EFGH",)),
    )  # fmt: skip
