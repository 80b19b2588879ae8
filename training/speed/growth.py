"""Whether the cost of a megabyte grows with the archive, the document or the line.

Each amount of text is read in a process of its own, so that its peak memory shows. The
words are known by then: what new ones cost does not depend on the amount. Beside the
seconds of each megabyte stand those in token passes over the same texts, taken in
between, which the machine's changing speed does not touch.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from framing.pieces import PIECE
from framing.predictor import Framing
from training.speed.articles import n_bytes, read_articles, stream

Measured = dict[str, Any]
SHAPES = ("articles", "document", "line")
_STEP = 1 << 16
_LEAST = 3.0
"""Megabytes that are read at least; fewer are read several times."""


def measure(shape: str, megabytes: float, model: str, texts: Path | None) -> Measured:
    """Cost of an amount of text in a shape, in a new process."""
    asked = json.dumps([shape, megabytes, model, str(texts) if texts else None])
    command = [sys.executable, "-m", "training.speed.growth", asked]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own module
    return json.loads(done.stdout)


class Watch:
    """Times the token pass over texts on their way to whoever asks for them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = texts
        self.seconds = 0.0
        self.megabytes = 0.0

    def __iter__(self) -> Iterator[str]:
        for text in self.texts:
            begin = time.process_time()
            for start in range(0, len(text), _STEP):  # a list of all tokens would be the peak
                PIECE.findall(text, start, start + _STEP)
            self.megabytes += n_bytes(text) / 1e6
            self.seconds += time.process_time() - begin
            yield text


def shaped(articles: Sequence[str], shape: str, megabytes: float) -> Iterable[str]:
    """Articles one by one, as one document, or as one line."""
    found = stream(articles, megabytes)
    if shape == "articles":
        return found
    joined = "\n\n".join(found)
    return [joined if shape == "document" else " ".join(joined.split())]


def _measure_here(shape: str, megabytes: float, model: str, texts: Path | None) -> Measured:
    articles = read_articles(texts)
    framing = Framing(model)
    for _ in framing.predict_many(articles):  # every word is known after this
        pass
    times = max(1, round(_LEAST / megabytes))
    spent = floor = size = 0.0
    spans = 0
    for _ in range(times):
        watch = Watch(shaped(articles, shape, megabytes))
        begin = time.process_time()
        for prediction in framing.predict_many(watch):
            spans += len(prediction)
        spent += time.process_time() - begin - watch.seconds
        floor += watch.seconds
        size += watch.megabytes
    return {
        "shape": shape,
        "megabytes": megabytes,
        "model": model,
        "seconds_per_megabyte": round(spent / size, 4),
        "token_passes": round(spent / floor, 3),
        "spans": spans // times,
        "peak_megabytes": round(peak_memory() / 1e6, 1),
    }


def peak_memory() -> int:
    """Most bytes of memory that this process has had.

    The kernel's account of this program alone: `ru_maxrss` may include what started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text("ascii").splitlines())
        if "VmHWM" in lines:
            return int(lines["VmHWM"].split()[0]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _main() -> None:
    from threadpoolctl import threadpool_limits

    shape, megabytes, model, texts = json.loads(sys.argv[1])
    with threadpool_limits(1):
        found = _measure_here(shape, megabytes, model, Path(texts) if texts else None)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    _main()
