"""A stream resumes without a gap, and nobody waits for a slow reader."""

from __future__ import annotations

import asyncio

import pytest

from answerable.console import stream
from answerable.console.stream import (
    AGAIN,
    DIRECT,
    Channel,
    Channels,
    Subscriber,
    TooMany,
    direct_of,
    message,
)


def taken(subscriber: Subscriber) -> bytes:
    return asyncio.run(subscriber.take()) if subscriber.queue else b""


def test_a_reader_that_comes_back_gets_exactly_what_it_missed():
    channel = Channel(10)
    for position in (11, 12, 13):
        channel.publish(message("x", position), position)
    assert taken(channel.join(13)) == b""
    assert taken(channel.join(11)) == message("x", 12) + message("x", 13)


def test_a_reader_that_saw_less_than_is_kept_is_told_to_load_again():
    channel = Channel(10)
    assert taken(channel.join(9)) == AGAIN
    for position in range(11, 11 + stream.MESSAGES_KEPT + 5):
        channel.publish(b"x", position)
    assert taken(channel.join(12)) == AGAIN
    assert taken(channel.join(channel.complete_after)) == b"x" * stream.MESSAGES_KEPT


def test_of_a_long_list_a_channel_knows_what_changed_and_what_is_gone():
    channel = Channel(10)
    assert channel.changes({"e1": 1, "e2": 2}) == (["e1", "e2"], [])
    assert channel.changes({"e2": 2, "e3": 3}) == (["e3"], ["e1"])
    assert channel.changes({"e2": 0, "e3": 3}) == (["e2"], [])
    channel.forget(11)
    assert channel.changes({"e2": 0}) == (["e2"], [])


def test_a_full_queue_becomes_load_again_and_a_strict_one_ends():
    slow, strict = Subscriber(2), Subscriber(2, strict=True)
    for _ in range(3):
        slow.push(b"x")
        strict.push(b"x")
    assert list(slow.queue) == [AGAIN]
    assert strict.ended
    assert taken(slow) == AGAIN


def test_the_same_bytes_go_to_everybody():
    channel = Channel(0)
    readers = [channel.join(0) for _ in range(3)]
    channel.publish(message("one", 1), 1)
    assert len({id(reader.queue[0]) for reader in readers}) == 1


def test_streams_end_when_the_centre_stops():
    channels = Channels(lambda: 0)
    _channel, reader = channels.follow("board/en", 0)
    channels.close()
    assert asyncio.run(reader.take()) == b""
    with pytest.raises(TooMany):
        channels.follow("board/en", 0)


def test_a_message_of_several_lines_stays_one_message():
    assert message("a\nb", 7, "map") == b"id: 7\nevent: map\ndata: a\ndata: b\n\n"


# -- past the tasks --------------------------------------------------------------------------


class Wire:
    """A connection that takes chunks at once until its reader falls behind."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.behind = False

    def __call__(self, chunk: bytes) -> bool:
        if not self.behind:
            self.written.append(chunk)
        return not self.behind


def wired() -> tuple[Subscriber, Wire]:
    subscriber = Subscriber()
    subscriber.direct = wire = Wire()
    return subscriber, wire


def test_a_message_goes_to_the_wire_at_once_as_one_chunk():
    subscriber, wire = wired()
    subscriber.push(b"data: 1\n\n")
    assert wire.written == [b"9\r\ndata: 1\n\n\r\n"]
    assert not subscriber.queue


def test_nothing_overtakes_what_waits_for_a_slow_reader():
    subscriber, wire = wired()
    wire.behind = True
    subscriber.push(b"one")
    wire.behind = False
    subscriber.push(b"two")
    assert list(subscriber.queue) == [b"one", b"two"]
    taken = asyncio.run(subscriber.take())
    subscriber.sending = True
    subscriber.push(b"three")
    assert (taken, wire.written, list(subscriber.queue)) == (b"onetwo", [], [b"three"])


def test_a_stream_that_has_ended_writes_nothing_more():
    subscriber, wire = wired()
    subscriber.end()
    subscriber.push(b"late")
    assert wire.written == []


def test_only_our_own_wire_and_http_1_1_are_written_to_directly():
    wire = Wire()
    scope = {"http_version": "1.1", "extensions": {DIRECT: wire}}
    assert direct_of(scope) is wire
    assert direct_of(scope | {"http_version": "1.0"}) is None
    assert direct_of({"http_version": "1.1"}) is None
