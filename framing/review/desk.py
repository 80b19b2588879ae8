"""What is written of a review: the document, that it is sound, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from framing.annotations import AnnotatedDocument, Mark
from framing.review.articles import Article
from framing.review.decisions import Decision, RefusedError, Review, accepted
from framing.review.store import Store
from framing.schema import Schema
from framing.validation import GENRES, validate


class Desk:
    """Checks decisions and keeps the annotation file up to date with them.

    Parameters
    ----------
    articles : sequence of Article
    store : Store
    schema : Schema
    """

    def __init__(self, articles: Sequence[Article], store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._ids = name_documents(articles, store.documents)

    def check(self, article: Article, review: Review, decision: Decision) -> None:
        """See that a decision leaves the article sound.

        Raises
        ------
        RefusedError
            If `framing annotations validate` would find an error in it; or if the article
            is said to be done and is not.
        """
        after = review.after(decision)
        if decision.do == "genre" and decision.genre not in GENRES:
            raise RefusedError(f"no such genre: {decision.genre!r:.40}")
        if decision.do == "mark":
            self._check_place(article, decision)
        if decision.do == "done" and review.done:
            raise RefusedError("already done")
        if decision.do == "done" and after.open:
            plural = "s are" if after.open > 1 else " is"
            raise RefusedError(f"{after.open} span{plural} undecided")
        if decision.do in ("mark", "rest") and decision.state == "accepted":
            problems = validate([self.document(article, after)], self._schema)
            errors = [problem.message for problem in problems if problem.severity == "error"]
            if errors:
                raise RefusedError(errors[0])

    def _check_place(self, article: Article, decision: Decision) -> None:
        if not 0 <= int(decision.start or 0) < int(decision.end or 0) <= len(article.text):
            raise RefusedError("outside the text")
        if decision.label not in self._schema.names:
            raise RefusedError(f"no such label: {decision.label!r:.40}")

    def document(self, article: Article, review: Review) -> AnnotatedDocument:
        """The article with the spans that were accepted."""
        marks = tuple(
            Mark(item.start, item.end, item.label, item.annotator)
            for item in accepted(review.items)
        )
        meta = review.meta | {"genre": review.genre}
        return AnnotatedDocument(
            self._ids[article.sha256], article.text, marks, meta, article.sha256, len(article.text)
        )

    def publish(self, article: Article, review: Review) -> None:
        """Put a finished article in the annotation file, or take an unfinished one out."""
        document = self.document(article, review) if review.done else None
        if document or article.sha256 in self._store.documents:
            self._store.publish(article.sha256, document)

    def catch_up(self, article: Article, review: Review) -> None:
        """Publish what a kill may have kept from the file; what it holds already stays as it is."""
        old = self._store.documents.get(article.sha256)
        if not (old and review.done and old.marks == self.document(article, review).marks):
            self.publish(article, review)


def name_documents(
    articles: Sequence[Article], documents: dict[str, AnnotatedDocument]
) -> dict[str, str]:
    """An id for each article: its name, or with its hash where another has that name."""
    present = {article.sha256 for article in articles}
    taken = {document.id for sha256, document in documents.items() if sha256 not in present}
    names: dict[str, str] = {}
    for article in articles:
        old = documents.get(article.sha256)
        name = old.id if old else article.name
        names[article.sha256] = f"{name}@{article.sha256[:8]}" if name in taken else name
        taken.add(names[article.sha256])
    return names
