"""A million hostile texts: `python -m tests.fuzz.offsets --texts 1000000 --seed 1`.

The texts are those of `tests/test_offsets.py`, made from random bytes and read in batches. A
fault is printed with the batch that it came in: `--batch NUMBER` reads that one again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tests.fuzz.engine import ROOT

TOGETHER = 256
"""Texts of a batch."""
LONGEST = 80
"""Bytes that a text is made from, at most."""
ALONE = 50
"""Every which text is also read by itself."""
_LINES = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


class Reader:
    """Reads batches of hostile texts, and counts them and what was wrong.

    Parameters
    ----------
    seed : int
    """

    def __init__(self, seed: int) -> None:
        from hostile import restless_model

        from framing import Framing

        self.seed, self.counts = seed, Counter[str]()
        self.model = restless_model()
        self.quiet, self.loud = Framing(self.model), Framing(self.model, include_quoted=True)

    def texts(self, number: int) -> list[str]:
        """Texts of a batch."""
        from hostile import text_of

        rng = np.random.default_rng([self.seed, number])
        return [text_of(rng.bytes(size)) for size in rng.integers(0, LONGEST + 1, TOGETHER)]

    def read(self, number: int) -> None:
        """Read a batch in every way, of some ways each by turns."""
        if len(self.model.lexicon) > 100_000:
            self.model.lexicon.reset()
            self.model.linear.forget()
        texts = self.texts(number)
        found = self.attempt(number, partial(self.everything, texts))
        if found is None:
            return
        half = len(texts) // 2
        turns = (self.spaced, self.marked, self.broken, self.joined)
        self.attempt(number, partial(turns[number % 4], number, texts[:half], found[:half]))
        self.counts["texts"] += len(texts)
        self.counts["spans"] += sum(map(len, found))

    def attempt(self, number: int, task: Callable[[], Any]) -> Any:
        """Note what goes wrong, and go on."""
        try:
            return task()
        except Exception as error:  # noqa: BLE001 - any of them is what is looked for
            self.counts["faults"] += 1
            print(f"FAULT in batch {number} of seed {self.seed}", file=sys.stderr)  # noqa: T201
            traceback.print_exception(error)
            return None

    def everything(self, texts: Sequence[str]) -> list[Any]:
        """Spans of all texts; some of them read alone, and written out."""
        from hostile import check
        from hostile_readers import check_outputs

        found = list(self.loud.predict_many(texts))
        for text, each, own in zip(texts, found, self.quiet.predict_many(texts), strict=True):
            check(text, each, self.loud.labels, quoted=True)
            assert tuple(span for span in each if not span.quoted) == own.spans, ascii(text)
        for text, each in list(zip(texts, found, strict=True))[::ALONE]:
            assert self.loud.predict(text) == each, ascii(text)
            check_outputs(text, each, self.model.schema.labels)
            self.counts["alone"] += 1
        return found

    def spaced(self, number: int, texts: Sequence[str], found: Sequence[Any]) -> None:
        """White space around a text only shifts."""
        space = ("\n", "\r\n", "\r", "\u2028", "\x85", " ")[number // 4 % 6] * (1 + number % 3)
        self.around(texts, found, space, space)

    def marked(self, _: int, texts: Sequence[str], found: Sequence[Any]) -> None:
        """So does a byte order mark."""
        self.around(texts, found, "\ufeff", "")

    def around(self, texts: Sequence[str], found: Sequence[Any], lead: str, tail: str) -> None:
        from hostile_pairs import shifted, tuples

        changed = self.loud.predict_many([lead + text + tail for text in texts])
        for text, plain, other in zip(texts, found, changed, strict=True):
            assert tuples(other) == shifted(plain, len(lead)), ascii(text)
        self.counts["shifted"] += len(texts)

    def broken(self, number: int, texts: Sequence[str], _: Sequence[Any]) -> None:
        """Line breaks of any kind part lines alike: texts of four lines and more."""
        from hostile_pairs import BREAKS, check_breaks

        for at in range(0, len(texts), 8):
            lines = _LINES.split("\n".join(texts[at : at + 8]))
            check_breaks(self.loud, lines, [BREAKS[(number // 4 + at) % len(BREAKS)]])
            self.counts["other line breaks"] += 1

    def joined(self, _: int, texts: Sequence[str], __: Sequence[Any]) -> None:
        """Texts one after another are read as each alone, but near the seam."""
        from hostile_pairs import check_seam, read_alike

        for at in range(0, 64, 16):
            one, two = "\n".join(texts[at : at + 8]), "\n".join(texts[at + 8 : at + 16])
            if read_alike(self.model, [one, two, f"{one}\n\n{two}"]):
                check_seam(self.loud, one, two, "\n\n")
                self.counts["joined"] += 1


def main() -> None:
    """Read as many texts as are asked for, and print how many there were."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.offsets")
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, help="Read this one and no other.")
    chosen = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    began = noted = time.monotonic()
    reader = Reader(chosen.seed)
    last = -(-chosen.texts // TOGETHER)
    for number in range(last) if chosen.batch is None else [chosen.batch]:
        reader.read(number)
        if time.monotonic() - noted > 60:
            noted = time.monotonic()
            print(f"{number} of {last}: {dict(reader.counts)}", file=sys.stderr)  # noqa: T201
    told = ", ".join(
        f"{count:,} {name}" for name, count in reader.counts.items() if name != "faults"
    )
    took, load = time.monotonic() - began, os.getloadavg()[0]
    faults = reader.counts["faults"]
    print(  # noqa: T201
        f"{told}; {faults} faults; seed {chosen.seed}, {took:.0f} s, load {load:.1f}"
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
