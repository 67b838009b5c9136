"""Before the service begins: what signing in at a provider needs; imports none of its libraries."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from answerable.console.running import CannotBegin
from answerable.console.serve.settings import Provider
from answerable.console.tongue import said

LIBRARIES = ("authlib", "joserfc")


def secret_of(provider: Provider) -> str:
    """Read the client's secret from its file. Raises CannotBegin."""
    path = Path(provider.secret_file)
    try:
        secret = path.read_text("utf-8").strip()
        open_to_others = path.stat().st_mode & 0o007
    except (OSError, UnicodeDecodeError) as error:
        raise CannotBegin(
            said(
                "Not started: the provider's secret in {path} cannot be read ({why}). "
                "Put the client's secret there, readable for this user only.",
                path=path,
                why=getattr(error, "strerror", None) or said("it is not text"),
            )
        ) from error
    if not secret or open_to_others:
        why = said("it is empty") if not secret else said("everybody may read it")
        raise CannotBegin(
            said(
                "Not started: the provider's secret in {path} cannot be used: {why}. "
                "Write the secret into it, then: chmod 600 {path}",
                path=path,
                why=why,
            )
        )
    return secret


def need_libraries() -> None:
    """Raise CannotBegin where the libraries for this are not installed."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise CannotBegin(
            said(
                "Not started: signing in at a provider needs the extra 'sso', which is not "
                "installed ({missing} missing). Install it: pip install '{extra}', or take "
                "{section} out of the settings.",
                missing=", ".join(missing),
                extra="answerable[sso]",
                section="[provider]",
            )
        )
