"""Referrals are carried beside the work: tried again, told when it fails, in nobody's way."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage

import httpx
import msgspec
import pytest

from answerable.console.referring import replies
from answerable.console.referring.definition import Referring
from answerable.console.referring.messenger import TRIES_MAX, Messenger
from answerable.console.referring.replies import Replies
from answerable.console.serve.settings import Settings, read_settings
from answerable.dispatch import words as d
from answerable.exchange.hooks.courier import Times
from answerable.exchange.letters import Heard, NotCarried
from answerable.exchange.mail.out import code_of
from answerable.exchange.open311.client import Service
from answerable.kernel.authority import Actor
from answerable.matters import referral_words as w
from tests.console.doors import Place
from tests.exchange.mail.relay import Relay

DESK = Actor(name="ada", role="dispatcher")
LIFT = {
    "incident": "99", "agency": "BUILDING", "kind": "Elevator / Escalator Rescue", "priority": "3",
    "address": "10 OAK ST", "lon": -122.42, "lat": 37.77, "areas": ("Mission", "B02"),
    "opened_us": 1_585_854_000_000_000, "outcome": "Fire", "words": "stuck twice", "door": "2 left",
}  # fmt: skip


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()


class Carrier:
    """Takes letters as ``answers`` say: a receipt, or what is raised instead."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.letters, self.asked, self.heard = [], [], []

    async def carry(self, letter):
        self.letters.append(letter)
        answer = self.answers.pop(0) if self.answers else NotCarried("gone")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def ask(self, receipts):
        self.asked.append(receipts)
        return self.heard

    async def close(self):
        pass


def refer(place, **fields) -> str:
    return str(place.do(w.ReferIncident, DESK, **(LIFT | fields)).referral)


def line(place, number: str):
    return place.centre.hub.state["referrals"].line(number)


def round_of(place, carrier, agency="BUILDING", **settings):
    messenger = Messenger(place.front)
    times = Times(now_s=lambda: place.wall[0], chance=lambda: 0.5)
    messenger.set_up(Referring(**settings), times, lambda partner: carrier)
    return messenger.rounds[agency]


def once(place, one, passes_s: float = 0.0) -> None:
    """Let time pass, and the round be made once."""
    place.wall[0] += passes_s
    asyncio.run(one.once())


# -- carrying --------------------------------------------------------------------------------


def test_a_letter_holds_what_the_rule_names_and_its_receipt_is_recorded(place):
    number = refer(place)
    carrier = Carrier("R-7")
    once(place, round_of(place, carrier))
    (letter,) = carrier.letters
    words = letter.words()
    for shown in (number, "Elevator / Escalator Rescue", "10 Oak St", "stuck twice", "2 left"):
        assert shown in words
    for hidden in ("Mission", "B02", "Fire", "37.77", "Priority"):
        assert hidden not in words
    assert (letter.lon, letter.lat) == (None, None)
    assert (line(place, number).state, line(place, number).receipt) == ("received", "R-7")


def test_what_is_not_taken_is_tried_again_with_growing_pauses_and_then_told(place):
    number = refer(place)
    carrier = Carrier()
    one = round_of(place, carrier)
    once(place, one)
    once(place, one)
    assert len(carrier.letters) == 1, "the pause is kept"
    for _ in range(TRIES_MAX):
        once(place, one, passes_s=3_601)
    assert len(carrier.letters) == TRIES_MAX
    assert (line(place, number).state, line(place, number).failed) == ("not sent", "gone")
    place.do(w.SendReferralAgain, DESK, referral=number)
    carrier.answers = ["R-8"]
    once(place, one)
    assert line(place, number).receipt == "R-8"
    assert carrier.letters[-1].sending == 2


def test_what_never_can_be_taken_is_told_at_once(place):
    number = refer(place)
    once(place, round_of(place, Carrier(NotCarried("no such address", for_good=True))))
    assert line(place, number).failed == "no such address"


def test_a_fault_of_a_carrier_stops_nothing_that_comes_after_it(place):
    first, second = refer(place), refer(place, incident="98")
    once(place, round_of(place, Carrier(RuntimeError("secret"), "R-9")))
    assert (line(place, first).state, line(place, second).state) == ("on its way", "received")


@pytest.mark.parametrize(
    ("agency", "kind", "why"),
    [("BUILDING", LIFT["kind"], "no mail relay is set up"),
     ("311", "Citizen Assist / Service Call", "the key of its service cannot be read")],
)  # fmt: skip
def test_without_a_way_set_up_somebody_is_told_and_nothing_waits_in_silence(
    place, agency, kind, why
):
    number = refer(place, agency=agency, kind=kind, door="")
    messenger = Messenger(place.front)
    messenger.set_up(Referring())
    asyncio.run(messenger.rounds[agency].once())
    assert line(place, number).failed == why


def test_a_demonstration_carries_nothing(place):
    number = refer(place)
    assert place.front.messenger.rounds == {}
    assert line(place, number).state == "on its way"


