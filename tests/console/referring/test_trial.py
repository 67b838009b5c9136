"""Rules are tried on past calls, and refer nothing; the demonstration's agencies answer."""

from __future__ import annotations

import io
import json

import msgspec
import pytest

from answerable.console.demo_referrals import MadeUpReferrals
from answerable.console.referring.trial import Asked, run_try
from answerable.dispatch import words as d
from answerable.towns.load import town_folder
from tests.console.conftest import MINUTE_US

RULES = town_folder("san_francisco") / "referral.toml"


def tried(file=RULES, **more) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run_try(Asked(file, **more), as_json=True, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_every_incident_of_the_past_is_asked_about_once_and_each_rule_says_why_not():
    code, out, _err = tried()
    found = json.loads(out)
    assert code == 0
    left = found["incidents"]
    for rule in found["rules"]:
        assert rule["fired"] + sum(rule["passed"].values()) == left
        left -= rule["fired"]
    assert found["referred"] == found["incidents"] - left
    by_rule = {rule["rule"]: rule["fired"] for rule in found["rules"]}
    assert by_rule["stuck-lift"] == 18
    assert by_rule["nobody-there"] == 41


def test_a_rule_that_stands_first_takes_what_the_next_would_have(tmp_path):
    text = RULES.read_text()
    head, _mark, rest = text.partition('[[rule]]\ncode = "gas-and-wires"')
    first = '[[rule]]\ncode = "all"\nwhy = { en = "all" }\nagency = "311"\nsees = ["kind"]\n\n'
    (tmp_path / "r.toml").write_text(f'{head}{first}[[rule]]\ncode = "gas-and-wires"{rest}')
    found = json.loads(tried(tmp_path / "r.toml")[1])
    assert [rule["fired"] for rule in found["rules"]][1:] == [0] * (len(found["rules"]) - 1)
    assert found["rules"][0]["fired"] == found["incidents"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("[[rule]", "cannot be used"), ('accepts = "x"', "cannot be used"),
     ('[[rule]]\ncode="a"\nwhy={en="a"}\nagency="X"\nsees=["kind"]', "there is not")],
)  # fmt: skip
def test_rules_that_cannot_be_used_are_told_and_nothing_is_tried(tmp_path, text, why):
    (tmp_path / "r.toml").write_text(text)
    code, out, err = tried(tmp_path / "r.toml")
    assert (code, out) == (2, "")
    assert "Not tried" in err
    assert why in err


def test_the_demonstration_refers_and_its_agencies_answer_the_same_each_time(world):
    hub = world.centre.hub
    for _ in range(12):
        incident = world.incident(kind="Outside Fire")
        world.do(d.CloseIncident, incident=incident, outcome="Fire")
    player, now_us = MadeUpReferrals(hub), hub.clock.now_us()
    for nth in range(120):
        player.run(now_us + nth * 11 * MINUTE_US, hub.do)
        hub.clock.jump(now_us + nth * 11 * MINUTE_US)
        hub.commit()
    view = hub.state["referrals"]
    states = {one.state for one in view.all()}
    assert 0 < len(list(view.all())) < 12
    assert states & {"accepted", "returned", "settled", "declined"}
    told = [(one.referral, one.state) for one in view.all()]
    assert msgspec.json.encode(told)
    assert all(one.agency == "PUBLIC-WORKS" for one in view.all())
