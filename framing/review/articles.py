"""The articles to review, and the order in which they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.annotations import text_hash
from framing.errors import InputError
from framing.inputs import Failure, find_files, read_found
from framing.output.characters import valid
from framing.prediction import Span
from framing.predictor import Framing

ORDERS = ("name", "least-sure")


@dataclass(frozen=True, slots=True)
class Article:
    """A text to review.

    Attributes
    ----------
    name : str
        Of its file, with the folders from the one that was asked for.
    text : str
        As it stands in the file.
    sha256 : str
        Of the UTF-8 text; what the article is known by.
    """

    name: str
    text: str
    sha256: str


def find_articles(paths: Iterable[str]) -> tuple[list[Article], list[str], list[str]]:
    """Texts under the paths, each once.

    Returns
    -------
    articles : list of Article
        In the order of their names, folder by folder.
    unread : list of str
        What could not be read, and why.
    passed : list of str
        What is left out although it could be read, and why.

    Raises
    ------
    InputError
        If there is nothing to review.
    """
    found: dict[str, Article] = {}
    unread, passed = [], []
    for path in paths:
        for source in map(read_found, find_files([path])):
            if isinstance(source, Failure):
                unread.append(source.reason)
                continue
            text = source.original  # annotations point into the file as it stands
            digest = text_hash(text)
            if not text.strip():
                passed.append(f"{source.name}: nothing to read in it")
            elif digest in found:
                passed.append(f"{source.name}: the same text as {found[digest].name}")
            else:
                found[digest] = Article(_name(path, source.name), text, digest)
    if not found:
        raise InputError("; ".join([*unread, *passed]) or f"no article in {', '.join(paths)}")
    return list(found.values()), unread, passed


def _name(path: str, file: str) -> str:
    """Name of a file below the path that was asked for; that path's own last part leads."""
    top = Path(path).resolve()
    below = Path(file).relative_to(path).parts if file != path else ()
    return valid("/".join((top.name, *below)))


def least_sure_first(framing: Framing, articles: Sequence[Article]) -> list[Article]:
    """Articles by the mean entropy of their spans' scores, highest first; none last.

    Uncertainty sampling (Lewis and Gale, 1994) with the mean over an article's spans, as
    Settles and Craven (2008) take it over the tokens of a sequence.
    """
    readings = framing.predict_many(article.text for article in articles)
    doubt = [mean_entropy(reading.spans) for reading in readings]
    return [articles[n] for n in sorted(range(len(articles)), key=lambda n: -doubt[n])]


def mean_entropy(spans: Sequence[Span]) -> float:
    """Mean entropy of the scores, in bits; 0 where there is no span."""
    if not spans:
        return 0.0
    score = np.clip([span.score for span in spans], 1e-9, 1 - 1e-9)
    return float(np.mean(-score * np.log2(score) - (1 - score) * np.log2(1 - score)))
