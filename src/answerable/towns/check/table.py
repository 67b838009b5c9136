"""Every check there is: its severity, what it says is wrong, and the remedy.

The words have holes in braces; a part in square brackets is left out where its hole is empty. An
*error* keeps a centre from starting on the town, a *warning* is something that will go wrong or
stay unused, a *note* is something a town may well do without.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Check(msgspec.Struct, frozen=True):
    """One check: its severity and its words."""

    severity: Literal["error", "warning", "note"]
    what: str
    remedy: str


def _e(what: str, remedy: str) -> Check:
    return Check("error", what, remedy)


def _w(what: str, remedy: str) -> Check:
    return Check("warning", what, remedy)


def _n(what: str, remedy: str) -> Check:
    return Check("note", what, remedy)


MEANT = "[Did you mean {like}? ]"

CHECKS: dict[str, Check] = {
    # -- the folder and its files
    "no-folder": _e(
        "There is no folder {folder}.",
        "Give the path of a town's folder, or the name of a packaged town.",
    ),
    "missing-file": _e(
        "{file} is not there: {about}.",
        "Add it, or build the town anew with 'answerable town build'.",
    ),
    "absent-file": _n("{file} is not there: {about}.", "{remedy}."),
    "unknown-file": _w(
        "No file of a town is called {file}.", f"{MEANT}Rename it, or take it out of the folder."
    ),
    "unreadable": _e("{file} cannot be read: {because}.", "Make it a file this program may read."),
    "broken-file": _e("It is not {form}: {because}.", "Correct that place in the file."),
    "missing-key": _e("{path} is missing.", "Add it; the reference says what it holds: {page}."),
    "unknown-key": _e("There is no key {path}.", f"{MEANT}Correct the name, or take the key out."),
    "wrong-value": _e("{path}: {because}.", "Correct it; the reference says what fits: {page}."),
    "wrong-columns": _e("Its first line is {found}.", "Make it {wanted}."),
    "wrong-row": _e("This line has {found} values.", "Give it {wanted}: {columns}."),
    # -- town.toml
    "unknown-zone": _e(
        "There is no time zone {zone}.", f"{MEANT}Write it as the tz database does: Europe/Vaduz."
    ),
    "centre-off-map": _e(
        "The centre {lon}, {lat} lies outside the streets of the town.",
        "Give longitude first, then latitude, in degrees; the streets lie {box}.",
    ),
    "unknown-standard": _e(
        "There is no standard {name} in the catalogue.",
        f"{MEANT}The catalogue has {{known}}.",
    ),
    "double-code": _e(
        "{what} {code} is there twice; the first is in line {first}.",
        "Give one of them another code, or take it out.",
    ),
    "unknown-type": _e(
        "Run card {card} asks for the type {code}, which is none of the town's.",
        f"{MEANT}Correct the name, or add a unit_types table with that code.",
    ),
    "unknown-kind": _e(
        "Run card {card} is for the kind {code}, which is none of the town's.",
        f"{MEANT}Correct the name, or add a kinds table with that code.",
    ),
    "unknown-area-of-card": _e(
        "Run card {card} is for the area {area}, which the town does not have.",
        f"{MEANT}Give a neighbourhood, a battalion, or core, near or outer.",
    ),
    "unknown-type-of-rule": _e(
        "A rule of sending names the type {code}, which is none of the town's.",
        f"{MEANT}Correct the name, or add a unit_types table with that code.",
    ),
    "unknown-place-of-rule": _e(
        "The rule {rule} names the {each} {name}, which the town does not have.",
        f"{MEANT}Correct the name, or take it out.",
    ),
    "rule-without-place": _w(
        "The rule {rule} holds for each {each}, and the town has none.",
        "Let it hold for each station or each neighborhood.",
    ),
    "unknown-priority": _e(
        "{what} {code} has the priority {priority}, which is not listed in priorities.",
        f"{MEANT}Correct it, or add it to priorities.",
    ),
    "urgent-unlisted": _e(
        "The urgent priority {priority} is not listed in priorities.",
        f"{MEANT}Correct it, or add it to priorities.",
    ),
    "kind-without-card": _w(
        "No run card fits the kind {code}[ at priority {priority}]: nothing will be recommended.",
        "Name the kind in a run card, or add a last card without kinds that fits the rest.",
    ),
    "card-never-used": _w(
        "Run card {card} is never used: card {by} before it fits everything it fits.",
        "Put it before that one, or take it out.",
    ),
    "type-without-unit": _w(
        "No unit is of the type {code}.", "Add one to units.csv, or take the type out."
    ),
    "need-unmet": _w(
        "Run card {card} needs {count} of {types}[ with {skills}]; the town has {have}.",
        "Lower the count, name further types, or add units.",
    ),
    "no-other-kind": _w(
        "There is no kind with the code Other.",
        "Add one: imported calls of a kind the town does not know are recorded as it.",
    ),
    "english-unlisted": _e("languages does not list en.", 'Add "en": pages fall back to it.'),
    "missing-title": _w(
        "{what} {code} has no name in {language}.", 'Add {language} = "…" to its title.'
    ),
    "unlisted-language": _w(
        "{what} {code} has a name in {language}, which languages does not list.",
        f"{MEANT}Add it to languages, or take the name out.",
    ),
    "accepted-error": _e(
        "{check} of {of} is an error, and no town can live with one.",
        "Correct what it is about, and take this out.",
    ),
    "accepted-idle": _w(
        "Nothing is wrong by the check {check} of {of}.", f"{MEANT}Correct it, or take it out."
    ),
    # -- units
    "double-unit": _e(
        "Unit {unit} is there twice; the first is in line {first}.",
        "Rename one of them: a unit is known by its name.",
    ),
    "unknown-unit-type": _e(
        "Unit {unit} is of the type {code}, which town.toml does not have.",
        f"{MEANT}Correct it, or add a unit_types table with that code.",
    ),
    "unknown-station": _w(
        "Unit {unit} belongs to the station {station}, which is not in stations.geojson.",
        f"{MEANT}Correct it, or add the station.",
    ),
    "unknown-unit": _w(
        "Unit {unit} has a home here and is not in units.csv.",
        f"{MEANT}Correct the name, or take the line out.",
    ),
    "two-homes": _w(
        "Unit {unit} has the station {station} here and {other} in units.csv.",
        "Keep one of them: unit_homes.csv is what counts.",
    ),
    "no-units": _e("units.csv lists no unit.", "Add the units that can be sent."),
    # -- streets and travel times
    "bad-streets": _e("The streets cannot be used: {because}.", "{remedy}."),
    "roads-in-pieces": _e(
        "The streets are in pieces: {count} of {all} junctions ({share} %) near {lon}, {lat} "
        "cannot be driven to from the rest and back.",
        "Join them, or cut the town to one piece; look for a missing bridge or one-way mark.",
    ),
    "piece-cut-off": _w(
        "{count} junctions near {lon}, {lat}[ ({street})] cannot be driven to and back: calls "
        "there are taken to the nearest street that can.",
        "Look for a missing street or a wrong one-way mark, or accept it.",
    ),
    "labels-misfit": _w(
        "The travel times were prepared for other streets: every start builds them anew.",
        "Prepare them: python -m answerable.place.prepare FOLDER.",
    ),
    "labels-broken": _w(
        "The prepared travel times cannot be used: {because}. Every start builds them anew.",
        "Prepare them: python -m answerable.place.prepare FOLDER.",
    ),
    "calibration-absurd": _e(
        "factor {factor} and start_s {start_s} make no driving time.",
        "Fit them again, or take the file away.",
    ),
    "calibration-odd": _w(
        "{key} = {value} is not what streets and crews are like ({usual}).",
        "Look at the runs it was fitted from, or take the file away.",
    ),
    # -- stations
    "no-stations": _w(
        "There is no station: units stand at junctions picked by their names.",
        "Add stations, each a Point with id and name.",
    ),
    "double-station": _e(
        "Station {station} is there twice; the first is in line {first}.",
        "Give one of them another id.",
    ),
    "station-off-roads": _w(
        "Station {station} is {metres} m from the nearest street that can be driven.",
        "Correct its position, or add its street.",
    ),
    "station-cut-off": _w(
        "Station {station} lies on a piece of the streets that nothing else can be driven to: its "
        "crews start {metres} m away.",
        "Join that piece to the rest, or correct the position.",
    ),
    "station-outside": _w(
        "Station {station} lies outside every area.", "Correct its position, or draw its area."
    ),
    # -- areas
    "unnamed-area": _e("This area has no name.", "Give it the property name."),
    "double-area": _w(
        "Area {area} is there twice; the first is in line {first}.",
        "Make them one MultiPolygon, or give one another name.",
    ),
    "bad-polygon": _e("Area {area} is no good polygon: {because}.", "Draw its border anew."),
    "areas-overlap": _w(
        "Areas {area} and {other} share {share} % of the smaller: calls there count for {area}.",
        "Draw the border between them once.",
    ),
    "unknown-area": _e(
        "The class {area_class} lists {area}, which is not in neighborhoods.geojson.",
        f"{MEANT}Correct the name, or draw the area.",
    ),
    "area-in-two-classes": _e(
        "Area {area} is listed as {area_class} and as {other}.", "Keep one of them."
    ),
    "area-unclassed": _n(
        "Area {area} is in no class, and so counts as outer.",
        "Put it into one of the lists if it is not.",
    ),
    # -- holidays
    "holiday-never": _w(
        "The holiday {name} never comes: {because}.", "Correct its day, or take it out."
    ),
    "holiday-past": _n(
        "The holiday {name} comes no more after {year}.",
        "Add the days of the years to come, or take it out.",
    ),
    "never-working": _e("Every day of the week is weekend.", "Leave a day to work in weekend."),
    # -- retention
    "retention-kind": _w(
        "A rule of retention is for {kind}, which is no kind of this town.",
        f"{MEANT}Correct it, or take it out; 'call' is for calls without an incident.",
    ),
    "retention-idle": _w(
        "No matter reaches this rule of retention: {because}.",
        "Put it before the rule that takes all of it, or take it out.",
    ),
    "retention-never": _w(
        "The words of these kinds are never erased: {kinds}.",
        "Add a last rule for everything else, with erase_days.",
    ),
    # -- tracked matters
    "matters-unsigned": _w(
        "Nobody may sign {code}: it asks for grade {grade}, and the highest role has {most}.",
        "Give a role that grade under [grades], or lower the one it asks for.",
    ),
    "matters-no-result": _w(
        "No matter can be finished: there is no [[result]] that one could come to.",
        "Add a [[result]] with a code and a title.",
    ),
    # -- word rules and questions
    "script-kind": _w(
        "{what} {code} is about the kind {kind}, which is none of the town's.",
        f"{MEANT}Correct the name, or add a kinds table with that code.",
    ),
    "script-instruction": _w(
        "An answer to {code} brings the instruction {instruction}, which there is not.",
        f"{MEANT}Correct the name, or add an instruction table with that code.",
    ),
    "script-unsaid": _w(
        "{what} {code} has words missing in {language}.", 'Add {language} = "…" there.'
    ),
    "script-silent": _n(
        "Nothing brings the instruction {code}.",
        "Name it in an answer (instruct), or give it kinds; or take it out.",
    ),
    # -- what crews report
    "outcomes-unknown": _w(
        "{what} {code} names the {sort} {name}, which there is not.",
        f"{MEANT}Correct the name, or take it out.",
    ),
    "outcomes-none": _w(
        "A crew of {agency} owes a report of {kind} and has no outcome to choose.",
        "List an outcome for it, or add a report rule by which it owes none.",
    ),
    # -- callers rung back, and support
    "following-kind": _w(
        "Callers about {kind} are not to be rung back, and that is no kind of this town.",
        f"{MEANT}Correct it, or take it out: as it stands, nobody is spared by it.",
    ),
    "support-unknown": _w(
        "Support {code} is given by {name}, which is no unit, type of unit, station or agency.",
        f"{MEANT}Correct the name, or add an agency table with that code.",
    ),
    "support-complaint": _w(
        "A complaint about support would open a matter of {kind}, and there is no such kind.",
        f"{MEANT}Name a kind of matters.toml; as it stands, only the supervisor is told.",
    ),
    # -- places that keep calling
    "repeats-uncaused": _w(
        "A place that keeps calling of {kind} is never found: no cause has that kind.",
        "Add a pattern that fits it to a cause, or to left_out where that is meant.",
    ),
    # -- call records
    "bad-mapping": _e("The mapping of call records cannot be used: {because}.", "{remedy}"),
    "calls-unmapped": _e(
        "There are call records and no mapping.toml.",
        "Add one: docs/reference/call-mapping.md says what it holds.",
    ),
}
