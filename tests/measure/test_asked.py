"""Every cell is the sum over its callers, whatever happens to them and in whatever order."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as d
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.event import Event, Row
from answerable.measure import asked as a
from answerable.measure import satisfaction as s

DAY_US = 86_400_000_000
NOW_US = 1_585_854_000_000_000
DAY = "2020-04-02"
MONDAY = "2020-03-30"
PLACE = {"address": "y", "was_address": "x", "neighborhood": "Marina", "reason": "further on"}


class Record:
    """Events folded as a centre folds them."""

    def __init__(self) -> None:
        self.asked = a.Asked()
        self.at, self.now_us = 0, NOW_US

    def tell(self, event: Event) -> None:
        self.at += 1
        self.now_us += 1_000
        arm = a.evolve.table.get(event.tag)
        if arm is not None:
            row = Row(self.at, "", event.tag, 1, self.now_us, self.now_us, "desk", "k", 1, b"")
            arm(self.asked, event, row)

    def incident(self, name: str = "I1", *arrived: str, area: str = "Mission",
                 sent: tuple[str, ...] = ()) -> None:  # fmt: skip
        self.tell(i.IncidentOpened(incident=name, kind="Medical", priority="3", address="1 MAIN ST",
                                   neighborhood=area))  # fmt: skip
        for unit in (*sent, *arrived):
            self.tell(d.UnitSent(incident=name, unit=unit, unit_type="ENGINE"))
        for unit in arrived:
            self.tell(d.UnitArrived(incident=name, unit=unit))
        self.tell(d.IncidentClosed(incident=name, outcome="done"))

    def due(self, call: str = "C1", incident: str = "I1", day: str = DAY, **more: Any) -> None:
        self.tell(b.CallBackDue(incident=incident, call=call, day=day, from_us=0, kind="Medical",
                                **more))  # fmt: skip

    def answered(self, call: str = "C1", *marks: int, incident: str = "I1", **more: Any) -> None:
        given = dict(zip(b.QUESTIONS, marks, strict=False))
        self.tell(b.CallBackAnswered(incident=incident, call=call, **given, **more))

    def whole(self, few: int = 1) -> s.Group:
        return s.report(self.asked, sorted(self.asked.weeks), few=few).whole

    def groups(self, by: s.By, few: int = 1) -> dict[str, s.Group]:
        found = s.report(self.asked, sorted(self.asked.weeks), by, few)
        return {one.name: one for one in found.groups}


@pytest.fixture
def record() -> Record:
    made = Record()
    made.incident("I1", "E03", "T03", sent=("E36",))
    return made


def test_an_answer_counts_for_every_unit_that_arrived_and_for_no_other(record):
    record.due()
    record.answered("C1", 5, 4, 2, 3)
    assert set(record.groups("unit")) == {"E03", "T03"}
    found = record.groups("unit")["E03"]
    assert (found.callers, found.reached, found.answered, found.waiting) == (1, 1, 1, 0)
    assert [share.satisfied for share in found.shares] == [1, 1, 0, 0]
    assert [share.unhappy for share in found.shares] == [0, 0, 1, 0]
    assert set(record.groups("area")) == {"Mission"}
    assert set(record.groups("kind")) == {"Medical"}
    assert set(record.groups("week")) == {MONDAY}


def test_where_nobody_arrived_those_sent_have_the_caller(record):
    record.incident("I2", sent=("E07",))
    record.due("C2", "I2")
    assert set(record.groups("unit")) == {"E07"}


def test_of_a_merged_incident_the_units_of_the_other_one_have_the_caller(record):
    record.incident("I2", "E07", area="Marina")
    record.due("C1", "I1", into="I2")
    assert set(record.groups("unit")) == {"E07"}
    assert set(record.groups("area")) == {"Marina"}


def test_who_is_barred_counts_with_what_the_incident_is_part_of_in_the_end(record):
    record.incident("I2", "E07", area="Marina")
    was = {"was_kind": "Medical", "was_priority": "3", "reason": "smoke"}
    record.tell(i.KindChanged(incident="I2", kind="Fire", priority="3", **was))
    record.tell(b.CallBackBarred(incident="I1", call="C1", reason="no number", day=DAY,
                                 kind="Medical", into="I2"))  # fmt: skip
    assert [set(record.groups(by)) for by in a.SORTS] == [{"E07"}, {"Marina"}, {"Fire"}]


def test_whoever_waits_is_a_caller_and_neither_reached_nor_lost(record):
    record.due()
    record.tell(b.CallBackTried(incident="I1", call="C1", attempt=1, outcome="no answer"))
    whole = record.whole()
    assert (whole.callers, whole.waiting, whole.tries, whole.reached) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("event", "field"),
    [(b.CallBackDeclined, "declined"), (b.CallBackUnreachable, "unreachable")],
)
def test_every_end_is_counted_once(record, event, field):
    record.due()
    more = {"tries": 3} if event is b.CallBackUnreachable else {}
    record.tell(event(incident="I1", call="C1", **more))
    whole = record.whole()
    assert getattr(whole, field) == 1
    assert whole.reached == (field == "declined")
    assert whole.waiting == 0


def test_those_barred_are_callers_with_their_reason_and_never_dropped(record):
    for call, reason in (("C1", "no number"), ("C2", "no number"), ("C3", "sensitive kind")):
        record.tell(b.CallBackBarred(incident="I1", call=call, reason=reason, day=DAY, kind="x"))
    record.due("C4")
    found = s.report(record.asked, [MONDAY])
    assert found.barred == {"no number": 2, "sensitive kind": 1}
    assert (found.whole.callers, found.whole.barred, found.whole.to_ask) == (4, 3, 1)


def test_attempts_before_a_caller_was_barred_were_made_all_the_same(record):
    record.due()
    record.tell(b.CallBackTried(incident="I1", call="C1", attempt=1, outcome="busy"))
    record.tell(b.CallBackBarred(incident="I1", call="C1", reason="safety at risk", day=DAY))
    assert (record.whole().tries, record.whole().barred) == (1, 1)


def test_one_who_may_be_rung_after_all_is_counted_again_only_when_due(record):
    record.tell(b.CallBackBarred(incident="I1", call="C1", reason="a child", day=DAY))
    record.tell(b.CallBackAllowed(incident="I1", call="C1", reason="grown up"))
    assert record.whole().callers == 0
    record.due()
    assert (record.whole().callers, record.whole().barred) == (1, 0)


def test_an_incident_open_again_takes_its_caller_away_until_it_is_over(record):
    record.due()
    record.tell(b.CallBackHeld(incident="I1", call="C1"))
    assert record.whole().callers == 0
    record.due(day="2020-04-08", tries=2)
    assert record.groups("week")["2020-04-06"].callers == 1
    assert record.whole().tries == 2


def test_what_was_a_slip_counts_no_more(record):
    record.due()
    before = msgspec.json.encode(record.asked.weeks)
    record.answered("C1", 1, 1, 1, 1, wants=True)
    assert record.whole().wants == 1
    record.tell(b.CallBackTakenBack(incident="I1", call="C1", what="x", reason="a slip"))
    assert record.whole().share("overall").given == 0
    assert record.whole().wants == 0
    assert _without_zeros(record.asked.weeks) == msgspec.json.decode(before)


def test_an_attempt_that_was_a_slip_is_one_attempt_less(record):
    record.due()
    for attempt in (1, 2):
        record.tell(b.CallBackTried(incident="I1", call="C1", attempt=attempt, outcome="busy"))
    record.tell(b.CallBackTakenBack(incident="I1", call="C1", what="x", reason="a slip"))
    assert record.whole().tries == 1
    record.answered("C1", 5, 5, 5, 5, attempt=2)
    assert record.whole().tries == 2


def _without_zeros(weeks: dict[str, dict[str, list[int]]]) -> dict[str, dict[str, list[int]]]:
    return {w: {n: c for n, c in cells.items() if any(c)} for w, cells in weeks.items()}


def test_a_question_that_was_not_answered_is_in_no_share(record):
    record.due()
    record.answered("C1", 0, 5)
    assert [share.given for share in record.whole().shares] == [0, 1, 0, 0]


def test_ways_of_answering_are_told_apart(record):
    for nth, way in enumerate(("phone", "link", "link", "text")):
        record.due(f"C{nth}")
        record.answered(f"C{nth}", 4, 4, 4, 4, way=way)
    assert s.report(record.asked, [MONDAY]).ways == {"link": 2, "phone": 1, "text": 1}


# -- small groups -----------------------------------------------------------------------------


def test_a_small_group_has_its_counts_and_no_share(record):
    for nth in range(s.FEW - 1):
        record.due(f"C{nth}")
        record.answered(f"C{nth}", 5, 5, 5, 5)
    share = record.groups("unit", s.FEW)["E03"].share("overall")
    assert (share.given, share.share, share.low, share.high) == (s.FEW - 1, None, None, None)
    record.due("C99")
    record.answered("C99", 1, 1, 1, 1)
    share = record.groups("unit", s.FEW)["E03"].share("overall")
    assert share.share == (s.FEW - 1) / s.FEW
    assert share.low is not None
    assert share.high is not None
    assert share.low < share.share < share.high


# -- against a plain recount ------------------------------------------------------------------

ENDS = ("answered", "declined", "unreachable", "tried", "held", "barred", "slip", "again")


def played(seed: int, steps: int = 400) -> tuple[Record, dict[str, dict[str, Any]]]:
    """Play many callers by chance; returns the record, and what a plain book says of each."""
    dice, record, book = random.Random(seed), Record(), {}
    for n in range(12):
        units = dice.sample(("E1", "E2", "T1", "M1"), dice.randint(0, 3))
        record.incident(f"I{n}", *units, area=dice.choice(("Mission", "Marina", "")))
    for _ in range(steps):
        call = f"C{dice.randrange(60)}"
        incident, day = f"I{dice.randrange(12)}", f"2020-04-{dice.randint(1, 28):02d}"
        one, what = book.get(call), dice.choice(ENDS)
        if one is None or what == "again":
            record.due(call, incident, day)
            book[call] = {"incident": incident, "day": day, "end": "", "marks": (), "reason": ""}
        elif what == "barred":
            record.tell(b.CallBackBarred(incident=incident, call=call, reason=dice.choice("xy"),
                                         day=day, kind="Medical"))  # fmt: skip
            reason = record.asked.ones[call].reason
            book[call] = {"incident": incident, "day": day, "end": "barred", "marks": (),
                          "reason": reason}  # fmt: skip
        elif what == "held":
            record.tell(b.CallBackHeld(incident=one["incident"], call=call))
            del book[call]
        elif what == "answered":
            marks = tuple(dice.randint(0, 5) for _ in b.QUESTIONS)
            record.answered(call, *marks, incident=one["incident"])
            one |= {"end": what, "marks": marks}
        elif what in ("declined", "unreachable"):
            event = b.CallBackDeclined if what == "declined" else b.CallBackUnreachable
            more = {"tries": 1} if what == "unreachable" else {}
            record.tell(event(incident=one["incident"], call=call, **more))
            one |= {"end": what, "marks": ()} if one["end"] != "answered" else {"end": what}
        elif what == "slip":
            record.tell(b.CallBackTakenBack(incident=one["incident"], call=call, what="x",
                                            reason="a slip"))  # fmt: skip
            one |= {"end": "", "marks": ()}
    return record, book


@pytest.mark.parametrize("seed", range(6))
def test_the_cells_are_what_a_plain_recount_gives(seed):
    record, book = played(seed)
    ones = dict(record.asked.ones)
    assert set(ones) == set(book)
    for call, one in book.items():
        assert ones[call].end == one["end"]
    again: dict[str, dict[str, list[int]]] = {}
    for one in ones.values():
        for name in a.cells_of(one):
            cell = again.setdefault(one.week, {}).setdefault(name, [0] * a.LENGTH)
            for at, count in a.added_by(one):
                cell[at] += count
    assert _without_zeros(record.asked.weeks) == again
    whole = record.whole()
    assert whole.callers == len(book)
    assert whole.answered == sum(one["end"] == "answered" for one in book.values())
    assert whole.barred == sum(one["end"] == "barred" for one in book.values())
    parts = whole.barred + whole.answered + whole.declined + whole.unreachable + whole.waiting
    assert parts == whole.callers
    by_area = record.groups("area")
    assert sum(one.callers for one in by_area.values()) == whole.callers


def test_a_snapshot_in_the_middle_changes_nothing():
    first, _book = played(3)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(first.asked), type=a.Asked)
    second = Record()
    second.asked, second.at, second.now_us = again, first.at, first.now_us
    for one in (first, second):
        one.due("C1")
        one.answered("C1", 5, 5, 5, 5)
        one.tell(b.CallBackHeld(incident="I1", call="C2"))
    assert msgspec.msgpack.encode(first.asked) == msgspec.msgpack.encode(second.asked)


# -- what is kept -----------------------------------------------------------------------------


def test_weeks_and_callers_of_long_ago_are_forgotten_and_the_figures_stay_whole(record):
    record.due("C0")
    record.answered("C0", 5, 5, 5, 5)
    record.now_us += a.SETTLED_US + DAY_US
    record.due("C1")
    assert "C0" not in record.asked.ones
    assert record.whole().answered == 1
    record.tell(b.CallBackTakenBack(incident="I1", call="C0", what="x", reason="too late"))
    assert record.whole().answered == 1
    for n in range(a.WEEKS + 5):
        month, year = n % 12 + 1, 2021 + n // 12
        record.due(f"D{n}", day=f"{year}-{month:02d}-15")
    assert len(record.asked.weeks) == a.WEEKS
    assert MONDAY not in record.asked.weeks


def test_of_incidents_over_long_ago_nothing_is_kept(monkeypatch):
    monkeypatch.setattr(a, "OVER_KEPT", 3)
    record = Record()
    for n in range(10):
        record.incident(f"I{n}", "E03")
    assert list(record.asked.where) == ["I7", "I8", "I9"]
    record.due("C1", "I0")
    assert set(record.groups("area")) == {""}


def test_what_was_merged_or_is_put_right_long_after_its_end_is_not_kept_for_ever(monkeypatch):
    monkeypatch.setattr(a, "OVER_KEPT", 3)
    record = Record()
    for n in range(10):
        name = f"I{n}"
        record.tell(i.IncidentOpened(incident=name, kind="Medical", priority="3", address="x"))
        record.tell(merge.IncidentMerged(incident=name, into="I99", reason="the same"))
    assert list(record.asked.where) == ["I7", "I8", "I9"]
    for n in range(7):
        record.tell(i.PlaceCorrected(incident=f"I{n}", **PLACE))
    assert len(record.asked.where) == 3
    record.tell(merge.IncidentUnmerged(incident="I0", out_of="I99", reason="not the same"))
    record.tell(i.PlaceCorrected(incident="I0", **PLACE))
    assert record.asked.where["I0"].area == "Marina"


def test_weeks_begin_on_monday():
    assert a.week_of("2020-04-05") == MONDAY
    assert a.week_of("2020-04-06") == "2020-04-06"


def test_a_span_goes_back_so_many_weeks_as_far_as_any_are_kept(record):
    for n, day in enumerate(("2020-03-18", "2020-03-25", DAY)):
        record.due(f"C{n}", day=day)
    assert s.span(record.asked, "2020-04-04", 2) == ("2020-03-23", MONDAY)
    assert s.span(record.asked, "2020-04-04", 52) == ("2020-03-16", "2020-03-23", MONDAY)
    assert s.report(record.asked, ["2020-03-23"]).whole.callers == 1


def test_nothing_of_a_person_is_in_the_fold():
    record, _book = played(1)
    record.answered("C1", 1, 1, 1, 1, words="my name is Ann and my number is 555")
    assert b"Ann" not in msgspec.msgpack.encode(record.asked)