def test_an_agency_that_hangs_delays_neither_another_nor_the_work(place):
    slow, quick = refer(place), refer(place, incident="98", agency="311",
                                      kind="Citizen Assist / Service Call", door="")  # fmt: skip
    release = asyncio.Event()

    class Hangs(Carrier):
        async def carry(self, letter):
            await release.wait()
            return "late"

    async def scene():
        messenger = Messenger(place.front)
        carriers = {"BUILDING": Hangs(), "311": Carrier("SR-1")}
        messenger.set_up(Referring(), None, lambda partner: carriers[partner.code])
        task = asyncio.create_task(messenger.run())
        for _ in range(3_000):
            await asyncio.sleep(0.01)
            if line(place, quick).state == "received":
                break
        assert line(place, quick).state == "received"
        assert line(place, slow).state == "on its way"
        place.do(w.ReferIncident, DESK, **(LIFT | {"incident": "97"}))
        release.set()
        for _ in range(3_000):
            await asyncio.sleep(0.01)
            if line(place, slow).state == "received":
                break
        assert line(place, slow).state == "received"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scene())


# -- asking ----------------------------------------------------------------------------------


def test_what_its_service_says_is_recorded_and_closed_is_not_called_done(place):
    number = refer(place)
    carrier = Carrier("R-7")
    one = round_of(place, carrier, ask_every_s=60)
    once(place, one)
    carrier.heard = [Heard("R-7", closed=False, expected_us=5)]
    once(place, one, passes_s=61)
    assert line(place, number).state == "accepted"
    once(place, one, passes_s=30)
    carrier.heard = [Heard("R-7", closed=True, notes="a duplicate")]
    once(place, one, passes_s=31)
    assert carrier.asked == [["R-7"]] * 3, "after the letter, and then once in a minute"
    assert (line(place, number).state, line(place, number).said) == ("returned", "closed there")
    words = place.centre.hub.store.unseal(line(place, number).words_at, "words")
    assert words == "a duplicate"


def test_a_number_that_two_letters_were_given_is_heard_for_both(place):
    numbers = [refer(place), refer(place, incident="98")]
    carrier = Carrier("SR-1", "SR-1")
    one = round_of(place, carrier)
    once(place, one)
    carrier.heard = [Heard("SR-1", True, "", 0)]
    once(place, one, 301)
    assert [line(place, number).state for number in numbers] == ["returned", "returned"]


def test_two_centres_refer_to_each_other_over_the_standard(place, tmp_path_factory):
    other = Place(tmp_path_factory.mktemp("other"))
    key = other.token("toy-centre", "agency")
    number = refer(place, agency="311", kind="Citizen Assist / Service Call", door="",
                   words="a flooded cellar")  # fmt: skip
    partner = place.front.town.referring.agency("311")
    service = Service(partner, key, httpx.ASGITransport(other.asgi))
    service._root = "http://127.0.0.1/open311/v2"
    letters = []

    class Over(Carrier):
        async def carry(self, letter):
            letters.append(letter)
            asked = letter._replace(service="citizen-assist-service-call")
            return await service.carry(asked)

        async def ask(self, receipts):
            return await service.ask(receipts)

    one = round_of(place, Over(), agency="311", ask_every_s=60)
    once(place, one)
    receipt = line(place, number).receipt
    incident = other.front.board.line(receipt)
    assert incident.kind == "Citizen Assist / Service Call"
    other.do(d.CloseIncident, DESK, incident=receipt, outcome="done")
    once(place, one, passes_s=61)
    assert (line(place, number).state, line(place, number).said) == ("returned", "closed there")
    other.door.workers.close()
    other.centre.close()


# -- mail ------------------------------------------------------------------------------------


def reply(place, number: str, text: str, code: str = "") -> bytes:
    made = EmailMessage()
    code = code or code_of(place.centre.receipt_secret, number)
    made["Subject"] = f"Re: Referral [{number} {code}] from Toy"
    made.set_content(text)
    return made.as_bytes()


def test_a_referral_goes_out_by_mail_and_its_reply_comes_in_from_a_folder(place, tmp_path):
    relay = Relay()
    number = refer(place)
    folder = tmp_path / "replies"
    folder.mkdir()
    settings = Referring(mail={"relay": relay.address, "sender": "c@example.org",
                               "encryption": "none", "replies": str(folder)})  # fmt: skip
    settings = Settings(referring=read(settings)).referring
    messenger = Messenger(place.front)
    messenger.set_up(settings)
    asyncio.run(messenger.rounds["BUILDING"].once())
    assert line(place, number).state == "received"
    assert b"stuck twice" in relay.letters[0]
    (folder / "1.eml").write_bytes(reply(place, number, "RETURN done\nMs Quux mended it"))
    assert asyncio.run(messenger.replies.once()) == 1
    assert (line(place, number).state, line(place, number).said) == ("returned", "done")
    assert list(folder.iterdir()) == []
    assert all(b"Quux" not in row.body for row in place.centre.hub.store.rows(0))
    relay.close()


