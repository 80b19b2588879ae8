"""`Framing`: a loaded model and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from framing.attribution import attribute
from framing.errors import InputError
from framing.explain import Explanation, explain_rows
from framing.heads import Doubles
from framing.model import Model, Scored
from framing.pieces import Flag, Lexicon
from framing.prediction import Prediction, Span, profile
from framing.storage import load_model
from framing.text import Bools, Ints

BATCH = 1 << 17
"""Characters that are read at once."""
DEFAULT = "boosted"


class Framing:
    """Find framing devices in news text.

    Parameters
    ----------
    model : str, Path or Model
        `"boosted"` (the default) or `"linear"`, the path of a model that
        `framing train` wrote, or a model in memory.
    include_quoted : bool
        Also report devices inside direct quotation, each with `quoted` set.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    """

    def __init__(
        self, model: str | Path | Model = DEFAULT, *, include_quoted: bool = False
    ) -> None:
        self.model: Model = model if isinstance(model, Model) else load_model(model)
        self.include_quoted = include_quoted
        self._lock = Lock()  # a model learns new words while it reads

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the devices, in column order."""
        return self.model.schema.names

    def predict(self, text: str) -> Prediction:
        """Devices of one text.

        Raises
        ------
        InputError
            If it is no string.
        """
        return next(self.predict_many([text]))

    def predict_many(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Devices of many texts, in their order; read a batch at a time.

        Raises
        ------
        InputError
            If one of them is no string; says which.
        """
        for batch in _batches(texts):
            yield from self._predict_batch(batch)

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probability that each device occurs in each text at all.

        Returns
        -------
        array of float64, shape (n_texts, n_labels)
        """
        rows = [row for batch in _batches(texts) for row in self._presence(batch)]
        return np.asarray(rows, np.float64).reshape(-1, len(self.labels))

    def explain(self, text: str) -> list[Explanation]:
        """Devices of one text, each with the words and features behind it.

        Returns
        -------
        list of Explanation
            One for each span that `predict` reports, in the same order.
        """
        found: list[Explanation] = []
        for offset, part in split_long(_checked(text, 0)):
            with self._lock:
                for scored, rows, scores, quoted in self._readings([part]):
                    found += explain_rows(
                        self.model, scored, rows, scores, part, offset, quoted=quoted
                    )
        return sorted(found, key=lambda each: self._place(each.span))

    def _place(self, span: Span) -> tuple[int, int, int]:
        """Order of a span in its text: by place, then by column."""
        return span.start, span.end, self.labels.index(span.label)

    def _predict_batch(self, texts: Sequence[str]) -> list[Prediction]:
        spans_of: list[list[Span]] = [[] for _ in texts]
        totals = np.zeros((len(texts), 3), np.int64)
        for parts in _groups(texts):
            found, counts = self._predict_parts([part for _, _, part in parts])
            for (number, offset, _), spans, count in zip(parts, found, counts, strict=True):
                spans_of[number] += [_shift(span, offset) for span in spans] if offset else spans
                totals[number] += count
        return [
            Prediction(text, tuple(spans), profile(self.labels, spans, *total.tolist()))
            for text, spans, total in zip(texts, spans_of, totals, strict=True)
        ]

    def _predict_parts(self, pieces: Sequence[str]) -> tuple[list[list[Span]], Ints]:
        """Spans of each piece, and its words, sentences and attributions."""
        with self._lock:
            first, *again = self._readings(pieces)
            found = self._spans(*first)
            for reading in again:
                inside = self._spans(*reading)
                found = [sorted(a + b, key=self._place) for a, b in zip(found, inside, strict=True)]
            return found, _count(first[0], self.model.lexicon)

    def _readings(self, pieces: Sequence[str]) -> Iterator[tuple[Scored, Ints, Doubles, Bools]]:
        """Spans found as the article's, then by reading quotations; and which are quoted.

        Labels that are marked in speech too are all found by the first reading.
        """
        scored = self.model.score(pieces)
        rows, scores = self.model.decode(scored)
        speech = self.model.schema.speech
        none = np.zeros(len(rows), bool)
        quoted = _wholly_quoted(scored, rows) if speech and self.include_quoted else none
        yield scored, rows, scores, quoted
        if self.include_quoted and not speech:
            loud = self.model.score(pieces, quoted=True)
            inside, scores = _inside_quotation(scored, rows, *self.model.decode(loud))
            yield loud, inside, scores, np.ones(len(inside), bool)

    def _spans(
        self, scored: Scored, rows: Ints, scores: Doubles, quoted: Bools
    ) -> list[list[Span]]:
        """Spans of each text of a batch."""
        batch, names = scored.batch, self.labels
        found: list[list[Span]] = [[] for _ in batch.texts]
        columns = (
            batch.document[rows[:, 1]].tolist(),
            rows[:, 0].tolist(),
            batch.start[rows[:, 1]].tolist(),
            batch.end[rows[:, 2] - 1].tolist(),
            np.round(scores, 4).tolist(),
            quoted.tolist(),
        )
        for document, label, start, end, score, inside in zip(*columns, strict=True):
            words = batch.texts[document][start:end]
            found[document].append(Span(start, end, names[label], score, words, inside))
        return found

    def _presence(self, texts: Sequence[str]) -> NDArray[np.float64]:
        absent = np.ones((len(texts), len(self.labels)))
        for parts in _groups(texts):
            with self._lock:
                scored = self.model.score([part for _, _, part in parts])
                found = self.model.sentence_probabilities(scored)
            if len(found):
                document = scored.batch.document[scored.batch.sentence_start[:-1]]
                owner = np.array([number for number, _, _ in parts])[document]
                np.multiply.at(absent, owner, 1 - found)
        return 1 - absent


def _checked(text: object, number: int) -> str:
    if not isinstance(text, str):
        raise InputError(f"text {number} is {type(text).__name__}, not a string")
    return text


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts in lists of at most `BATCH` characters; a longer one alone."""
    if isinstance(texts, str):
        raise InputError("a list of texts is wanted here, not one string")
    try:
        numbered = enumerate(texts)
    except TypeError:
        raise InputError(f"a list of texts is wanted here, not {type(texts).__name__}") from None
    batch: list[str] = []
    size = 0
    for number, text in numbered:
        length = len(_checked(text, number))
        if batch and size + length > BATCH:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def _groups(texts: Sequence[str]) -> Iterator[list[tuple[int, int, str]]]:
    """Parts of texts, each with the text's number and its offset, `BATCH` characters at a time."""
    group: list[tuple[int, int, str]] = []
    size = 0
    for number, text in enumerate(texts):
        for offset, part in split_long(text):
            if group and size + len(part) > BATCH:
                yield group
                group, size = [], 0
            group.append((number, offset, part))
            size += len(part)
    if group:
        yield group


def split_long(text: str, limit: int = BATCH) -> Iterator[tuple[int, str]]:
    """Cut a long text where a line, else a sentence, else a word ends.

    Yields
    ------
    offset : int
        Of the part in the text.
    part : str
        At most `limit` characters.
    """
    start = 0
    while len(text) - start > limit:
        cut = text.rfind("\n", start + limit // 2, start + limit)
        if cut < 0:
            cut = text.rfind(". ", start + limit // 2, start + limit)
        if cut < 0:
            cut = text.rfind(" ", start + limit // 2, start + limit)
        cut = start + limit if cut < 0 else cut + 1
        yield start, text[start:cut]
        start = cut
    yield start, text[start:]


def _wholly_quoted(scored: Scored, rows: Ints) -> Bools:
    """Spans that stand wholly inside a quotation: shape (k,)."""
    total = np.concatenate(([0], np.cumsum(scored.voice.quoted)))
    inside: Bools = total[rows[:, 2]] - total[rows[:, 1]] == rows[:, 2] - rows[:, 1]
    return inside


def _inside_quotation(
    scored: Scored, known: Ints, rows: Ints, scores: Doubles
) -> tuple[Ints, Doubles]:
    """Spans found by reading quotations as narration that stand wholly inside one.

    Those that share a token with a known span of their label are left out.
    """
    keep = _wholly_quoted(scored, rows)
    if len(known):  # those of one label do not overlap: the last to begin reaches furthest
        order = np.lexsort((known[:, 1], known[:, 0]))
        label, start, end = known[order].T
        width = len(scored.batch) + 1
        last = np.searchsorted(label * width + start, rows[:, 0] * width + rows[:, 2]) - 1
        near = np.maximum(last, 0)
        keep &= ~((last >= 0) & (label[near] == rows[:, 0]) & (end[near] > rows[:, 1]))
    return rows[keep], scores[keep]


def _count(scored: Scored, lexicon: Lexicon) -> NDArray[np.int64]:
    """Words, sentences and attributions of each text: shape (n_texts, 3)."""
    batch = scored.batch
    n = len(batch.texts)
    words = np.bincount(batch.document, batch.has(Flag.WORD), n)
    begins = batch.document[batch.sentence_start[:-1]]
    cues = attribute(batch, scored.voice, lexicon).cue
    counts = (words, np.bincount(begins, minlength=n), np.bincount(batch.document, cues, n))
    return np.column_stack(counts).astype(np.int64)


def _shift(span: Span, offset: int) -> Span:
    return Span(
        span.start + offset, span.end + offset, span.label, span.score, span.text, span.quoted
    )
