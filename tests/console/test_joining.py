"""An incident's page tells what it has to do with, and has a form for each thing to be done."""

from __future__ import annotations

import re

from answerable.console import joining
from answerable.console.board import STATES
from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as d
from answerable.dispatch.nearby import Because
from answerable.intake import join_words as join
from answerable.intake import words as i

WHY = {"reason": "same fire"}


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def page_of(world, incident: str, role: str = "dispatcher", tag: str = "en") -> str:
    async def scene(client):
        await client.get(f"/language/{tag}")
        answer = await client.get(f"/incidents/{incident}")
        assert answer.status_code == 200
        return answer.text

    return world.run(scene, role)


def two(world) -> tuple[str, str]:
    """Return two incidents a street apart; the first has two calls."""
    first = world.incident(kind="Structure Fire")
    second = world.incident(kind="Structure Fire", lon=-122.4170, address="ELLIS ST/HYDE ST")
    call = world.do(i.AnswerCall).call
    world.do(i.AttachCall, call=call, incident=first)
    return first, second


def forms(html: str, command: str) -> list[dict[str, str]]:
    """Return the hidden fields of every form of a command."""
    found = re.findall(r'<form class="act".*?</form>', html, flags=re.DOTALL)
    hidden = [
        dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        for form in found
    ]
    return [one for one in hidden if one.get("type") == command]


def test_a_merge_is_told_and_linked_on_both_pages(world):
    first, second = two(world)
    world.do(merge.MergeIncident, incident=first, into=second, **WHY)
    one, other = page_of(world, first), page_of(world, second)
    assert f"It is the same as incident {second}, which goes on for both: same fire." in one
    assert f"Incident {first} is the same and was merged into this one: same fire." in other
    assert f'merged into</span> <a class="num" href="/incidents/{second}">' in one
    assert f'goes on for</span> <a class="num" href="/incidents/{first}">' in other
    assert '<span class="state">merged</span>' in one
    assert "by way of" in text_of(other)
    assert forms(one, "dispatch.UnmergeIncident")[0]["incident"] == first
    assert forms(other, "dispatch.UnmergeIncident")[0]["incident"] == first


def test_a_merged_incident_offers_nothing_that_only_an_open_one_may(world):
    first, second = two(world)
    world.do(merge.MergeIncident, incident=first, into=second, **WHY)
    html = page_of(world, first)
    only_open = (
        "dispatch.SendUnit", "dispatch.CloseIncident", "dispatch.ReopenIncident",
        "intake.DetachCall", "intake.SplitIncident", "dispatch.MergeIncident",
    )  # fmt: skip
    for command in only_open:
        assert forms(html, command) == [], command


def test_links_and_splits_are_told_on_both_pages(world):
    first, second = two(world)
    world.do(join.LinkIncidents, incident=first, other=second, reason="same car")
    call = world.centre.board.line(first).calls[-1]
    world.do(join.SplitIncident, incident=first, call=call, reason="another flat")
    part = world.centre.board.line(first).parts[0]
    html = text_of(page_of(world, first))
    assert f"linked with {second}" in html
    assert f"split into {part}" in html
    assert f"split off {first}" in text_of(page_of(world, part))
    assert f"linked with {first}" in text_of(page_of(world, second))
    assert forms(page_of(world, second), "intake.UnlinkIncidents")[0]["other"] == first


def test_every_call_may_be_taken_off_and_split_off_unless_it_is_the_only_one(world):
    first, second = two(world)
    calls = world.centre.board.line(first).calls
    html = page_of(world, first)
    assert [one["call"] for one in forms(html, "intake.DetachCall")] == calls
    assert [one["call"] for one in forms(html, "intake.SplitIncident")] == calls
    alone = page_of(world, second)
    assert len(forms(alone, "intake.DetachCall")) == 1
    assert forms(alone, "intake.SplitIncident") == []


