"""What a review leaves on disk: the journal of decisions and the annotation file."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from framing.annotations import AnnotatedDocument, read_file, write_annotations
from framing.errors import AnnotationError, InputError
from framing.review.decisions import Decision, Review, read_decision
from framing.review.journal import Journal, sync_folder


class Store:
    """Reviews begun, and documents finished, by the hash of their text.

    Parameters
    ----------
    output : Path
        Annotation file; the journal and the lock stand beside it.
    text : bool
        Whether the documents hold their text; else they are stand-off.

    Attributes
    ----------
    reviews : dict of str to Review
    documents : dict of str to AnnotatedDocument
        In the order of the file.

    Raises
    ------
    InputError
        If another review writes to the output, or something else wrote it.
    AnnotationError
        If the journal or the annotation file is broken; names file and line.
    """

    def __init__(self, output: Path, *, text: bool = True) -> None:
        from filelock import FileLock, Timeout

        self.output = output
        self._text = text
        self._place = output.resolve()
        self._place.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(_beside(self._place, "lock"))
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(f"{output}: another framing review is writing to it") from error
        try:
            self._journal = Journal(_beside(self._place, "journal"))
            self.reviews = self._read_reviews()
            self.documents = self._read_documents()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let others write to the output."""
        self._lock.release()

    def record(self, review: Review, decision: Decision) -> Review:
        """Put a checked decision on disk, then count it.

        Returns
        -------
        Review
            With the decision.

        Raises
        ------
        OSError
            If it cannot be written; nothing has changed then.
        """
        after = review.after(decision)
        begin = [] if review.sha256 in self.reviews else [review.to_dict()]
        stamp = {"sha256": review.sha256, "time": datetime.now(UTC).isoformat(timespec="seconds")}
        self._journal.add(entry | stamp for entry in [*begin, decision.to_dict()])
        self.reviews[review.sha256] = after
        return after

    def publish(self, sha256: str, document: AnnotatedDocument | None) -> None:
        """Put a finished document in the annotation file, or take it out; all or nothing.

        Raises
        ------
        OSError
            If the file cannot be written; it is as it was then.
        """
        changed = {key: value for key, value in self.documents.items() if key != sha256 or document}
        if document:
            changed[sha256] = document
        if changed == self.documents and self._place.exists():
            return
        part = self._place.with_name(f".{self._place.name}.{os.getpid()}.part")
        try:
            write_annotations(part, changed.values(), text=self._text)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(self._place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(self._place.parent)
        self.documents = changed

    def _read_reviews(self) -> dict[str, Review]:
        reviews: dict[str, Review] = {}
        for where, entry in self._journal.read():
            try:
                sha256 = str(entry["sha256"])
                if entry["do"] == "begin":
                    reviews[sha256] = Review.from_dict(entry, sha256)
                else:
                    decision = read_decision(entry, entry.get("annotator"))
                    reviews[sha256] = reviews[sha256].after(decision)
            except (KeyError, TypeError, ValueError) as error:
                raise AnnotationError(f"{where}: no decision: {error}") from error
        return reviews

    def _read_documents(self) -> dict[str, AnnotatedDocument]:
        if not self._place.exists():
            return {}
        if not self._journal.path.exists():
            raise InputError(
                f"{self.output}: exists and was not written by framing review; "
                "name another file with --output"
            )
        return {document.sha256: document for document in read_file(self._place)}


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
