"""What can go wrong at the provider, and how each is told: password sign-in always remains."""

from __future__ import annotations

import logging

from answerable.console.sanity import Refused

log = logging.getLogger("answerable.provider")


class ProviderTrouble(Exception):
    """The provider did not do its part; ``outcome`` counts it, ``fact`` is for the log.

    Neither holds anything the provider or the browser said, only the program's own words.
    """

    def __init__(self, outcome: str, fact: str) -> None:
        super().__init__(f"{outcome}: {fact}")
        self.outcome, self.fact = outcome, fact


def down(fact: str) -> ProviderTrouble:
    """Return the trouble of a provider that cannot be reached in time."""
    return ProviderTrouble("down", fact)


def nonsense(fact: str) -> ProviderTrouble:
    """Return the trouble of an answer that is not what the standard says."""
    return ProviderTrouble("nonsense", fact)


def unproven(fact: str) -> ProviderTrouble:
    """Return the trouble of a proof that does not hold."""
    return ProviderTrouble("unproven", fact)


def told(trouble: ProviderTrouble) -> Refused:
    """Return the refusal a person reads."""
    if trouble.outcome == "down":
        return Refused(
            503, "console.ProviderDown", "Not signed in.",
            "The sign-in provider cannot be reached or is too slow ({fact}).",
            "Try again in a minute, or sign in with a password.", fact=trouble.fact,
        )  # fmt: skip
    if trouble.outcome == "nonsense":
        return Refused(
            503, "console.ProviderNonsense", "Not signed in.",
            "The sign-in provider answered something that cannot be used ({fact}).",
            "Tell whoever keeps this centre, or sign in with a password.", fact=trouble.fact,
        )  # fmt: skip
    if trouble.outcome == "refused":
        return Refused(
            403, "console.ProviderRefused", "Not signed in.",
            "The sign-in provider refused it ({fact}).",
            "Try again, or sign in with a password.", fact=trouble.fact,
        )  # fmt: skip
    return Refused(
        403, "console.ProviderUnproven", "Not signed in.",
        "The sign-in provider's proof does not hold ({fact}).",
        "Try again; if it stays so, tell whoever keeps this centre.", fact=trouble.fact,
    )  # fmt: skip


def stale() -> Refused:
    """Return the refusal of an answer nobody waits for: too late, used, or another browser's."""
    return Refused(
        400, "console.ProviderStale", "Not signed in.",
        "This sign-in was not begun in this browser, was used, or took longer than ten minutes.",
        "Begin again on the sign-in page.",
    )  # fmt: skip


def no_account() -> Refused:
    """Return the refusal of somebody the provider knows and this centre does not."""
    return Refused(
        403, "console.NoAccountForYou", "Not signed in.",
        "The provider knows you, but no open account of this centre is yours.",
        "Ask an administrator to open one for your identity at the provider.",
    )  # fmt: skip
