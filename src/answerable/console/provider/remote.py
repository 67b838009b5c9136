"""Asking the provider: discovery, keys, and the code's exchange. Bounded in time and in size.

Everything is awaited on the event loop and takes no thread of it, so the slowest provider delays
nobody but whoever signs in there. What it answers is checked before it is used; metadata and keys
are kept for an hour, and keys are asked for again when a proof names one that is not known.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote_plus

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from answerable.console.provider.trouble import ProviderTrouble, down, nonsense
from answerable.console.serve.settings import Provider, is_loopback

KEPT_S = 3600.0
KEYS_AGAIN_S = 30.0
"""Keys are not asked for more often than this, whatever proofs are shown."""
ANSWER_BYTES_MAX = 262_144
AT_ONCE = 20
"""Exchanges with the provider at one time; who comes next is told to try again."""


class Metadata(msgspec.Struct, frozen=True):
    """What is used of the provider's description (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Bounded(httpx.AsyncByteStream):
    """A body that ends in trouble when it is longer than it may be."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                raise nonsense("an answer that is too long")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


class Remote:
    """The provider as this centre sees it."""

    def __init__(
        self, provider: Provider, secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._provider, self._secret, self._clock = provider, secret, clock
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._busy = 0

    # -- what is known of it -----------------------------------------------------------------

    async def metadata(self) -> Metadata:
        """Return the provider's description. Raises ProviderTrouble."""
        if self._metadata and self._clock() - self._metadata[0] < KEPT_S:
            return self._metadata[1]
        url = self._provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await self._json("discovery", "GET", url)
        try:
            metadata = msgspec.convert(found, Metadata)
        except msgspec.ValidationError as error:
            raise nonsense("its description lacks what is needed") from error
        if metadata.issuer != self._provider.issuer:
            raise nonsense("its description names another issuer")
        for url in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
            if not _fit(url):
                raise nonsense("its description names an address without https")
        self._metadata = (self._clock(), metadata)
        return metadata

    async def keys(self, *, again: bool = False) -> KeySet:
        """Return the provider's keys; ``again``: a proof named one that is not among them."""
        held, now_s = self._keys, self._clock()
        if held and now_s - held[0] < (KEYS_AGAIN_S if again else KEPT_S):
            return held[1]
        found = await self._json("keys", "GET", (await self.metadata()).jwks_uri)
        keys = keys_in(found)  # before they are kept: an hour with useless ones would be long
        self._keys = (now_s, keys)
        return keys

    # -- the two steps of a sign-in ----------------------------------------------------------

    async def address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser is sent. Raises ProviderTrouble."""
        metadata = await self.metadata()
        uri: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._provider.client_id,
            "code",
            redirect_uri=back,
            scope=" ".join(self._provider.scopes),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return uri

    async def exchange(self, code: str, back: str, verifier: str) -> str:
        """Return the ID token for a code. Raises ProviderTrouble."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "code_verifier": verifier,
        }  # fmt: skip
        auth: tuple[str, str] | None = None
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            auth = (self._provider.client_id, self._secret)
        else:
            form |= {"client_id": self._provider.client_id, "client_secret": self._secret}
        found = await self._json("token", "POST", metadata.token_endpoint, form, auth)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise nonsense("it gave no ID token")
        return token

    # -- the wire ----------------------------------------------------------------------------

    async def _json(
        self, what: str, method: str, url: str, form: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Ask, and return the JSON object that comes back. Raises ProviderTrouble."""
        if self._busy >= AT_ONCE:
            raise down("too many sign-ins at once")
        self._busy += 1
        try:
            async with asyncio.timeout(self._provider.timeout_s):
                return await self._asked(what, method, url, form, auth)
        except TimeoutError as error:
            raise down(f"{what}: no answer in {self._provider.timeout_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise down(f"{what}: {type(error).__name__}") from error
        finally:
            self._busy -= 1

    async def _asked(
        self, what: str, method: str, url: str, form: dict[str, str] | None,
        auth: tuple[str, str] | None,
    ) -> dict[str, Any]:  # fmt: skip
        near = is_loopback(httpx.URL(url).host)
        client = httpx.AsyncClient(
            timeout=self._provider.timeout_s, follow_redirects=False, trust_env=not near
        )
        async with client:
            request = client.build_request(
                method, url, data=form, headers={"accept": "application/json"}
            )
            encoded = _quoted(auth) if auth else None
            answer = await client.send(request, auth=encoded, stream=True)
            try:
                assert isinstance(answer.stream, httpx.AsyncByteStream)
                answer.stream = _Bounded(answer.stream)
                body = await answer.aread()
            finally:
                await answer.aclose()
        return _object(what, answer.status_code, body)


def keys_in(found: dict[str, Any]) -> KeySet:
    """Return the keys of a set; one of a kind not known is passed over (RFC 7517, section 5).

    Raises ProviderTrouble where none is left.
    """
    told, known = found.get("keys"), []
    for one in told if isinstance(told, list) else []:
        with contextlib.suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
            known.append(JWKRegistry.import_key(one))
    if not known:
        raise nonsense("none of its keys can be read")
    return KeySet(known)


def _quoted(auth: tuple[str, str]) -> tuple[str, str]:
    """Return a client's name and secret as RFC 6749 section 2.3.1 wants them in the header."""
    return quote_plus(auth[0]), quote_plus(auth[1])


def _object(what: str, status: int, body: bytes) -> dict[str, Any]:
    if status >= 500:
        raise down(f"{what}: status {status}")
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise nonsense(f"{what}: not a JSON object, status {status}") from error
    if status != 200:
        raise ProviderTrouble("refused", f"{what}: {error_word(found.get('error'))}")
    return found


def error_word(said: object) -> str:
    """Return an error code of OAuth as it is, anything else as ``an error``."""
    known = isinstance(said, str) and len(said) <= 40 and said.replace("_", "").isalpha()
    return str(said) if known and str(said).isascii() else "an error"


def _fit(url: str) -> bool:
    """Say whether an endpoint is reached encrypted, or on this machine."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme == "https" or (parsed.scheme == "http" and is_loopback(parsed.host))
