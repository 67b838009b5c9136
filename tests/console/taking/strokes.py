"""Keystroke groups: how many things a hand does, counted from the keydown events of a browser.

A group is one word typed (letters and digits one after another; the space before or after belongs
to it), or one key or chord that is no text: Enter, Tab, an arrow, Ctrl+Enter, Alt+A. The same count
is applied to the flow that TicketsCAD documents, so that both are measured by one rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

COUNT = """
window.strokes = [];
document.addEventListener('keydown', e => {
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph'].includes(e.key)) return;
  window.strokes.push([e.key, e.ctrlKey || e.altKey || e.metaKey]);
}, true);
"""
"""Runs in the page before anything else: every real keydown, in order."""


class Stroke(NamedTuple):
    """One keydown: the key, and whether it is a chord with Ctrl, Alt or Meta."""

    key: str
    chord: bool = False


def groups(strokes: Iterable[Stroke]) -> list[str]:
    """Return the groups: each word typed, each key and each chord."""
    found: list[str] = []
    word = ""
    for key, chord in strokes:
        if len(key) == 1 and not chord and not key.isspace():
            word += key
            continue
        if word:
            found.append(word)
            word = ""
        if not key.isspace() or chord:
            found.append(f"chord {key}" if chord else key)
    return [*found, word] if word else found


def typed(*words: str) -> list[Stroke]:
    """Return the strokes of words typed with spaces between them."""
    return [Stroke(sign) for sign in " ".join(words)]


def ticketscad(narrative: list[str], address: list[str], unit: str) -> list[Stroke]:
    """Return the strokes of the intake that TicketsCAD's user guide documents, at its shortest.

    Read in openises/TicketsCAD, docs/NEWUI-USER-GUIDE.md (version 4), "Using Keyboard Shortcuts on
    the Form", "Geocoding an Address" and "Assigning Responders to a New Incident": the cursor
    starts in Description; Tab matches the patterns and goes to Street Address; Tab reaches the
    Lookup button and Enter presses it; the tab order then is City, State, Contact, Phone, Responder
    search; units found there are ticked; Ctrl+Enter submits, which sends the ticked units.

    Where the guide leaves room the shorter way is counted: the lookup finds the place at once and
    leaves the cursor in City ("the city text is selected"), no field is filled that is not needed,
    the call-taker knows which unit is nearest (TicketsCAD does not say), one word finds it, and its
    box is one Tab and one Space away, though the guide says to click it. Opening the form is
    counted on neither side.
    """
    tab, enter = Stroke("Tab"), Stroke("Enter")
    return [
        *typed(*narrative), tab,            # to Street Address; type and severity fill in
        *typed(*address), tab, enter,       # to Lookup, and press it; the cursor is in City
        tab, tab, tab, tab,                 # State, Contact, Phone, Responder search
        *typed(unit), tab, Stroke("Space"),  # the unit's box
        Stroke("Enter", chord=True),        # Ctrl+Enter: recorded, and the ticked unit sent
    ]  # fmt: skip
