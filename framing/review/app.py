"""The addresses behind the gate: the page, its files, and the articles as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framing.output.html import palette
from framing.review.decisions import RefusedError
from framing.review.gate import Gate
from framing.review.session import Session

FILES = {
    "": ("page.html", "text/html"),
    "review.css": ("review.css", "text/css"),
    "review.js": ("review.js", "text/javascript"),
    "offsets.js": ("offsets.js", "text/javascript"),
    "drawing.js": ("drawing.js", "text/javascript"),
    "panel.js": ("panel.js", "text/javascript"),
    "elements.js": ("elements.js", "text/javascript"),
}
"""What the page is made of, by address."""
MOST = 1 << 16
"""Bytes of the largest decision."""


def make_app(session: Session, token: str, port: int) -> Gate:
    """Build the application of a review.

    Parameters
    ----------
    session : Session
    token : str
        First part of every path.
    port : int
        That browsers name in `Host` and `Origin`.
    """
    routes = [
        *(Route(f"/{name}", _file(*where)) for name, where in FILES.items()),
        Route("/devices.css", _devices),
        Route("/api/review", _reader(lambda _: session.overview())),
        Route("/api/articles/{number:int}", _reader(_number(session.article))),
        Route("/api/articles/{number:int}", _decider(session), methods=["POST"]),
    ]
    return Gate(Starlette(routes=routes), token, port)


def _file(name: str, kind: str) -> Callable[[Request], Response]:
    content = resources.files("framing.review").joinpath(name).read_bytes()
    return lambda _: Response(content, media_type=kind)


def _devices(_: Request) -> Response:
    return Response(palette(), media_type="text/css")


def _number(function: Callable[[int], Any]) -> Callable[[Request], Any]:
    return lambda request: function(request.path_params["number"])


def _reader(function: Callable[[Request], Any]) -> Callable[[Request], Response]:
    """Answer with what a function returns; Starlette runs it in a thread."""

    def answer(request: Request) -> Response:
        try:
            return JSONResponse(function(request))
        except IndexError:
            return _problem(404, "no such article")

    return answer


def _decider(session: Session) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        data = await _content(request)
        if data is None:
            return _problem(400, "no decision")
        return await run_in_threadpool(_decide, session, request.path_params["number"], data)

    return answer


def _decide(session: Session, number: int, data: dict[str, Any]) -> Response:
    try:
        return JSONResponse(session.decide(number, data))
    except IndexError:
        return _problem(404, "no such article")
    except RefusedError as error:
        return _problem(409, str(error))
    except OSError as error:
        named = error.filename or session.store.output
        return _problem(500, f"not saved: {named}: {error.strerror or error}")


async def _content(request: Request) -> dict[str, Any] | None:
    """JSON object of a request, or None."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST:
            return None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _problem(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
