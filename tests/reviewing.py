"""A review server for tests: started as a user starts it, spoken to over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from conftest import ROOT


class Server:
    """A running `framing review`."""

    def __init__(self, process, address):
        self.process, self.address = process, address
        parts = urlsplit(address)
        self.port, self.path = parts.port, parts.path

    def ask(self, path="", data=None, headers=None, method=None, root=None):
        """Status, headers and body of a request below the token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = None if data is None else json.dumps(data)
        try:
            connection.request(
                method or ("GET" if data is None else "POST"),
                (self.path if root is None else root) + path, body, headers or {},
            )  # fmt: skip
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        status, _, body = self.ask(path)
        assert status == 200, body
        return json.loads(body)

    def decide(self, number, **decision):
        version = self.get(f"api/articles/{number}")["version"]
        status, _, body = self.ask(f"api/articles/{number}", {"version": version, **decision})
        assert status == 200, body
        return json.loads(body)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def stop(self):
        """Ctrl-C; the exit code, and what was printed after the address."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def command(*arguments):
    return [sys.executable, "-W", "error", "-m", "framing", "review", *map(str, arguments)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}


@contextmanager
def serving(*arguments, **options):
    """Start the command and wait for the address that it prints."""
    process = subprocess.Popen(
        command(*arguments, "--no-browser"), env=ENVIRONMENT, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        if not line.startswith("Review: "):
            raise AssertionError(line + process.communicate()[1])
        yield Server(process, line.split()[1])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@contextmanager
def hosting(framing, folder, output):
    """The same in this process: quicker, but it cannot be killed."""
    import uvicorn

    from framing.review.app import make_app
    from framing.review.articles import find_articles
    from framing.review.serve import HOST, listen
    from framing.review.session import Session, Settings
    from framing.review.store import Store

    articles, _, _ = find_articles([str(folder)])
    store = Store(output)
    with listen(0) as listener:
        port = listener.getsockname()[1]
        app = make_app(Session(framing, articles, store, Settings()), "token", port)
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Server(None, f"http://{HOST}:{port}/token/")
        finally:
            server.should_exit = True
            thread.join()
            store.close()
