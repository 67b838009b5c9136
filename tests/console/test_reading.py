"""The reading gate: sealed words are shown to whoever's reading is recorded, and to nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import html
import re
from pathlib import Path

import pytest

from answerable.console.reading import Gate
from answerable.console.sanity import Refused
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.desk import Unavailable
from answerable.record.vault import Boxed, key_missing
from answerable.vault import words as v
from tests.console.conftest import DISPATCHER, MINUTE_US, World

SECRET = "Zephyrine waits behind the blue door"
SUPERVISOR = Actor(name="supervisor", role="supervisor")
OTHER = Actor(name="another supervisor", role="supervisor")


def noted(world: World, words: str = SECRET) -> str:
    incident = world.incident()
    world.do(i.AddNote, incident=incident, words=words)
    return incident


def closed(world: World, words: str = SECRET) -> str:
    incident = noted(world, words)
    world.do(d.CloseIncident, incident=incident, outcome="helped")
    return incident


def readings(world: World, incident: str) -> list[tuple[str, str]]:
    """Return who read an incident and for what, as the record has it."""
    return [
        (row.actor, world.centre.hub.rooms.decode(row).purpose)
        for row in world.centre.store.stream(f"incident:{incident}")
        if row.kind in ("vault.SealedRead", "vault.ArchiveOpened")
    ]


def page(world: World, incident: str, role: str = "dispatcher", path: str = "") -> str:
    async def scene(client):
        answer = await client.get(f"/incidents/{incident}{path}")
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    return world.run(scene, role)


def token_in(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found is not None
    return found[1]


# -- an incident being worked ----------------------------------------------------------------


def test_the_page_of_an_open_incident_records_the_reading_and_says_so(world):
    incident = noted(world)
    told = page(world, incident)
    assert SECRET in told
    assert "That you read them is recorded." in told
    assert readings(world, incident) == [("dispatcher", "working the incident")]


def test_the_reading_stands_in_the_record_before_the_words_are_shown(world, monkeypatch):
    incident, seen = noted(world), []
    unseal = world.centre.store.unseal

    def watched(position, field):
        assert world.centre.hub.waiting == 0
        seen.append(readings(world, incident))
        return unseal(position, field)

    monkeypatch.setattr(world.centre.store, "unseal", watched)
    page(world, incident)
    assert seen  # for the page, and where its stream is drawn before the scene ends, for that
    assert all(read == [("dispatcher", "working the incident")] for read in seen)


def test_it_is_recorded_once_an_hour_for_each_person(world):
    incident = noted(world)
    for _ in range(3):
        page(world, incident)
    page(world, incident, "supervisor")
    assert len(readings(world, incident)) == 2
    leap(world, world.centre.now_us() + 61 * MINUTE_US)
    assert SECRET in page(world, incident)
    assert [who for who, _ in readings(world, incident)] == [
        "dispatcher", "supervisor", "dispatcher",
    ]  # fmt: skip


def test_nothing_is_recorded_where_nothing_is_sealed(world):
    incident = world.incident()
    told = page(world, incident)
    assert readings(world, incident) == []
    assert "recorded." not in told.partition('id="reading"')[2][:200]


def test_two_windows_that_open_at_once_are_one_reading(world):
    incident = noted(world)

    async def scene(client):
        answers = await asyncio.gather(*(client.get(f"/incidents/{incident}") for _ in range(4)))
        assert all(SECRET in html.unescape(one.text) for one in answers)

    world.run(scene)
    assert len(readings(world, incident)) == 1


def test_a_record_that_takes_nothing_shows_nothing(world, monkeypatch):
    incident = noted(world)

    async def full(command, actor):
        raise Unavailable("Not recorded. The disk is full. Free some space.")

    monkeypatch.setattr(world.centre.desk, "ask", full)

    async def scene(client):
        return await client.get(f"/incidents/{incident}")

    answer = world.run(scene)
    assert answer.status_code == 503
    assert SECRET not in html.unescape(answer.text)


def test_a_role_that_may_not_read_sees_no_words_and_leaves_no_reading(world):
    incident, session = noted(world), world.session("crew")
    asyncio.run(world.app.pages.enter(session, incident))
    lang = world.app.front.phrases("en").lang
    told = world.app.pages.incident(session, lang, "", incident)
    assert SECRET not in html.unescape(told)
    assert "(sealed)" in told
    assert readings(world, incident) == []


# -- a closed one ----------------------------------------------------------------------------


def test_a_closed_incident_is_masked_and_asks_what_for(world):
    incident = closed(world)
    told = page(world, incident)
    assert SECRET not in told
    assert "Note 1: (sealed)" in told
    assert "Read them for a purpose" in told
    assert readings(world, incident) == []


def test_a_reading_from_before_the_closing_does_not_count_after_it(world):
    incident = noted(world)
    assert SECRET in page(world, incident)
    world.do(d.CloseIncident, incident=incident, outcome="helped")
    assert SECRET not in page(world, incident)


def purpose(world: World, incident: str, role: str = "dispatcher", **form: str):
    """State a purpose on the page of a closed incident; return the answer and the page after."""

    async def scene(client):
        first = await client.get("/board")
        form.setdefault("token", token_in(first.text))
        answer = await client.post(f"/incidents/{incident}/read", data=form)
        after = await client.get(f"/incidents/{incident}")
        return answer, html.unescape(after.text)

    return world.run(scene, role)


def test_a_stated_purpose_is_recorded_and_then_the_words_are_shown(world):
    incident = closed(world)
    answer, after = purpose(world, incident, purpose="complaint", note="file 12")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}")
    assert SECRET in after
    assert readings(world, incident) == [("dispatcher", "complaint")]
    assert "The sealed words were read: complaint (file 12)." in after


def test_a_reading_is_for_who_read_and_nobody_else(world):
    incident = closed(world)
    purpose(world, incident, purpose="complaint")
    assert SECRET not in page(world, incident, "supervisor")


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"purpose": ""}, 400, "No purpose was chosen."),
        ({"purpose": "curiosity"}, 400, "No purpose was chosen."),
        ({"purpose": "other"}, 409, "The purpose 'other' needs a note."),
        ({"purpose": "working the incident"}, 409, "nobody is working it"),
        ({"purpose": "complaint", "token": "wrong"}, 403, "does not belong to this session"),
    ],
)
def test_a_purpose_that_is_none_is_refused_and_shows_nothing(world, form, status, code):
    incident = closed(world)
    answer, after = purpose(world, incident, **form)
    assert answer.status_code == status
    assert code in html.unescape(answer.text)
    assert SECRET not in after
    assert readings(world, incident) == []


def test_a_purpose_stated_from_a_script_leads_back_to_the_incident(world):
    incident = closed(world)

    async def scene(client):
        first = await client.get("/board")
        form = {"token": token_in(first.text), "purpose": "call-back"}
        path = f"/incidents/{incident}/read"
        return await client.post(path, data=form, headers={"hx-request": "true"})

    answer = world.run(scene)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (201, f"/incidents/{incident}")


def test_who_read_is_told_in_plain_sentences(world):
    incident = closed(world)
    assert "Nobody has read them." in page(world, incident, path="/readings")
    purpose(world, incident, purpose="quality review")
    told = page(world, incident, "supervisor", path="/readings")
    assert "The sealed words were read: quality review." in told
    assert SECRET not in told

    async def scene(client):
        return await client.get("/incidents/none/readings")

    assert world.run(scene).status_code == 404


# -- what was erased, archived, destroyed ----------------------------------------------------


def test_erased_words_are_told_as_erased_and_the_page_says_so(world):
    incident = closed(world)
    world.do(v.AskErasure, SUPERVISOR, incident=incident, reason="the caller asked")
    world.do(v.ApproveErasure, OTHER, incident=incident)
    world.centre.carry_out()
    told = page(world, incident)
    assert "Note 1: (erased)" in told
    assert "The sealed words of this incident are erased." in told
    answer, _ = purpose(world, incident, purpose="complaint")
    assert answer.status_code == 409


def archived(world: World) -> str:
    """Return an incident that the table has archived: closed long ago."""
    incident = closed(world)
    days = world.centre.town.retention.rule("Medical Incident", "helped").archive_days
    later = world.centre.now_us() + (days + 1) * 86_400_000_000
    leap(world, later)
    world.do(v.EraseDue, SYSTEM, incident=incident)
    return incident


def leap(world: World, to_us: int) -> None:
    world.centre.hub.clock.jump(to_us)


def test_an_archived_incident_opens_for_a_supervisor_with_a_purpose(world):
    incident = archived(world)

    async def refused(client):
        pages = (f"/incidents/{incident}", f"/api/incidents/{incident}",
                 f"/incidents/{incident}/archive")  # fmt: skip
        return [(await client.get(path)).status_code for path in pages]

    assert world.run(refused) == [403, 403, 403]
    assert world.run(refused, "supervisor") == [303, 403, 200]
    answer, _ = purpose(world, incident, purpose="complaint")
    assert answer.status_code == 409
    answer, after = purpose(world, incident, "supervisor", purpose="court or authority")
    assert answer.status_code == 303
    assert "It was looked at in the archive: court or authority." in after
    assert readings(world, incident) == [("supervisor", "court or authority")]


def test_a_destroyed_incident_opens_for_nobody(world):
    incident = closed(world)
    world.do(v.AskErasure, SUPERVISOR, incident=incident, act="destroy", reason="ordered")
    world.do(v.ApproveErasure, OTHER, incident=incident)

    async def scene(client):
        paths = (f"/incidents/{incident}", f"/api/incidents/{incident}")
        return [(await client.get(path)).status_code for path in paths]

    for role in ("dispatcher", "supervisor"):
        assert world.run(scene, role) == [410, 410]


def test_what_a_program_follows_has_only_open_fields_of_what_is_out_of_reach(world):
    incident = closed(world)
    world.do(v.AskErasure, SUPERVISOR, incident=incident, act="destroy", reason="ordered by law")
    world.do(v.ApproveErasure, OTHER, incident=incident)

    async def scene(client):
        return (await client.get("/api/events?limit=500")).json()["events"]

    told = [one for one in world.run(scene) if one["stream"] == f"incident:{incident}"]
    assert told
    asked = next(one for one in told if one["type"] == "vault.ErasureAsked")
    assert asked["event"] == {"incident": incident, "act": "destroy"}


# -- those who look on -----------------------------------------------------------------------


class Watching:
    """Consoles that follow an incident's live stream in one role."""

    def __init__(self, world: World, incident: str) -> None:
        self.world, self.name = world, f"incident/{incident}/en/supervisor"
        self.incident = incident
        self.front = world.app.front

    def join(self, actor: Actor):
        with self.front.at_hand(self.incident):
            words = self.front.gate.counts(actor, self.incident)
        return self.front.channels.follow(self.name, self.front.recorded, actor, words=words)[1]

    def draw(self) -> None:
        self.world.app.live.settle(self.name)


