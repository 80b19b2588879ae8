"""CoNLL columns with IOB2 labels (CoNLL-U Plus). Written only.

One file, one token a line, a blank line after each sentence, a comment before each
document. Columns, parted by tabs and named in the first line: `ID` (number of the token
in its sentence), `FORM`, `START` and `END` (code points of the text, so that nothing is
lost about the place), and then one column for each label, in the order of the alphabet:
labels that overlap or nest stand side by side, which a single column could not hold.

Tokens and sentences are those of `framing.text`. Every token that a span touches belongs
to it, so that a span which begins or ends inside a token grows to the whole of it. Spans
of one label that touch the same token cannot be told apart in a column and are an error,
unless they are one span marked by several annotators. So is a span of white space alone.
A span that goes on in the next sentence goes on with I there, so that spans can be counted.

Source: https://universaldependencies.org/ext-format.html
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from framing.annotations import AnnotatedDocument, Mark
from framing.errors import AnnotationError
from framing.formats import files

OWN_COLUMNS = ("ID", "FORM", "START", "END")

Token = tuple[int, int, int]  # start, end, number of the sentence


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write one file of columns.

    Raises
    ------
    AnnotationError
        If a document has no text, a label has white space, or two spans of one label
        touch the same token.
    """
    labels = sorted(
        {
            files.check_label(mark.label, document, "CoNLL")
            for document in documents
            for mark in document.marks
        }
    )
    lines = [f"# global.columns = {' '.join((*OWN_COLUMNS, *labels))}"]
    for document in documents:
        lines += _document(document, labels)
    files.write_text(path, "\n".join(lines) + "\n")


def _document(document: AnnotatedDocument, labels: Sequence[str]) -> Iterator[str]:
    text = files.text_of(document)
    tokens = _tokens(text)
    columns = [_column(document, label, tokens) for label in labels]
    name = "".join(mark if mark.isprintable() else quote(mark) for mark in document.id)
    yield f"# newdoc id = {name}"
    number, last = 0, None
    for row, (start, end, sentence) in enumerate(tokens):
        if sentence != last and last is not None:
            yield ""
        number = number + 1 if sentence == last else 1
        last = sentence
        own = (str(number), text[start:end], str(start), str(end))
        yield "\t".join((*own, *(column[row] for column in columns)))
    yield ""


def _tokens(text: str) -> list[Token]:
    """Tokens that are no white space."""
    from framing.pieces import Lexicon
    from framing.text import read

    batch = read([text], Lexicon())
    places = zip(batch.start.tolist(), batch.end.tolist(), batch.sentence.tolist(), strict=True)
    return [(start, end, sentence) for start, end, sentence in places if start < end]


def _column(document: AnnotatedDocument, label: str, tokens: Sequence[Token]) -> list[str]:
    """IOB2 of one label: B at the first token of a span, I at the others, O elsewhere."""
    column = ["O"] * len(tokens)
    starts, ends = [token[0] for token in tokens], [token[1] for token in tokens]
    spans = {(mark.start, mark.end): mark for mark in document.marks if mark.label == label}
    for mark in spans.values():
        rows = range(bisect_right(ends, mark.start), bisect_left(starts, mark.end))
        if not rows:
            raise AnnotationError(f"{_name(document, mark)} has no token, so CoNLL cannot hold it")
        if any(column[row] != "O" for row in rows):
            raise AnnotationError(
                f"{_name(document, mark)} shares a token with another span of this label, "
                "which CoNLL cannot hold; export one annotator, or drop one of them"
            )
        column[rows[0]] = f"B-{label}"
        column[rows[0] + 1 : rows[-1] + 1] = [f"I-{label}"] * (len(rows) - 1)
    return column


def _name(document: AnnotatedDocument, mark: Mark) -> str:
    return f"document {document.id}: span {mark.start}-{mark.end} ({mark.label})"
