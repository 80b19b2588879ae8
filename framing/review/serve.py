"""From the command to the page: find the articles, bind the port, serve until stopped."""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from framing.annotations import find_schema
from framing.errors import InputError
from framing.predictor import Framing
from framing.review import check_extra
from framing.review.articles import find_articles, least_sure_first
from framing.review.session import Session, Settings
from framing.review.store import Store
from framing.validation import GENRES

HOST = "127.0.0.1"
DEFAULT_OUTPUT = Path("annotations-review.jsonl")


@dataclass(frozen=True, slots=True)
class Options:
    """How a review is run.

    Attributes
    ----------
    output : Path
    order : {"name", "least-sure"}
    port : int
        0 for one that is free.
    browser : bool
        Whether a browser is opened.
    text : bool
        Whether the output holds the texts.
    """

    output: Path = DEFAULT_OUTPUT
    order: str = "name"
    port: int = 0
    browser: bool = True
    text: bool = True


def run(
    load: Callable[[], Framing],
    paths: Sequence[str],
    options: Options,
    settings: Settings,
    say: Callable[[str], None],
    warn: Callable[[str], None],
) -> int:
    """Review the articles under the paths until the server is stopped.

    Parameters
    ----------
    load : callable
        Loads the model, after everything that is quicker to find wrong.
    paths : sequence of str
    options : Options
    settings : Settings
    say, warn : callable
        Print a line for people, on standard output and standard error.

    Returns
    -------
    int
        Inputs that could not be read.

    Raises
    ------
    InputError
        If there is nothing to review, the output cannot be used, or the port not bound.
    AnnotationError
        If the output or its journal is broken.
    """
    check_extra()
    if settings.genre not in GENRES:
        raise InputError(f"no genre {settings.genre!r:.40}; choose one of {', '.join(GENRES)}")
    articles, unread, passed = find_articles(paths)
    for line in (*unread, *passed):
        warn(line)
    store = Store(options.output, text=options.text)
    try:
        framing = load()
        if options.order == "least-sure":
            articles = least_sure_first(framing, articles)
        session = Session(framing, articles, store, settings)
        _warn_of(session, warn)
        with suppress(KeyboardInterrupt):  # how a person stops it
            _serve(session, options, say)
        say(f"{session.done} of {len(articles)} articles done; decisions in {store.output}.journal")
        if store.documents:
            say(f"{store.output}: {len(store.documents)} documents")
    finally:
        store.close()
    return len(unread)


def _warn_of(session: Session, warn: Callable[[str], None]) -> None:
    """Name changed articles, and a schema that training would not find."""
    for article in session.articles:
        if article.sha256 in session.changed:
            warn(f"{article.name}: {session.changed[article.sha256]}")
    known = find_schema([session.store.output]).names
    if set(session.schema.names) - set(known):
        warn(
            f"{session.store.output}: put the schema.toml of this model's labels beside it, "
            "or training will not know them"
        )


def _serve(session: Session, options: Options, say: Callable[[str], None]) -> None:
    import uvicorn

    from framing.review.app import make_app

    with listen(options.port) as listener:
        port = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        address = f"http://{HOST}:{port}/{token}/"
        app = make_app(session, token, port)
        say(f"Review: {address}\nCtrl-C stops it; every decision is saved as it is made.")
        sys.stdout.flush()
        if options.browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        config = uvicorn.Config(
            app, log_level="error", access_log=False, lifespan="off", ws="none",
            server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])


def listen(port: int) -> socket.socket:
    """A socket that listens on this machine only."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise InputError(f"port {port}: {error.strerror or error}; choose another --port") from None
    return listener