def sent_to(subscriber) -> str:
    data = b"".join(subscriber.queue).decode()
    subscriber.queue.clear()
    return html.unescape(data)


@contextlib.contextmanager
def watched(world: World, *actors: Actor):
    incident = noted(world)
    watching = Watching(world, incident)
    watching.front.channels.open(watching.name)
    consoles = [watching.join(actor) for actor in actors]
    yield watching, incident, consoles
    watching.front.channels.close()


def test_a_change_is_drawn_for_those_whose_reading_counts_and_again_for_the_others(world):
    with watched(world, SUPERVISOR, OTHER) as (watching, incident, consoles):
        world.do(v.ReadSealed, SUPERVISOR, incident=incident, purpose="working the incident")
        world.do(i.AddNote, incident=incident, words="and a ladder")
        watching.draw()
        reads, does_not = map(sent_to, consoles)
        assert "and a ladder" in reads
        assert SECRET in reads
        assert does_not.startswith("event: again")
        assert SECRET not in does_not


def test_a_reading_that_is_over_shows_nothing_more(world):
    with watched(world, SUPERVISOR) as (watching, incident, [console]):
        world.do(v.ReadSealed, SUPERVISOR, incident=incident, purpose="working the incident")
        leap(world, world.centre.now_us() + 61 * MINUTE_US)
        world.do(i.AddNote, incident=incident, words="and a ladder")
        watching.draw()
        assert "ladder" not in sent_to(console)


