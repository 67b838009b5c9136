"""The refusals that the programs' door has itself, with their status and where they come.

The sentences stand where they are raised; a test compares them with this list, both ways.
"""

from __future__ import annotations

from typing import NamedTuple

READS = ("board", "incident", "events", "stream", "schema")
EVERY = ("commands", "places", *READS)


class Door(NamedTuple):
    """One refusal: code, HTTP status, three sentences with holes, and the operations that give it.

    ``""`` stands for a sentence that is only known when it happens.
    """

    code: str
    status: int
    not_done: str
    because: str
    instead: str
    given_by: tuple[str, ...]


DOOR: tuple[Door, ...] = (
    Door("console.BadCommand", 400, "Not read.", "{error}.",
         "Correct that field; the commands are in the reference.", ("commands",)),
    Door("console.NotJson", 400, "Not read.", "The request is not JSON.",
         "Send one command as application/json.", ("commands", "places")),
    Door("console.Broken", 400, "Not read.", "The connection ended early.", "Send it again.",
         ("commands", "places")),
    Door("console.BadPlace", 400, "Not read.", "This is not what is asked of places.",
         "Send text, and near and limit where they help, as the reference of the API says.",
         ("places",)),
    Door("console.BadQuery", 400, "Not read.", "", "", READS),
    Door("console.UnknownQuery", 400, "Not read.", "There is no query parameter {name} here.", "",
         READS),
    Door("console.UnknownKind", 400, "Not read.", "There is no event {kind}.",
         "Give kinds as dispatch.UnitSent,intake.CallRung; the reference lists them.",
         ("events", "stream")),
    Door("console.NotSignedIn", 401, "Not done.", "Nobody is signed in.", "Sign in first.", EVERY),
    Door("console.BadToken", 401, "Not done.", "The token is not one of this centre.",
         "Check it for a slip, or ask an administrator for one.", EVERY),
    Door("console.TokenRevoked", 401, "Not done.", "The token {token} was revoked.",
         "Ask an administrator for a new one.", EVERY),
    Door("console.TokenEnded", 401, "Not done.", "The token {token} ended on {when}.",
         "Ask an administrator for a new one.", EVERY),
    Door("console.OtherSite", 403, "Not done.", "The request comes from another site.",
         "Do it on a page of this centre.", ("commands", "places")),
    Door("console.NotGiven", 403, "Not shown.", "The role {role} is not given this page.",
         "Sign in at another desk, or ask a supervisor.", (*READS, "places")),
    Door("console.NoIncident", 404, "Not shown.", "There is no incident {incident}.",
         "Check the number, or look it up on the board.", ("incident",)),
    Door("console.NoPage", 404, "Not shown.", "There is no such page.", "Go to the board.",
         ("incident",)),
    Door("console.Method", 405, "Not done.", "This address takes {methods} only.",
         "See the reference of the API.", EVERY),
    Door("console.BeyondEnd", 409, "Not told.",
         "The record ends at {recorded}, before position {position}.",
         "Check that this is the record you followed; if it is, begin again after 0.",
         ("events", "stream")),
    Door("console.TooLarge", 413, "Not read.", "The request is longer than {most} bytes.",
         "Send less at a time.", ("commands", "places")),
    Door("console.TooFast", 429, "Not read.",
         "More commands come from here than this centre takes from one source.",
         "Send it again with the same key in {seconds} s.", ("commands", "places")),
    Door("console.Faulted", 500, "Not done.", "", "", EVERY),
    Door("console.NoPlaces", 503, "Not looked up.", "The town's names could not be read.",
         "Give the position, or click it on the map; the log says which file is wrong.",
         ("places",)),
    Door("console.Unavailable", 503, "", "", "", ("commands",)),
    Door("console.TooMany", 503, "Not connected.",
         "As many consoles are connected as this centre takes.", "Try again in a minute.",
         ("stream",)),
)  # fmt: skip


def codes_of(operation: str, status: int) -> list[str]:
    """Return the codes of the door's own refusals of an operation with a status."""
    return [one.code for one in DOOR if one.status == status and operation in one.given_by]


def statuses_of(operation: str) -> list[int]:
    """Return the statuses of the door's own refusals of an operation, in order."""
    return sorted({one.status for one in DOOR if operation in one.given_by})
