"""The proof: an ID token, checked as OpenID Connect Core 1.0 section 3.1.3.7 says.

Signature by one of the provider's keys and an algorithm of our list; issuer, audience, authorized
party, times and nonce. Only then does the claim say who it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from answerable.console.provider.trouble import ProviderTrouble, nonsense, unproven
from answerable.console.serve.settings import Provider

LEEWAY_S = 60
SUBJECT_MAX = 255
TOKEN_MAX = 16_384


class UnknownKey(Exception):
    """The token is signed with none of the keys known: they may have been changed since."""


def subject_of(
    token: str,
    keys: KeySet,
    provider: Provider,
    nonce: str,
    now_s: Callable[[], float] = time.time,
) -> str:
    """Return who an ID token proves somebody to be. Raises ProviderTrouble, UnknownKey."""
    if len(token) > TOKEN_MAX:
        raise nonsense("an ID token that is too long")
    try:
        decoded = jwt.decode(token, keys, algorithms=list(provider.algorithms))
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKey from error
    except JoseError as error:
        raise unproven(f"the signature: {type(error).__name__}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise nonsense("an ID token that cannot be read") from error
    return _claimed(decoded, provider, nonce, int(now_s()))


def _claimed(decoded: jwt.Token, provider: Provider, nonce: str, now_s: int) -> str:
    expected = {"iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id}}  # fmt: skip
    claims = CodeIDToken(
        decoded.claims, decoded.header, expected, {"nonce": nonce, "client_id": provider.client_id}
    )
    try:
        claims.validate(now=now_s, leeway=LEEWAY_S)
    except JoseError as error:
        which = getattr(error, "claim", "") or type(error).__name__
        raise unproven(f"the claim {which}") from error
    except (ValueError, TypeError) as error:
        raise unproven("a claim of the wrong form") from error
    subject = claims.get(provider.claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise ProviderTrouble("unproven", f"the claim {provider.claim} names nobody")
    return subject
