"""SARIF 2.1.0, the format of code scanning and of many editors."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import framing
from framing.output.characters import dumps, valid, visible
from framing.output.paths import below, file_uri, percent
from framing.output.positions import Positions
from framing.output.stream import TextWriter
from framing.schema import Label

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
BETWEEN = ",\n"
WARNING = 0.8
"""Score from which a result is a warning, no longer a note."""


class SarifWriter(TextWriter):
    """One run; results are written as they come, one a line."""

    def begin(self) -> None:
        """Write the tool, its rules, and how columns are counted."""
        head = {
            "tool": {
                "driver": {
                    "name": "framing",
                    "version": framing.__version__,
                    "rules": [rule(label) for label in self.labels],
                    "properties": {"model": dict(self.model)},
                }
            },
            "columnKind": "utf16CodeUnits",
            "newlineSequences": ["\r\n", "\n", "\r"],
            "originalUriBaseIds": {
                ROOT: {"description": {"text": "The folder that the paths are relative to."}}
            },
        }
        start = dumps({"$schema": SCHEMA, "version": "2.1.0"})[:-1]
        self.stream.write(f'{start}, "runs": [{dumps(head)[:-1]}, "results": [')
        self._separator = "\n"

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One result a span."""
        place = artifact(path, self.options.root or Path.cwd())
        names = [label.name for label in self.labels]
        positions = Positions(text)
        skipped, results = int(text.startswith("\ufeff")), []
        marks = fingerprints(place["uri"], ((span.label, span.text) for span in prediction))
        for span, mark in zip(prediction, marks, strict=True):
            result = {
                "ruleId": span.label,
                "ruleIndex": names.index(span.label),
                "level": "warning" if span.score >= WARNING else "note",
                "rank": round(100 * span.score, 2),
                "message": {"text": message(span)},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": place,
                            "region": region(positions, span, skipped),
                        }
                    }
                ],
                "partialFingerprints": {"framingSpan/v1": mark},
                "properties": {"score": span.score, "quoted": span.quoted},
            }
            results.append(dumps(result))
        return BETWEEN.join(results)

    def pack(self, rendered: Iterable[str]) -> str:
        """Results of several documents."""
        return BETWEEN.join(filter(None, rendered))

    def put(self, packed: str) -> None:
        """Write results, parted from those before them."""
        if packed:
            super().put(self._separator + packed)
            self._separator = BETWEEN

    def end(self) -> None:
        """Close the run."""
        self.stream.write("\n]}]}\n")
        super().end()


def rule(label: Label) -> dict[str, Any]:
    """Describe a device as a SARIF rule."""
    examples = [
        f"{title}: {words}"
        for title, words in (("Marked", label.example), ("Not marked", label.counter_example))
        if words
    ]
    help_text = "\n\n".join([label.definition, *examples])
    return {
        "id": label.name,
        "name": "".join(part.capitalize() for part in label.name.split("_")),
        "shortDescription": {"text": label.definition},
        "fullDescription": {"text": label.definition},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": "note"},
        "properties": {"unit": label.unit},
    }


def artifact(path: str, root: Path) -> dict[str, str]:
    """Where a document is: relative to the root, or as a `file:` URI where it lies outside."""
    relative = below(path, root)
    if relative is None:
        return {"uri": file_uri(path, root)}
    return {"uri": percent(relative), "uriBaseId": ROOT}


def region(positions: Positions, span: Span, skipped: int = 0) -> dict[str, int]:
    """Place a span by lines, columns and offsets.

    Parameters
    ----------
    positions : Positions
    span : Span
    skipped : int
        1 where the text begins with a byte order mark, which SARIF does not count
        (3.30.2); else 0.

    Returns
    -------
    dict
        In UTF-16 code units. The end line is the line of the last character (3.30.7), the
        end column one past it (3.30.8).
    """
    last = span.end - 1
    start_line, end_line = positions.line(span.start), positions.line(last)
    start, end = positions.units(span.start), positions.units(span.end)
    end_column = positions.unit_column(last) + end - positions.units(last)
    return {
        "startLine": start_line,
        "startColumn": max(positions.unit_column(span.start) - skipped * (start_line == 1), 1),
        "endLine": end_line,
        "endColumn": max(end_column - skipped * (end_line == 1), 1),
        "charOffset": max(start - skipped, 0),
        "charLength": end - max(start, skipped),
    }


def message(span: Span) -> str:
    """Name a span and its words, in which braces and link syntax mean nothing (3.11)."""
    words = valid(visible(span.text)).replace("{", "{{").replace("}", "}}")
    return f'{span.label} ({span.score:.2f}): "{words.replace("](", "] (")}"'


def fingerprints(uri: str, found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Fingerprints of a document's labels and words, in their order."""
    seen = Counter[tuple[str, str]]()
    for label, text in found:
        key = label, " ".join(text.split())
        seen[key] += 1
        yield fingerprint(uri, *key, seen[key])


def fingerprint(uri: str, label: str, words: str, number: int) -> str:
    """Hash that stays when the span moves: of path, label, words and which of their kind."""
    data = "\0".join((uri, label, words, str(number)))
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]
