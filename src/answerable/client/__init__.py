"""A small client of a running centre: commands in, events out, nothing lost and nothing twice.

    from answerable.client import Client
    from answerable.intake import words as intake

    with Client("https://centre.example", token) as centre:
        call = centre.do(intake.AnswerCall, line="3").first["call"]
        for event in centre.follow(after=0):
            print(event.position, event.type)

What is sent is repeated with the same key while no answer comes, so it is recorded once. What is
followed is resumed where it broke. ``check_letter`` proves a webhook's letter.
"""

from answerable.client.client import Client, new_key
from answerable.client.errors import ClientError, NotUnderstood, Refused, Unreachable
from answerable.client.letters import BadLetter, check_letter
from answerable.client.told import Board, Event, IncidentTold, Recorded

__all__ = [
    "BadLetter",
    "Board",
    "Client",
    "ClientError",
    "Event",
    "IncidentTold",
    "NotUnderstood",
    "Recorded",
    "Refused",
    "Unreachable",
    "check_letter",
    "new_key",
]
