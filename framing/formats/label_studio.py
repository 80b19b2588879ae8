"""Label Studio: the JSON export, a list of tasks.

Read: `data.text` and, of each annotation, the results of type `labels` (a region with
several labels is several marks). Every annotation of a task is kept, with `completed_by`
as the annotator. Left out, and counted in the log: cancelled (skipped) annotations, and
tasks that nobody has annotated. Passed over: predictions, and results that are no spans.
The other keys of `data`, and the task's `meta`, are the document's meta; `data.id` is its
id, else the task's. Offsets of exports before 1.5 count UTF-16 units; see `offsets`.

Written: one task a document, one annotation an annotator. `completed_by` is the number
of a user or an object with `email`, which Label Studio has to know when it imports.
The labelling configuration is one `<Labels name="label" toName="text">` over one
`<Text name="text" value="$text"/>`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.annotations import AnnotatedDocument, Mark, from_dict, shown
from framing.errors import AnnotationError
from framing.formats import files
from framing.formats.offsets import QuotedSpan, to_spans

_LOG = logging.getLogger(__name__)
_OTHER_SPANS = ("hypertextlabels", "paragraphlabels", "timeserieslabels")


def read(path: Path) -> list[AnnotatedDocument]:
    """Documents of a Label Studio JSON export.

    Raises
    ------
    AnnotationError
        If the file is no export, a region is broken, or its words are not at its
        offsets; names file and task.
    """
    tasks = files.read_json(path)
    if isinstance(tasks, dict):  # cloud storage gets a file for each task
        tasks = [tasks]
    if not isinstance(tasks, list):
        raise AnnotationError(f"{path}: a Label Studio export is a list of tasks")
    documents, skipped, untouched = [], 0, 0
    for number, task in enumerate(tasks, 1):
        identity = task.get("id") if isinstance(task, dict) else None
        where = f"{path}: task {identity if isinstance(identity, int) else number}"
        annotations = _annotations(task, where)
        valid = [one for one in annotations if not one.get("was_cancelled")]
        skipped += len(annotations) - len(valid)
        untouched += not valid
        if valid:
            documents.append(_document(task, valid, where))
    if skipped or untouched:
        _LOG.warning(
            "%s: %d cancelled annotations and %d tasks without annotation left out",
            path,
            skipped,
            untouched,
        )
    return documents


def _annotations(task: Any, where: str) -> list[dict[str, Any]]:
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise AnnotationError(
            f"{where}: no data.text; export as JSON (not JSON-MIN), the article under the key text"
        )
    annotations = task.get("annotations", task.get("completions"))  # its name before 1.0
    if not isinstance(annotations, list) or not all(isinstance(one, dict) for one in annotations):
        raise AnnotationError(f"{where}: no list of annotations; export as JSON, not JSON-MIN")
    return annotations


def _document(
    task: dict[str, Any], annotations: list[dict[str, Any]], where: str
) -> AnnotatedDocument:
    data = task["data"]
    meta = {key: value for key, value in data.items() if key not in ("text", "id")}
    meta |= task["meta"] if isinstance(task.get("meta"), dict) else {}
    quoted = [
        span
        for annotation in annotations
        for result in _results(annotation, where)
        for span in _spans(result, _annotator(annotation), where)
    ]
    identity = data.get("id", task.get("id"))
    body = {"text": data["text"], "spans": to_spans(data["text"], quoted, where), "meta": meta}
    return from_dict(body | {"id": identity}, where)


def _results(annotation: dict[str, Any], where: str) -> list[Any]:
    results = annotation.get("result") or []
    if not isinstance(results, list):
        raise AnnotationError(f"{where}: result is no list of regions: {results!r:.80}")
    return results


def _annotator(annotation: dict[str, Any]) -> str | None:
    who = annotation.get("completed_by", annotation.get("created_username"))
    if isinstance(who, dict):
        who = who.get("email") or who.get("username") or who.get("id")
    return None if who is None else str(who)


def _spans(result: Any, annotator: str | None, where: str) -> list[QuotedSpan]:
    kind = result.get("type") if isinstance(result, dict) else None
    if kind in _OTHER_SPANS:
        raise AnnotationError(
            f"{where}: a region of type {kind}; only regions of plain text (labels) can be read"
        )
    if not isinstance(result, dict) or kind != "labels":
        return []
    value = result.get("value")
    value = value if isinstance(value, dict) else {}
    start, end, labels = value.get("start"), value.get("end"), value.get("labels")
    if type(start) is not int or type(end) is not int:
        raise AnnotationError(
            f"{where}: start and end of a region are whole numbers: {value!r:.80}"
        )
    if not isinstance(labels, list) or not labels or not all(isinstance(x, str) for x in labels):
        raise AnnotationError(f"{where}: the region {shown(f'{start}-{end}')} has no label")
    quote = value.get("text")
    quote = quote if isinstance(quote, str) else None
    return [QuotedSpan(((start, end),), label, quote, annotator) for label in labels]


# --- writing ------------------------------------------------------------------------------


def write(documents: Sequence[AnnotatedDocument], path: Path) -> None:
    """Write one JSON file, which Label Studio imports as annotated tasks.

    Raises
    ------
    AnnotationError
        If a document has no text.
    """
    tasks = [_task(number, document) for number, document in enumerate(documents, 1)]
    files.write_text(path, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")


def _task(number: int, document: AnnotatedDocument) -> dict[str, Any]:
    text = files.text_of(document)
    by: dict[str | None, list[Mark]] = {} if document.marks else {None: []}
    for mark in document.marks:
        by.setdefault(mark.annotator, []).append(mark)
    annotations = [
        _annotation(f"{number}-{which}", text, annotator, marks)
        for which, (annotator, marks) in enumerate(by.items(), 1)
    ]
    return {
        "id": number,
        "data": {"id": document.id, "text": text},
        "meta": document.meta,
        "annotations": annotations,
        "predictions": [],
    }


def _annotation(
    prefix: str, text: str, annotator: str | None, marks: Sequence[Mark]
) -> dict[str, Any]:
    result = [
        {
            "id": f"{prefix}-{number}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": mark.start,
                "end": mark.end,
                "text": text[mark.start : mark.end],
                "labels": [mark.label],
            },
        }
        for number, mark in enumerate(marks, 1)
    ]
    body: dict[str, Any] = {"result": result, "was_cancelled": False, "ground_truth": False}
    if annotator:
        number = annotator.isascii() and annotator.isdecimal() and str(int(annotator)) == annotator
        body["completed_by"] = int(annotator) if number else {"email": annotator}
    return body
