"""The two addresses of signing in at the provider: out to it, and back from it.

The way back ends on a page of ours, which leads on by itself: a browser does not send the session's
cookie (``SameSite=Strict``) in a chain of redirects that began at another site.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import Cookie

from answerable.console.provider.signing import BACK, SigningIn
from answerable.console.provider.waiting import LASTS_S
from answerable.console.sanity import check_origin, cookies
from answerable.console.session import cookie
from answerable.console.signin.routes import back_to
from answerable.console.signin.throttle import address_of

Req = Request[Any, Any, Any]
ASKED = ("code", "state", "error", "iss")
ASKED_MAX = 4096


def cookie_name(*, secure: bool) -> str:
    """Return the name of the cookie that holds a state until the answer comes."""
    return "__Host-answerable-provider" if secure else "answerable-provider"


def state_cookie(state: str, *, secure: bool) -> str:
    """Return the Set-Cookie value of a state. Lax: it has to come back from another site."""
    parts = [f"{cookie_name(secure=secure)}={state}", "Path=/", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, f"Max-Age={LASTS_S}", *(["Secure"] if secure else [])])


def asked_of(request: Req) -> dict[str, str]:
    """Return what the provider's answer says, each once and not longer than it may be."""
    told = {name: request.query_params.getall(name, []) for name in ASKED}
    return {n: values[0] for n, values in told.items() if len(values) == 1
            and len(values[0]) <= ASKED_MAX}  # fmt: skip


def routes(signing: SigningIn, app: Any) -> list[Any]:  # noqa: ANN401 - the console's App
    """Return the routes; ``app`` knows the language and the look of a request."""
    from answerable.console.app import redirect

    front = signing.service.front

    @get("/sign-in/provider")
    async def leave(request: Req) -> Response[Any]:
        """Lead to the provider whoever asks for it here; another site cannot send anybody."""
        check_origin(request.scope)
        front.door.tries.take(address_of(request.scope))
        back = back_to(request.query_params.get("back", "/"))
        address, state = await signing.leave(back)
        secure = request.url.scheme == "https"
        return redirect(address, state_cookie(state, secure=secure))

    @get(BACK)
    async def come_back(request: Req) -> Response[Any]:
        """Take the provider's answer, and sign in."""
        front.door.tries.take(address_of(request.scope))
        secure = request.url.scheme == "https"
        begun = cookies(request.scope).get(cookie_name(secure=secure), "")
        identifier, back = await signing.come_back(asked_of(request), begun)
        lang, theme = app.look(request)
        age_s = front.sessions.age_s
        return Response(
            lang.render("provider_back.html", theme=theme, back=back),
            media_type="text/html",
            headers={"set-cookie": cookie(identifier, secure=secure, age_s=age_s)},
            cookies=[Cookie(key=cookie_name(secure=secure), value="", max_age=0, secure=secure)],
        )

    return [leave, come_back]
