"""The toy town with four agencies and four rules of referring, for tests."""

from __future__ import annotations

from answerable.towns.model import Town
from answerable.towns.referring import Partner, ReferralFile, ReferralRule
from tests.story import toy_town

FILE = ReferralFile(
    agencies=(
        Partner(code="WORKS", titles={"en": "Public Works"}, way="open311",
                address="http://127.0.0.1:1/open311/v2",
                may_see=("kind", "place", "position", "words"), working_days=2),
        Partner(code="HOUSING", titles={"en": "Housing", "zh": "房屋局"}, way="mail",
                address="housing@example.org", may_see=("kind", "place", "words", "door")),
        Partner(code="STATION", titles={"en": "The station"}, direction="down", way="desk",
                may_see=("kind", "priority", "place", "area", "opened", "outcome")),
        Partner(code="DESK-311", titles={"en": "Municipal desk"}, direction="up",
                may_see=("kind", "area")),
    ),
    rules=(
        ReferralRule(code="dead-street-light", why={"en": "lamps are theirs"}, agency="WORKS",
                     kinds=("Other",), outcomes=("Street light",), sees=("kind", "place"),
                     answer_hours=4),
        ReferralRule(code="old-town-housing", why={"en": "the landlord's duty"},
                     agency="HOUSING", kinds=("Other",), areas=("Old Town",),
                     sees=("kind", "place", "words", "door")),
        ReferralRule(code="small-fires", why={"en": "prevention is the station's"},
                     agency="STATION", kinds=("Fire",), priorities=("1",),
                     sees=("kind", "place", "area")),
        ReferralRule(code="rest", why={"en": "whatever else"}, agency="DESK-311",
                     kinds=("Other",), sees=("kind",)),
    ),
)  # fmt: skip


def referring_town() -> Town:
    """Return the toy town, referring."""
    town = toy_town()
    town.referring = FILE
    return town