def read(settings: Referring) -> Referring:
    """Return settings as a file gives them."""
    return msgspec.convert(msgspec.to_builtins(settings), Referring)


@pytest.mark.parametrize(
    ("text", "code", "why"),
    [
        ("ACCEPT", "0000-0000", "No open referral has this number and this code."),
        ("THANKS", "", "no word that is an answer"),
        ("RECEIVED", "", "It is accepted."),
    ],
)
def test_a_reply_that_cannot_be_taken_is_set_aside_with_the_reason(
    place, tmp_path, text, code, why
):
    number = refer(place)
    place.do(w.AcceptReferral, DESK, referral=number)
    before = place.centre.hub.position
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.eml").write_bytes(reply(place, number, text, code))
    (tmp_path / "in" / "other.txt").write_bytes(b"left alone")
    assert asyncio.run(Replies(place.front, tmp_path / "in").once()) == 0
    assert place.centre.hub.position == before
    aside = tmp_path / "in" / "aside"
    assert why in (aside / "x.eml.why.txt").read_text()
    assert (aside / "x.eml").exists()
    assert (tmp_path / "in" / "other.txt").exists()


@pytest.mark.parametrize(
    "subject",
    [
        "Re: [1F1 \u212aKKK-KKKK]",  # a sign that a search without case takes for a K
        "=?utf-8?q?Re:_[1F1_=E2=84=AAKKK-KKKK]?=",
        "Re: [1\udcfcF1 ABCD-ABCD]",  # a byte of no known set
        "Re: [１F1 ABCD-ABCD]",
        "Re: [" + "A" * 60 + "F1 ABCD-ABCD]",
    ],
)
def test_no_subject_of_a_stranger_stops_the_replies_that_come_after_it(place, tmp_path, subject):
    number = refer(place)
    body = f"From: stranger@example.org\nSubject: {subject}\n\nACCEPT\n"
    (tmp_path / "1.eml").write_bytes(body.encode("utf-8", "surrogateescape"))
    (tmp_path / "2.eml").write_bytes(reply(place, number, "ACCEPT"))
    assert asyncio.run(Replies(place.front, tmp_path).once()) == 1
    assert line(place, number).state == "accepted"
    assert (tmp_path / "aside" / "1.eml").exists()
    assert not (tmp_path / "2.eml").exists()


def test_received_for_which_every_letter_asks_is_no_mail_to_be_looked_at(place, tmp_path):
    number = refer(place)
    place.do(w.ReceiveReferral, DESK, referral=number, way="mail", receipt="<1@example.org>")
    before = place.centre.hub.position
    (tmp_path / "1.eml").write_bytes(reply(place, number, "RECEIVED"))
    assert asyncio.run(Replies(place.front, tmp_path).once()) == 0
    assert not (tmp_path / "1.eml").exists()
    assert not (tmp_path / "aside").exists()
    (tmp_path / "2.eml").write_bytes(reply(place, number, "RECEIVED, and we know the owner"))
    assert asyncio.run(Replies(place.front, tmp_path).once()) == 0
    assert (tmp_path / "aside" / "2.eml").exists()  # it says more: somebody reads it
    assert place.centre.hub.position == before


def test_a_fault_of_ours_sets_one_reply_aside_and_reads_the_next(place, tmp_path, monkeypatch):
    number = refer(place)
    (tmp_path / "1.eml").write_bytes(reply(place, number, "RECEIVED"))
    (tmp_path / "2.eml").write_bytes(reply(place, number, "ACCEPT"))
    code_of_letter = replies.code_of
    faults = [ZeroDivisionError("planted")]

    def faulty(secret, referral):
        if faults:
            raise faults.pop()
        return code_of_letter(secret, referral)

    monkeypatch.setattr(replies, "code_of", faulty)
    assert asyncio.run(Replies(place.front, tmp_path).once()) == 1
    assert line(place, number).state == "accepted"
    why = (tmp_path / "aside" / "1.eml.why.txt").read_text()
    assert why == "The program failed while reading it.\n"


def test_a_link_to_a_file_elsewhere_is_not_read(place, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(reply(place, refer(place), "ACCEPT"))
    (tmp_path / "in" / "x.eml").symlink_to(tmp_path / "secret")
    assert asyncio.run(Replies(place.front, tmp_path / "in").once()) == 0


# -- settings --------------------------------------------------------------------------------


def test_the_settings_name_keys_and_mail_beside_the_file(tmp_path):
    path = tmp_path / "serve.toml"
    path.write_text(
        'town = "san_francisco"\n[referring.keys]\n311 = "keys/311.txt"\n[referring.mail]\n'
        'relay = "mail.example.org:587"\nsender = "c@example.org"\nreplies = "mail/in"\n'
    )
    settings = read_settings(path).referring
    assert settings.keys == {"311": str(tmp_path / "keys/311.txt")}
    assert settings.mail.replies == str(tmp_path / "mail/in")