def test_what_was_drawn_before_is_not_sent_to_whoever_comes_back_without_a_reading(world):
    with watched(world, SUPERVISOR) as (watching, incident, _consoles):
        world.do(v.ReadSealed, SUPERVISOR, incident=incident, purpose="working the incident")
        seen = watching.front.recorded
        world.do(i.AddNote, incident=incident, words="and a ladder")
        watching.draw()
        follow = watching.front.channels.follow
        late = follow(watching.name, seen, SUPERVISOR, words=True)[1]
        stranger = follow(watching.name, seen, OTHER, words=False)[1]
        assert "ladder" in sent_to(late)
        assert sent_to(stranger) == "event: again\ndata: 1\n\n"


def test_after_an_erasure_nothing_drawn_is_kept(world):
    with watched(world, SUPERVISOR) as (watching, incident, [console]):
        world.do(v.ReadSealed, SUPERVISOR, incident=incident, purpose="working the incident")
        world.do(i.AddNote, incident=incident, words="and a ladder")
        watching.draw()
        world.do(d.CloseIncident, incident=incident, outcome="helped")
        world.do(v.AskErasure, SUPERVISOR, incident=incident, reason="the caller asked")
        console.queue.clear()
        world.do(v.ApproveErasure, OTHER, incident=incident)
        assert sent_to(console) == "event: again\ndata: 1\n\n"
        channel = watching.front.channels.open(watching.name)
        assert "ladder" not in repr((channel.kept, channel.shown))


