"""A receiver believes a letter that the centre signed, fresh, and no other."""

from __future__ import annotations

import pytest

from answerable.client import BadLetter, check_letter

# The example of the Standard Webhooks specification, 1.0.0 ("Signature scheme").
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SENT = 1614265330
BODY = b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": NUMBER, "webhook-timestamp": str(SENT), "webhook-signature": SIGNED,
}  # fmt: skip


def taken(secret=SECRET, body=BODY, at=SENT, **changed) -> str:
    headers = HEADERS | {f"webhook-{name}": value for name, value in changed.items()}
    return check_letter(secret, headers, body, clock=lambda: at)


def test_the_example_of_the_specification_is_believed():
    assert taken() == NUMBER
    assert taken(secret=SECRET.removeprefix("whsec_")) == NUMBER
    assert taken(at=SENT + 299) == taken(at=SENT - 299) == NUMBER


def test_any_of_several_signatures_counts_and_the_names_of_headers_have_no_case():
    assert taken(signature=f"v1,AAAA v2,BBBB {SIGNED}") == NUMBER
    headers = {name.title(): value for name, value in HEADERS.items()}
    assert check_letter(SECRET, headers, BODY, clock=lambda: SENT) == NUMBER


@pytest.mark.parametrize(
    "changed",
    [
        {"body": BODY + b" "}, {"secret": "whsec_" + "A" * 32}, {"secret": "whsec_?"},
        {"at": SENT + 301}, {"at": SENT - 301}, {"id": "msg_other"},
        {"timestamp": str(SENT + 1)}, {"timestamp": "yesterday"}, {"timestamp": "1" * 40},
        {"signature": ""}, {"signature": "v1,"}, {"signature": SIGNED.replace("v1", "v2")},
        {"signature": SIGNED[3:]}, {"id": ""}, {"signature": "v1,ü"},
    ],
)  # fmt: skip
def test_any_other_letter_is_not(changed):
    with pytest.raises(BadLetter, match="Not taken"):
        taken(**changed)
