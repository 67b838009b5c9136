"""The client: nothing is lost and nothing comes twice, whatever the line does."""

from __future__ import annotations

import itertools
import threading

import msgspec
import pytest

from answerable.client import Client, NotUnderstood, Refused, Unreachable, new_key, told
from answerable.console.contract import answers
from answerable.console.contract.pace import Pace
from answerable.dispatch.views import CallLine, IncidentLine, JobLine, UnitLine
from answerable.intake import words as i
from answerable.standards.views import RunningClock
from tests.console.contract.served import Served

PLACE = {"lon": -122.4177, "lat": 37.7816}


class Waits(list):
    """What the client would have waited; it does not."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def client(served: Served, url: str = "", **named) -> Client:
    named.setdefault("sleep", Waits())
    named.setdefault("chance", lambda: 1.0)
    return Client(url or served.url, served.token("dispatcher"), **named)


def calls(served: Served) -> int:
    return served.call(lambda: len(served.world.centre.board.calls))


# -- commands --------------------------------------------------------------------------------


def test_a_command_is_a_word_a_class_with_fields_or_a_mapping(served):
    with client(served) as centre:
        word = centre.do(i.AnswerCall(key=new_key(), line="1"))
        by_class = centre.do(i.AnswerCall, line="2")
        mapping = centre.do({"type": "intake.AnswerCall", "line": "3"})
        for answer in (word, by_class, mapping):
            assert answer.recorded[0].type == "intake.CallAnswered"
            assert not answer.again
        assert len({answer.first["call"] for answer in (word, by_class, mapping)}) == 3
        with pytest.raises(TypeError, match="fields go with"):
            centre.do(i.AnswerCall(key=new_key()), line="1")


def test_a_refusal_is_raised_with_its_code_and_three_sentences(served):
    with client(served) as centre:
        with pytest.raises(Refused) as refusal:
            centre.do(i.EndCall, call="none", reason="a child played")
        assert (refusal.value.status, refusal.value.code) == (409, "kernel.Unknown")
        assert refusal.value.because == "There is no call none."
        assert str(refusal.value).startswith("Not done: ")
        with pytest.raises(Refused) as refusal:
            centre.do({"type": "intake.AnswerCall", "colour": "red"})
        assert refusal.value.code == "console.BadCommand"
        with pytest.raises(Refused) as refusal:
            centre.incident("no/such?number")
        assert refusal.value.status == 404


def test_a_refusal_comes_in_the_language_of_the_client(served):
    with client(served, language="zh-CN") as centre, pytest.raises(Refused) as refusal:
        centre.incident("none")
    assert refusal.value.because.endswith("。")


@pytest.mark.parametrize("lost", [1, 3])
def test_a_lost_answer_is_asked_for_again_and_recorded_once(served, proxy, lost):
    before = calls(served)
    with client(served, proxy.url) as centre:
        proxy.lose = lost
        answer = centre.do(i.AnswerCall)
    assert answer.again
    assert answer.recorded[0].type == "intake.CallAnswered"
    assert calls(served) == before + 1
    assert proxy.connections == lost + 1


def test_a_line_that_stays_dead_is_told_with_the_key_to_send_again(served, proxy):
    before = calls(served)
    waits = Waits()
    token = served.token()
    with Client(proxy.url, token, patience_s=2, sleep=waits, chance=lambda: 1.0) as centre:
        proxy.lose = 10_000
        with pytest.raises(Unreachable) as trouble:
            centre.do(i.AnswerCall, key="given-key-1")
    assert trouble.value.key == "given-key-1"
    assert "not known" in str(trouble.value)
    assert "with the same key, given-key-1" in str(trouble.value)
    assert waits == [0.1, 0.2, 0.4, 0.8]
    assert calls(served) == before + 1
    with Client(served.url, token) as centre:
        assert centre.do(i.AnswerCall, key="given-key-1").again


def test_nothing_there_is_told_once_patience_is_over():
    nothing = pytest.raises(Unreachable, match="Nothing answers at that address")
    with Client("http://127.0.0.1:1", patience_s=0) as centre, nothing:
        centre.board()


def test_a_centre_that_asks_to_wait_is_waited_for(served):
    waits = Waits()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        served.world.app.front.pace = Pace()

    served.world.app.front.pace = Pace(0.5, 1)
    try:
        with client(served, sleep=wait, patience_s=60) as centre:
            centre.do(i.AnswerCall)
            assert waits == []
            assert not centre.do(i.AnswerCall).again
    finally:
        served.world.app.front.pace = Pace()
    assert waits == [2.0]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "502 Bad Gateway", "503 Busy"])
def test_what_will_pass_is_tried_again_also_where_a_proxy_says_it(served, proxy, status):
    waits = Waits()
    head = f"HTTP/1.1 {status}\r\nretry-after: 3\r\ncontent-length: 4\r\nconnection: close"
    proxy.instead = [f"{head}\r\n\r\nwait".encode()] * 2
    with client(served, proxy.url, sleep=waits) as centre:
        assert not centre.do(i.AnswerCall).again
    assert waits == [3.0, 3.0]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "cannot be read"),
        (b"HTTP/1.1 404 No\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno",
         "404 with text/html"),
        (b"HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "302"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "cannot be read"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_centres_is_told(served, proxy, answer, says):
    proxy.instead = [answer]
    with client(served, proxy.url) as centre, pytest.raises(NotUnderstood, match=says):
        centre.board()


# -- reading ---------------------------------------------------------------------------------


def test_the_board_an_incident_and_the_contract_are_read(served):
    number = served.call(served.world.incident)
    with client(served) as centre:
        board = centre.board()
        assert number in {one.incident for one in board.incidents}
        assert {unit.unit for unit in board.units} >= {"E03", "T03"}
        assert board.clocks[0].due_us > board.clocks[0].start_us
        one = centre.incident(number)
        assert one.incident.address == "GOLDEN GATE AV/LARKIN ST"
        assert [event.type for event in one.events][-1] == "intake.IncidentOpened"
        assert centre.schema()["openapi"] == "3.1.0"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (told.Event, answers.Told), (told.Recorded, answers.Answered), (told.Page, answers.Events),
        (told.Board, answers.BoardNow), (told.IncidentTold, answers.Incident),
        (told.Problem, answers.Problem), (told.Incident, IncidentLine), (told.Job, JobLine),
        (told.Unit, UnitLine), (told.Call, CallLine), (told.Clock, RunningClock),
    ],
    ids=lambda cls: cls.__name__,
)  # fmt: skip
def test_the_types_of_the_client_are_those_of_the_contract(ours, theirs):
    def shape(cls: type[msgspec.Struct]) -> dict[str, bool]:
        return {field.encode_name: field.required for field in msgspec.structs.fields(cls)}

    assert shape(ours) == shape(theirs)


def test_events_are_read_to_the_end_page_by_page(served, monkeypatch):
    monkeypatch.setattr("answerable.client.client.PAGE", 5)
    with client(served) as centre:
        events = list(centre.events())
        assert [event.position for event in events] == list(range(1, len(events) + 1))
        assert len(events) == centre.page().recorded
        rung = list(centre.events(kinds=["intake.CallAnswered"]))
        assert rung == [one for one in events if one.type == "intake.CallAnswered"]
        assert list(centre.events(after=len(events))) == []


# -- following -------------------------------------------------------------------------------


def test_a_stream_that_breaks_goes_on_without_a_gap_and_without_repetition(served, proxy):
    for _ in range(10):
        served.call(served.world.incident)
    recorded = served.world.app.front.recorded
    with client(served) as centre:
        longest = max(len(msgspec.json.encode(event)) for event in centre.events())
    proxy.cut_after = longest + 2000  # in the middle of some message, again and again
    with client(served, proxy.url, patience_s=1000) as centre:
        events = list(itertools.islice(centre.follow(after=0), recorded))
    assert [event.position for event in events] == list(range(1, recorded + 1))
    assert proxy.connections > 5
    with client(served) as centre:
        assert events == list(centre.events())[:recorded]


def test_who_follows_from_now_on_misses_nothing_of_a_line_that_breaks_at_once(served, proxy):
    with client(served, proxy.url, patience_s=1000) as centre:
        page = centre.page

        def then_something_happens(*args):
            found = page(*args)
            served.call(served.world.incident)
            proxy.lose = 2  # the first connections break before a word came
            return found

        centre.page = then_something_happens
        before = served.world.app.front.recorded
        event = next(centre.follow())
    assert event.position == before + 1


def test_a_follower_of_a_rare_kind_comes_back_to_where_the_beat_left_it(served, proxy):
    with client(served, proxy.url) as centre:
        wanted = ["dispatch.UnitOffDuty"]
        following = centre._streamed(0, wanted)
        served.call(served.world.incident)
        threading.Timer(0.3, lambda: served.call(served.world.app.api.beat)).start()
        assert next(following) == (None, served.world.app.front.recorded)


def test_a_text_with_every_kind_of_line_end_comes_through_whole(served):
    reason = "one\u2028two\x85three\u000bfour"
    with client(served) as centre:
        after = centre.page().recorded
        call = centre.do(i.AnswerCall).first["call"]
        centre.do(i.EndCall, call=call, reason=reason)
        ended = next(e for e in centre.follow(after) if e.type == "intake.CallEnded")
    assert ended.event["reason"] == reason


def test_a_stream_that_leaves_a_position_out_is_not_believed(served, proxy):
    event = {
        "position": 7, "type": "x.Y", "version": 1, "stream": "", "happened_at": 0,
        "recorded_at": 0, "actor": "", "key": "", "event": {},
    }  # fmt: skip
    told_ = b"id: 7\ndata: " + msgspec.json.encode(event) + b"\n\n"
    proxy.instead = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + told_]
    with client(served, proxy.url) as centre, pytest.raises(NotUnderstood, match="told 7"):
        next(centre.follow(after=3))


def test_a_stream_without_an_end_of_message_is_cut_off(served, proxy, monkeypatch):
    monkeypatch.setattr("answerable.client.sse.MESSAGE_BYTES_MAX", 1000)
    proxy.instead = [b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + b"data: " + b"x" * 2000]
    with client(served, proxy.url) as centre, pytest.raises(NotUnderstood, match="longer than"):
        next(centre.follow(after=3))


def test_a_position_beyond_the_record_is_refused_not_waited_for(served):
    with client(served) as centre, pytest.raises(Refused) as refusal:
        next(centre.follow(after=10**9))
    assert refusal.value.code == "console.BeyondEnd"


# -- who may be told the token ---------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://centre.example", "ftp://centre.example", "centre.example", "http://u:p@x/"]
)
def test_a_token_goes_over_a_safe_way_only(url):
    with pytest.raises(ValueError, match="Not connected"):
        Client(url, "secret-token")


def test_a_token_may_go_over_a_way_that_is_said_to_be_safe():
    for url, plain in (("http://centre.example", True), ("https://centre.example", False),
                       ("http://127.0.0.1:1", False)):  # fmt: skip
        with Client(url, "secret-token", plain=plain) as centre:
            assert "secret-token" not in repr(centre)
