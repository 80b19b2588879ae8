"""SemEval PTC (task 11 of 2020): articles and tables of labels.

Read, from a folder: every `article<ID>.txt` and every `*.labels` below it, a file an
article or one for all, with rows of `ID`, technique, start and end, parted by tabs. Rows
of span identification have no technique; they are the same spans run together, so they
are read, as `propaganda`, only where no row has a technique. Sentence labels (`SLC`) are
passed over. A row that stands in two files (the table for all, the article's own) is one.
Or from one labels file, whose articles are looked for below its folder.
An article without rows is a document without marks, if it has a labels file of its own or
shares its folder with an article that has rows; else nobody annotated it: such articles
(a test part) are left out, and the log says how many.

The rows quote no words, so offsets cannot be checked beyond the length of the text. They
are code points of the file as decoded, which is what the task's own tools count: a byte
order mark at the start is a character of the text, and a CRLF is two.

Written: `article<ID>.txt` and `article<ID>.task-flc-tc.labels`, no meta, no annotators.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from framing.annotations import AnnotatedDocument, from_dict
from framing.errors import AnnotationError
from framing.formats import files

NO_TECHNIQUE = "propaganda"
"""Label of spans whose technique is not given."""

_LOG = logging.getLogger(__name__)
_ARTICLE = re.compile(r"article(.+)\.txt")
_OWN_LABELS = re.compile(r"article(.+?)(?:\.task[-\w]*)?\.labels")
_SENTENCE_LABELS = re.compile(r"task-?slc\.labels$", re.IGNORECASE)
_OFFSET = re.compile(r"[0-9]{1,18}")

Row = tuple[str, int, int]  # technique, or nothing; start; end
Rows = dict[str, Counter[Row]]


def read(path: Path) -> list[AnnotatedDocument]:
    """Documents of a PTC folder, or of one labels file with the articles near it.

    Raises
    ------
    AnnotationError
        If a row is broken or its article is missing; names file and line.
    """
    tables = sorted(path.rglob("*.labels")) if path.is_dir() else [path]
    tables = [table for table in tables if not _SENTENCE_LABELS.search(table.name)]
    if not tables:
        raise AnnotationError(f"{path}: no .labels file in this folder")
    articles = _articles(path if path.is_dir() else path.parent)
    rows = _all_rows(tables, articles)
    own = {match[1] for table in tables if (match := _OWN_LABELS.fullmatch(table.name))}
    folders = {articles[identity].parent for identity in rows}
    kept = [
        identity
        for identity, file in articles.items()
        if identity in own or identity in rows or file.parent in folders
    ]
    if len(kept) < len(articles):
        _LOG.warning("%s: %d articles without labels left out", path, len(articles) - len(kept))
    return [_document(name, articles[name], rows.get(name, Counter())) for name in kept]


def _articles(folder: Path) -> dict[str, Path]:
    """Articles below a folder or, if there are none, in the folders beside it; by id."""
    found = sorted(folder.rglob("article*.txt")) or sorted(folder.parent.glob("*/article*.txt"))
    articles: dict[str, Path] = {}
    for file in found:
        match = _ARTICLE.fullmatch(file.name)
        if match and match[1] in articles:
            raise AnnotationError(f"{file}: the same article as {articles[match[1]]}; keep one")
        if match:
            articles[match[1]] = file
    return articles


def _all_rows(tables: Iterable[Path], articles: dict[str, Path]) -> Rows:
    """Rows of every article that has some."""
    rows: Rows = {}
    for table in tables:
        for identity, counted in _read_rows(table, articles).items():
            rows[identity] = rows.get(identity, Counter()) | counted
    if not any(technique for counted in rows.values() for technique, _, _ in counted):
        return rows
    named = {
        identity: Counter({row: count for row, count in counted.items() if row[0]})
        for identity, counted in rows.items()
    }
    return {identity: counted for identity, counted in named.items() if counted}


def _read_rows(table: Path, articles: dict[str, Path]) -> Rows:
    rows: Rows = {}
    for line, where in files.read_lines(table):
        identity, *technique, start, end = _columns(line, where)
        if identity not in articles:
            raise AnnotationError(f"{where}: its article{identity}.txt is not near the labels")
        row = ("".join(technique), int(start), int(end))
        rows.setdefault(identity, Counter())[row] += 1
    return rows


def _columns(line: str, where: str) -> list[str]:
    columns = line.split("\t")
    if len(columns) not in (3, 4) or not all(_OFFSET.fullmatch(one) for one in columns[-2:]):
        raise AnnotationError(
            f"{where}: a row is an article's id, a technique, start and end, parted by tabs: "
            f"{line!r:.80}"
        )
    return columns


def _document(name: str, file: Path, rows: Counter[Row]) -> AnnotatedDocument:
    spans = [
        {"start": start, "end": end, "label": technique or NO_TECHNIQUE}
        for technique, start, end in rows.elements()
    ]
    text = files.read_text(file)
    return from_dict({"id": files.file_id(name), "text": text, "spans": spans}, str(file))


# --- writing ------------------------------------------------------------------------------


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write an article and its labels a document into a folder.

    Raises
    ------
    AnnotationError
        If a document has no text, two have one id, or a label holds a tab or line break.
    """
    contents = {
        name: (files.text_of(document), _lines(name, document))
        for name, document in zip(files.file_names(documents), documents, strict=True)
    }
    for name, (text, lines) in contents.items():
        files.write_text(path / f"article{name}.txt", text)
        files.write_text(path / f"article{name}.task-flc-tc.labels", lines)


def _lines(name: str, document: AnnotatedDocument) -> str:
    for mark in document.marks:
        files.check_label(mark.label, document, "PTC", allowed=" ")
    return "".join(f"{name}\t{mark.label}\t{mark.start}\t{mark.end}\n" for mark in document.marks)
