"""The manifests of the adapters: what each is, and how far it keeps the list all answer to."""

from __future__ import annotations

from answerable.exchange import manifests as shared

RULES = {
    "bounded": "Whatever it does is cut off after a few seconds.",
    "off_loop": "What can block has a thread of its own.",
    "receipts": "It says whether the crew's device was reached, or that it cannot know yet.",
    "signed": "The other side can check who sent the alert.",
    "inside_only_if_named": "It goes into one's own network only where the settings name it.",
    "no_sealed": "No sealed word leaves by it.",
    "tested_dead": "A test plants a dead one.",
    "tested_slow": "A test plants one that hangs.",
}
"""What every adapter has to answer to: "done", or "exempt" with the reason."""


class Manifest(shared.Manifest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One adapter of a channel; ``receipts`` says what it can know of the crew's device."""

    receipts: str


def manifests() -> dict[str, Manifest]:
    """Return the manifest of every adapter, by its kind. Raises msgspec.ValidationError."""
    return shared.manifests_of("answerable.exchange.channels", Manifest)
