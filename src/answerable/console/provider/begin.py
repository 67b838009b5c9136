"""Before the service begins: what signing in at a provider needs; imports none of its libraries."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from answerable.console.running import CannotBegin
from answerable.console.serve.settings import Provider

LIBRARIES = ("authlib", "joserfc")


def secret_of(provider: Provider) -> str:
    """Read the client's secret from its file. Raises CannotBegin."""
    path = Path(provider.secret_file)
    try:
        secret = path.read_text("utf-8").strip()
        open_to_others = path.stat().st_mode & 0o007
    except (OSError, UnicodeDecodeError) as error:
        raise CannotBegin(
            f"Not started: the provider's secret in {path} cannot be read "
            f"({getattr(error, 'strerror', None) or 'it is not text'}). "
            "Put the client's secret there, readable for this user only."
        ) from error
    if not secret or open_to_others:
        why = "it is empty" if not secret else "everybody may read it"
        raise CannotBegin(
            f"Not started: the provider's secret in {path} cannot be used: {why}. "
            f"Write the secret into it, then: chmod 600 {path}"
        )
    return secret


def need_libraries() -> None:
    """Raise CannotBegin where the libraries for this are not installed."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise CannotBegin(
            "Not started: signing in at a provider needs the extra 'sso', which is not installed "
            f"({', '.join(missing)} missing). Install it: pip install 'answerable[sso]', or take "
            "[provider] out of the settings."
        )