def test_what_cannot_be_opened_is_told_so_and_the_page_still_comes(world, monkeypatch):
    incident = noted(world)

    def lost(position, field):
        raise key_missing(
            Path("vault.db"), Boxed(position, field, 7, b"", b""), f"incident:{incident}"
        )

    monkeypatch.setattr(world.centre.store, "unseal", lost)
    assert "Note 1: (cannot be opened)" in page(world, incident)


def test_the_answer_to_a_note_does_not_repeat_its_words(world):
    async def scene(client):
        first = await client.get("/board")
        form = {
            "token": token_in(first.text),
            "line": f"{incident} note {SECRET}",
            "key": "k-12345",
        }
        return html.unescape((await client.post("/line", data=form)).text)

    incident = world.incident()
    assert SECRET not in world.run(scene)


def test_an_unknown_incident_has_no_gate(world):
    gate: Gate = world.app.front.gate
    gate.check_reach(DISPATCHER, "none")
    assert not gate.counts(DISPATCHER, "none")
    with pytest.raises(Refused):
        world.app.pages.incident(world.session("dispatcher"), world.app.front.phrases("en").lang,
                                 "", "none")  # fmt: skip


def test_the_page_offers_what_two_people_may_decide(world):
    incident = closed(world)
    told = page(world, incident, "supervisor")
    for label in ("Hold: nothing of it is erased", "Ask to erase the sealed words",
                  "Ask to destroy it"):  # fmt: skip
        assert label in told
    assert "Ask to erase" not in page(world, incident)
    world.do(v.AskErasure, OTHER, incident=incident, reason="the caller asked")
    told = page(world, incident, "supervisor")
    assert "Approve the erasure" in told
    assert "Refuse the erasure" in told
    assert "Ask to destroy it" not in told
