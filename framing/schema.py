"""The labels of an annotation scheme: their names, definitions and units."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import AnnotationError

MOST_NAME = 100
"""Characters of the longest name of a label."""
UNITS = ("phrase", "clause", "insert")


@dataclass(frozen=True, slots=True)
class Label:
    """One label of a schema.

    Attributes
    ----------
    name, definition, example, counter_example : str
    unit : {"phrase", "clause", "insert"}
        What a span of it is: some words, a clause or sentence, or whole lines.
    quotation : bool
        Whether its spans are quotation marks with the words between them.
    speech : bool
        Whether its spans are marked in the words of quoted speakers too.
    """

    name: str
    definition: str
    unit: str
    example: str = ""
    counter_example: str = ""
    quotation: bool = False
    speech: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """An ordered set of labels."""

    labels: tuple[Label, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Label names, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def speech(self) -> bool:
        """Whether the words of quoted speakers are marked like the article's own."""
        return all(label.speech for label in self.labels)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in `schema.toml`."""
        return {
            label.name: {
                "definition": label.definition,
                "unit": label.unit,
                "example": label.example,
                "counter_example": label.counter_example,
                "quotation": label.quotation,
                **({"speech": True} if label.speech else {}),
            }
            for label in self.labels
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], where: str = "schema") -> Schema:
        """Read plain data as in `schema.toml`.

        Raises
        ------
        AnnotationError
            If a label lacks a definition or a known unit.
        """
        labels = []
        for name, entry in data.items():
            if not (name and name.isprintable() and len(name) <= MOST_NAME):
                raise AnnotationError(f"{where}: a label is a short printable name: {name!r:.80}")
            if not isinstance(entry, Mapping):
                raise AnnotationError(f"{where}: label {name!r} is no table of keys")
            unit = entry.get("unit")
            if unit not in UNITS:
                raise AnnotationError(
                    f"{where}: label {name!r} has unit {unit!r:.40}; choose one of {', '.join(UNITS)}"
                )
            if not entry.get("definition"):
                raise AnnotationError(f"{where}: label {name!r} has no definition")
            strings = {
                key: str(entry.get(key, "")) for key in ("definition", "example", "counter_example")
            }
            if not all(map(_plain, strings.values())):
                raise AnnotationError(
                    f"{where}: label {name!r} has words that no terminal can show"
                )
            quotation, speech = bool(entry.get("quotation")), bool(entry.get("speech"))
            labels.append(
                Label(name=name, unit=str(unit), quotation=quotation, speech=speech, **strings)
            )
        if not labels:
            raise AnnotationError(f"{where}: no labels")
        if len({label.speech for label in labels}) > 1:
            raise AnnotationError(
                f"{where}: some labels have speech = true and others not; give it to all or to none"
            )
        return cls(tuple(labels))


def _plain(words: str) -> bool:
    """Whether words hold nothing but what prints, line breaks and tabs."""
    return all(mark.isprintable() or mark in "\n\t" for mark in words)


def read_schema(path: Path) -> Schema:
    """Read a `schema.toml`.

    Raises
    ------
    AnnotationError
        If the file cannot be read or says nothing usable; names the file.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnnotationError(f"{path}: {error}") from error
    return Schema.from_dict(data, str(path))
