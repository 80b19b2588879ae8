"""What a person decided about the spans of an article: events, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

ACTS = ("mark", "rest", "genre", "done", "undo")
"""mark: set a span's place, label and state, or add one. rest: the same state for all that
are open. genre: of the article. done: finished. undo: take the last of these back."""
OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"


class RefusedError(ValueError):
    """A decision that cannot be taken: one line for the person at the page."""


@dataclass(frozen=True, slots=True)
class Item:
    """A span under review.

    Attributes
    ----------
    start, end : int
        Code points of the text, half-open.
    label : str
    state : {"open", "accepted", "rejected"}
    score : float or None
        The model's; None where a person added the span.
    quoted : bool
        Whether it stands inside direct quotation.
    first : tuple or None
        Place and label that the model suggested.
    annotator : str or None
        Who decided last.
    """

    start: int
    end: int
    label: str
    state: str = OPEN
    score: float | None = None
    quoted: bool = False
    first: tuple[int, int, str] | None = None
    annotator: str | None = None

    @property
    def changed(self) -> bool:
        """Whether a person moved or relabelled it."""
        return self.first is not None and self.first != (self.start, self.end, self.label)


@dataclass(frozen=True, slots=True)
class Decision:
    """One act of a person; fields that it has no use for are None."""

    do: str
    span: int | None = None
    start: int | None = None
    end: int | None = None
    label: str | None = None
    state: str | None = None
    genre: str | None = None
    annotator: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without what is None."""
        return {key: value for key, value in asdict(self).items() if value is not None}


_TYPES = {"span": int, "start": int, "end": int, "label": str, "state": str, "genre": str}
_USES = {
    "mark": ("span", "start", "end", "label", "state"),
    "rest": ("state",),
    "genre": ("genre",),
}


def read_decision(data: Mapping[str, Any], annotator: str | None = None) -> Decision:
    """Decision of plain data.

    Raises
    ------
    RefusedError
        If it is none.
    """
    do = data.get("do")
    if do not in ACTS:
        raise RefusedError(f"no such decision: {do!r:.40}")
    values = {key: data.get(key) for key in _USES.get(do, ())}
    for key, value in values.items():
        if type(value) is not _TYPES[key]:
            raise RefusedError(f"{do} needs {key}, not {value!r:.40}")
    if values.get("state", ACCEPTED) not in (ACCEPTED, REJECTED):
        raise RefusedError(f"no such state: {values['state']!r:.40}")
    return Decision(do=do, annotator=annotator, **values)


@dataclass(slots=True)
class Review:
    """The review of one text.

    Attributes
    ----------
    name : str
        The article, as it was called when the review began.
    sha256 : str
    chars : int
    suggestions : tuple of Item
        What the model reported when the review began.
    meta : dict
        Of the document that is written.
    decisions : list of Decision
        Those that count: an undo takes the last one out.
    version : int
        Decisions ever taken, undone ones and undos included.
    """

    name: str
    sha256: str
    chars: int
    suggestions: tuple[Item, ...]
    meta: dict[str, Any]
    decisions: list[Decision] = field(default_factory=list)
    version: int = 0

    def apply(self, decision: Decision) -> None:
        """Take a decision that has been checked."""
        if decision.do == "undo":
            self.decisions.pop()
        else:
            self.decisions.append(decision)
        self.version += 1

    def after(self, decision: Decision) -> Review:
        """The review as it would be; this one stays as it is."""
        if decision.do == "undo" and not self.decisions:
            raise RefusedError("nothing to undo in this article")
        if decision.do == "mark" and not 0 <= (decision.span or 0) <= len(self.items):
            raise RefusedError(f"no span {decision.span}")
        copy = replace(self, decisions=[*self.decisions])
        copy.apply(decision)
        return copy

    @property
    def items(self) -> list[Item]:
        """Every span with what was decided about it; the number of a span is its index."""
        found = list(self.suggestions)
        for decision in self.decisions:
            _take(found, decision)
        return found

    @property
    def open(self) -> int:
        """Spans that nothing was decided about."""
        return sum(item.state == OPEN for item in self.items)

    @property
    def done(self) -> bool:
        """Whether the article is finished."""
        return any(decision.do == "done" for decision in self.decisions)

    @property
    def genre(self) -> str:
        """Genre of the article."""
        chosen = [decision.genre for decision in self.decisions if decision.genre]
        return chosen[-1] if chosen else str(self.meta.get("genre", ""))

    def to_dict(self) -> dict[str, Any]:
        """How it begins, as the journal keeps it."""
        spans = [
            {"start": s.start, "end": s.end, "label": s.label, "score": s.score, "quoted": s.quoted}
            for s in self.suggestions
        ]
        return {
            "do": "begin", "article": self.name, "chars": self.chars, "spans": spans,
            "meta": self.meta,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], sha256: str) -> Review:
        """Read what `to_dict` wrote."""
        items = suggest((s["start"], s["end"], s["label"], s["score"], s["quoted"])
                        for s in data["spans"])  # fmt: skip
        return cls(str(data["article"]), sha256, int(data["chars"]), items, dict(data["meta"]))


def suggest(rows: Any) -> tuple[Item, ...]:
    """Items of a model's spans: rows of start, end, label, score and whether it is quoted."""
    return tuple(
        Item(start, end, label, score=score, quoted=quoted, first=(start, end, label))
        for start, end, label, score, quoted in rows
    )


def _take(items: list[Item], decision: Decision) -> None:
    if decision.do == "rest":
        state = str(decision.state)
        for number, item in enumerate(items):
            if item.state == OPEN:
                items[number] = replace(item, state=state, annotator=decision.annotator)
    elif decision.do == "mark":
        number = int(decision.span or 0)
        if number == len(items):
            items.append(Item(0, 0, ""))
        items[number] = replace(
            items[number],
            start=int(decision.start or 0),
            end=int(decision.end or 0),
            label=str(decision.label),
            state=str(decision.state),
            annotator=decision.annotator,
        )


def accepted(items: Sequence[Item]) -> list[Item]:
    """Those that go into the annotation, in text order."""
    chosen = (item for item in items if item.state == ACCEPTED)
    return sorted(chosen, key=lambda item: (item.start, item.end, item.label))
