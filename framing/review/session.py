"""A review under way: what the page shows, and what it may decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from framing.errors import InputError
from framing.output.html import tags, top_words
from framing.prediction import Span
from framing.predictor import Framing
from framing.review.articles import Article
from framing.review.decisions import Item, RefusedError, Review, read_decision, suggest
from framing.review.desk import Desk
from framing.review.store import Store
from framing.review.words import Place, find_words, fit
from framing.validation import GENRES


@dataclass(frozen=True, slots=True)
class Settings:
    """What is written with the marks.

    Attributes
    ----------
    genre, license : str
        Of `meta`; the genre can be changed for each article.
    annotator : str or None
        Who decides.
    blank : bool
        Whether the articles come without suggestions.
    """

    genre: str = "news"
    license: str = "unknown"
    annotator: str | None = None
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says of an article.

    Attributes
    ----------
    words : list of (int, int)
        Code points.
    spans : tuple of Item
    why : dict
        Words that spoke for and against a span, each with its weight.
    """

    words: list[Place]
    spans: tuple[Item, ...]
    why: dict[tuple[int, int, str], list[tuple[str, float]]]


class Session:
    """The articles, the model and the store together; safe to use from several threads.

    Parameters
    ----------
    framing : Framing
    articles : sequence of Article
        In the order of review.
    store : Store
    settings : Settings
    """

    def __init__(
        self, framing: Framing, articles: Sequence[Article], store: Store, settings: Settings
    ) -> None:
        self.framing = framing
        self.articles = articles
        self.store = store
        self.settings = settings
        self.schema = framing.model.schema
        self._lock = Lock()
        self._check_labels()
        self._read = lru_cache(maxsize=8)(self._read_article)
        self.changed = dict(self._find_changed())
        self._desk = Desk(articles, store, self.schema)
        for article in articles:
            review = store.reviews.get(article.sha256)
            if review:
                self._desk.catch_up(article, review)

    @property
    def done(self) -> int:
        """Articles that are finished."""
        reviews = (self.store.reviews.get(article.sha256) for article in self.articles)
        return sum(review.done for review in reviews if review)

    # --- what the page shows --------------------------------------------------------------

    def overview(self) -> dict[str, Any]:
        """Labels, articles, and where to begin."""
        with self._lock:
            labels = self.schema.labels
            short = tags([label.name for label in labels])
            return {
                "labels": [
                    {"name": label.name, "title": label.name.replace("_", " "), "tag": tag,
                     "definition": label.definition, "example": label.example}
                    for label, tag in zip(labels, short, strict=True)
                ],
                "genres": GENRES,
                "output": str(self.store.output),
                "annotator": self.settings.annotator,
                "articles": [self._row(article) for article in self.articles],
            }  # fmt: skip

    def article(self, number: int) -> dict[str, Any]:
        """An article with its spans; raises IndexError where there is none."""
        with self._lock:
            article = self._at(number)
            return {
                "name": article.name,
                "text": article.text,
                "words": self._read(article).words,
                "notice": self.changed.get(article.sha256, ""),
                **self._state(article, self._review(article)),
            }

    def decide(self, number: int, data: Mapping[str, Any]) -> dict[str, Any]:
        """Take a decision: it is on disk when this returns.

        Returns
        -------
        dict
            The state of the article afterwards.

        Raises
        ------
        IndexError
            If there is no such article.
        RefusedError
            If the decision cannot be taken; says why.
        OSError
            If it cannot be written.
        """
        with self._lock:
            article = self._at(number)
            review = self._review(article)
            if data.get("version") != review.version:
                raise RefusedError("decided upon elsewhere in the meantime; shown anew")
            decision = read_decision(data, self.settings.annotator)
            self._desk.check(article, review, decision)
            after = self.store.record(review, decision)
            self._desk.publish(article, after)
            return self._state(article, after)

    def _row(self, article: Article) -> dict[str, Any]:
        review = self.store.reviews.get(article.sha256)
        return {
            "name": article.name,
            "decisions": len(review.decisions) if review else 0,
            "done": bool(review and review.done),
        }

    def _state(self, article: Article, review: Review) -> dict[str, Any]:
        why = self._read(article).why
        rows = []
        for item in review.items:
            first = item.first and (*item.first[:2], self.schema.names.index(item.first[2]))
            evidence = why.get(item.first, []) if item.first else []
            rows.append(
                {
                    "start": item.start, "end": item.end,
                    "label": self.schema.names.index(item.label),
                    "state": item.state, "score": item.score, "quoted": item.quoted,
                    "changed": item.changed, "first": first, "why": evidence,
                }
            )  # fmt: skip
        return {**self._row(article), "version": review.version, "genre": review.genre,
                "spans": rows}  # fmt: skip

    # --- the model ------------------------------------------------------------------------

    def _at(self, number: int) -> Article:
        if not 0 <= number < len(self.articles):
            raise IndexError(number)
        return self.articles[number]

    def _read_article(self, article: Article) -> Reading:
        words = find_words(article.text)
        found = [] if self.settings.blank else self.framing.explain(article.text)
        rows, why = [], {}
        for each in found:
            span: Span = each.span
            place = fit(words, span.start, span.end)
            rows.append((*place, span.label, span.score, span.quoted))
            why[*place, span.label] = top_words(each)
        return Reading(words, suggest(rows), why)

    def _review(self, article: Article) -> Review:
        """Its review, or a new one that nothing has been decided in."""
        begun = self.store.reviews.get(article.sha256)
        if begun:
            return begun
        meta = {
            "genre": self.settings.genre,
            "license": self.settings.license,
            "group": article.name,
            "suggestions": "none" if self.settings.blank else _model_name(self.framing),
        }
        spans = self._read(article).spans
        return Review(article.name, article.sha256, len(article.text), spans, meta)

    def _check_labels(self) -> None:
        """See that the model knows the labels of the reviews that go on."""
        for article in self.articles:
            review = self.store.reviews.get(article.sha256)
            unknown = {item.label for item in review.items} if review else set()
            for label in sorted(unknown - set(self.schema.names)):
                raise InputError(
                    f"{self.store.output}: {article.name} was reviewed with a label that this "
                    f"model does not have: {label}; name that model or another --output"
                )

    def _find_changed(self) -> Iterator[tuple[str, str]]:
        """Articles whose text was another when decisions were made about it, and what to say."""
        present = {article.sha256 for article in self.articles}
        old = {r.name: r for r in self.store.reviews.values() if r.sha256 not in present}
        for article in self.articles:
            review = old.get(article.name)
            if review and article.sha256 not in self.store.reviews:
                plural = "s" if review.version > 1 else ""
                said = (
                    f"This article has changed since it was reviewed. The {review.version} "
                    f"decision{plural} of that time are kept but do not apply to the new text."
                )
                yield article.sha256, said


def _model_name(framing: Framing) -> str:
    """Name and hash of a model, as far as they are known."""
    meta = framing.model.meta
    return " ".join(
        str(part)
        for part in (meta.get("name", framing.model.kind), str(meta.get("sha256", ""))[:16])
        if part
    )
