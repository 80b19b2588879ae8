"""Who may ask: this machine's browser, at the address that the command printed.

The token is the first part of every path. It is in no cookie, because a browser sends the
cookies of 127.0.0.1 to every port, other people's servers included, and attaches them to
requests that other pages cause. A path is sent only by who knows it. It stays in the
browser's history; the token dies with the server.
"""

from __future__ import annotations

from secrets import compare_digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Of every response, refusals included."""


class Gate:
    """Refuse with 403 whatever does not come from the page itself.

    Parameters
    ----------
    app : ASGI application
        Behind the gate the token is the root path.
    token : str
    port : int
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        from starlette.responses import PlainTextResponse

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        if scope["type"] != "http":
            return
        if self.admits(scope):
            await self._app({**scope, "root_path": f"/{self._token}"}, receive, guarded)
        else:
            await PlainTextResponse("403: not from here\n", 403)(scope, receive, guarded)

    def admits(self, scope: Scope) -> bool:
        """Whether host, origin and token are those of the page."""
        asked: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            asked.setdefault(name.lower(), []).append(value)
        hosts = asked.get(b"host", [])
        origins = asked.get(b"origin", [])
        first, slash, _ = scope["path"].removeprefix("/").partition("/")
        known = compare_digest(first.encode("utf-8", "surrogatepass"), self._token.encode())
        return (
            len(hosts) == 1
            and hosts[0] in self._hosts
            and all(origin == b"http://" + hosts[0] for origin in origins)
            and known
            and bool(slash)
        )