def test_a_form_of_a_split_does_what_it_says(world):
    first, _ = two(world)
    fields = forms(page_of(world, first), "intake.SplitIncident")[1]

    async def scene(client):
        page = (await client.get("/board")).text
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        told = {**fields, "token": token, "key": "split-1", "reason": "another flat",
                "kind": "Medical Incident", "priority": "2"}  # fmt: skip
        headers = {"origin": "http://127.0.0.1", "hx-request": "true"}
        return await client.post("/do", data=told, headers=headers)

    assert world.run(scene).status_code == 201
    line = world.centre.board.line(world.centre.board.line(first).parts[0])
    assert (line.kind, line.calls) == ("Medical Incident", [fields["call"]])
    assert line.address == world.centre.board.line(first).address


def test_what_may_be_the_same_is_named_with_the_reasons_and_what_may_be_done(world):
    first, second = two(world)
    html = page_of(world, first)
    told = text_of(html)
    assert "Perhaps the same 1" in told
    where = r"Structure Fire · Ellis St &amp; Hyde St \d+ m away, same kind, just now"
    assert re.search(rf"{second} {where}", told)
    assert {"incident": first, "into": second}.items() <= forms(html, "dispatch.MergeIncident")[
        0
    ].items()
    world.do(join.LinkIncidents, incident=first, other=second)
    assert "Perhaps the same" not in page_of(world, first)


def test_what_is_far_away_or_of_another_sort_is_not_named_for_nothing(world):
    first = world.incident(kind="Structure Fire")
    world.incident(kind="Structure Fire", lon=-122.45)
    world.incident(kind="Medical Incident", lon=-122.4140)
    assert "Perhaps the same" not in page_of(world, first)


def test_forms_are_only_for_whose_role_has_the_command(world):
    first, second = two(world)
    taker = page_of(world, first, "call_taker")
    assert forms(taker, "intake.DetachCall")
    assert forms(taker, "dispatch.MergeIncident") == []
    world.do(join.LinkIncidents, incident=first, other=second)
    reader = page_of(world, first, "call_taker", "zh-CN")
    assert f"关联 {second}" in text_of(reader)


def test_a_merged_incident_leaves_the_board_and_comes_back(world):
    first, second = two(world)

    async def board(client):
        return (await client.get("/board")).text

    assert f'id="row-{first}"' in world.run(board)
    world.do(merge.MergeIncident, incident=first, into=second, **WHY)
    assert f'id="row-{first}"' not in world.run(board)
    world.do(merge.UnmergeIncident, incident=first, reason="two fires")
    assert f'id="row-{first}"' in world.run(board)


def test_a_merged_incident_that_was_laid_aside_is_still_shown(world):
    first, second = two(world)
    world.centre.hub.rooms.aside.kept = 0
    world.do(merge.MergeIncident, incident=first, into=second, **WHY)
    assert world.centre.board.line(first) is None
    assert "merged into" in text_of(page_of(world, first))
    assert f"goes on for {first}" in text_of(page_of(world, second))


def test_every_reason_of_the_index_has_its_words(world):
    phrases = world.app.front.phrases("en")
    first, second = two(world)
    line = world.centre.board.line(first)
    now_us = world.app.front.now_us()
    codes = {because.code for kind in ("", "Structure Fire", "Alarms", "Medical Incident")
             for one in world.app.front.nearby.like(kind, line.lon, line.lat, now_us)
             for because in one.because}  # fmt: skip
    world.do(merge.MergeIncident, incident=first, into=second, **WHY)
    world.do(d.CloseIncident, incident=second, outcome="over")
    near = world.app.front.nearby.like("Alarms", line.lon, line.lat, now_us)
    codes |= {because.code for one in near for because in one.because}
    assert codes == set(joining.WORDS)
    said = joining.because([Because("metres away", 70), Because("same kind")], phrases)
    assert said == "70 m away, same kind"
    assert "merged" in STATES
