"""The articles that everything is timed on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.annotations import read_annotations
from framing.inputs import Source, find_files, read_found
from framing.pieces import Lexicon
from framing.text import read

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Articles:
    """Texts and their sentences, for tools that take one sentence at a time."""

    texts: list[str]
    sentences: list[list[str]]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Articles:
        """Texts cut into sentences by the library's own reader."""
        lexicon = Lexicon()
        return cls(list(texts), [_sentences(text, lexicon) for text in texts])

    @property
    def n_sentences(self) -> int:
        """Sentences of all texts."""
        return sum(map(len, self.sentences))

    @property
    def megabytes(self) -> float:
        """Size as UTF-8, in millions of bytes."""
        return sum(map(n_bytes, self.texts)) / 1e6

    def halves(self, seed: int = 0) -> tuple[Articles, Articles]:
        """The articles in two, by chance."""
        order = list(range(len(self.texts)))
        random.Random(seed).shuffle(order)  # noqa: S311 - nothing secret
        middle = len(order) // 2
        first, second = (
            Articles([self.texts[i] for i in half], [self.sentences[i] for i in half])
            for half in (order[:middle], order[middle:])
        )
        return first, second


def n_bytes(text: str) -> int:
    """Size of a text as UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def read_articles(folder: Path | None) -> list[str]:
    """Texts of a folder, else the articles that ship with the project."""
    if folder:
        read = map(read_found, find_files([str(folder)]))
        found = [each for each in read if isinstance(each, Source)]
        return [each.text for each in found if not each.name.endswith("README.md")]
    documents, _ = read_annotations([ROOT / "annotations" / "articles"])
    examples = sorted((ROOT / "docs" / "examples").glob("*.txt"))
    return [each.text or "" for each in documents] + [path.read_text("utf-8") for path in examples]


def stream(texts: Sequence[str], megabytes: float, seed: int = 0) -> Iterator[str]:
    """The texts again and again, each time in another order, up to a size."""
    left = megabytes * 1e6
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    while True:
        for text in chance.sample(texts, len(texts)):
            left -= n_bytes(text)
            if left < 0:
                return
            yield text


def _sentences(text: str, lexicon: Lexicon) -> list[str]:
    batch = read([text], lexicon)
    starts = batch.start[batch.sentence_start[:-1]].tolist()
    ends = batch.end[batch.sentence_start[1:] - 1].tolist()
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]
