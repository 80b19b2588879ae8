"""Readings of many texts side by side: a table of rates that a notebook shows."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from framing.errors import InputError
from framing.prediction import COLOURS, Prediction, Profile

ALL = "all"
"""Name of the row for all texts together."""


@dataclass(frozen=True, slots=True)
class ProfileTable(Sequence[Profile]):
    """Profiles of several texts; shows itself as a table in a notebook.

    Attributes
    ----------
    names : tuple of str
        What the texts are called.
    profiles : tuple of Profile
    """

    names: tuple[str, ...]
    profiles: tuple[Profile, ...]

    def __len__(self) -> int:
        return len(self.profiles)

    def __getitem__(self, index: Any) -> Any:
        return self.profiles[index]

    @property
    def labels(self) -> tuple[str, ...]:
        """The devices, in column order."""
        return tuple(self.profiles[0].rates) if self.profiles else ()

    def rows(self) -> list[dict[str, Any]]:
        """Plain data, a row a text: its name, words, spans, and rate per 1,000 words by device.

        `pandas.DataFrame(table.rows())` makes a data frame of it.
        """
        return [
            {"name": name, "words": each.words, "spans": sum(each.counts.values()), **each.rates}
            for name, each in zip(self.names, self.profiles, strict=True)
        ]

    def together(self) -> dict[str, Any]:
        """One row for all texts: sums, and rates over all their words."""
        words = sum(each.words for each in self.profiles)
        counts = {name: sum(each.counts[name] for each in self.profiles) for name in self.labels}
        rates = {name: round(1000 * n / words, 3) if words else 0.0 for name, n in counts.items()}
        return {"name": ALL, "words": words, "spans": sum(counts.values()), **rates}

    def __str__(self) -> str:
        lines = [("", "words", "spans", *self.labels), *map(_cells, self._shown())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if number else cell.ljust(width)
                for number, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        """Table for a notebook: rates per 1,000 words, shaded by how high they are."""
        highest = [
            max((each.rates[name] for each in self.profiles), default=0.0) for name in self.labels
        ]
        heads = "".join(
            f'<th scope="col" style="border-bottom:3px solid {_colour(number)};text-align:right">'
            f"{html.escape(name.replace('_', ' '))}</th>"
            for number, name in enumerate(self.labels)
        )
        body = "".join(
            _row(row, highest, last=number == len(self)) for number, row in enumerate(self._shown())
        )
        return (
            '<table class="framing-profiles"><caption style="text-align:left">Spans per 1,000 words'
            '</caption><thead><tr><th scope="col"></th><th scope="col">words</th>'
            f'<th scope="col">spans</th>{heads}</tr></thead><tbody>{body}</tbody></table>'
        )

    def _shown(self) -> list[dict[str, Any]]:
        return [*self.rows(), self.together()]


def profile_table(
    predictions: Iterable[Prediction], names: Iterable[str] | None = None
) -> ProfileTable:
    """Set the profiles of several predictions side by side.

    Parameters
    ----------
    predictions : iterable of Prediction
        Such as what `Framing.predict_many` gives; read once, and only the profiles are kept.
    names : iterable of str, optional
        What to call the texts; numbers from 1 if not given.

    Returns
    -------
    ProfileTable

    Raises
    ------
    InputError
        If there are more or fewer names than predictions, or one of them is no prediction.
    """
    profiles = tuple(_profiles(predictions))
    chosen = tuple(map(str, range(1, len(profiles) + 1) if names is None else names))
    if len(chosen) != len(profiles):
        raise InputError(f"{len(chosen)} names for {len(profiles)} predictions")
    return ProfileTable(chosen, profiles)


def _profiles(predictions: Iterable[Prediction]) -> Iterator[Profile]:
    for number, each in enumerate(predictions):
        if not isinstance(each, Prediction):
            raise InputError(f"item {number} is {type(each).__name__}, not a prediction")
        yield each.profile


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    name, words, spans, *rates = row.values()
    return name, f"{words:,}", f"{spans:,}", *(f"{rate:.1f}" for rate in rates)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _row(row: dict[str, Any], highest: list[float], *, last: bool) -> str:
    """One row of the table; the deeper a cell is shaded, the nearer to the highest rate."""
    name, words, spans, *rates = _cells(row)
    cells = [f"<td>{words}</td><td>{spans}</td>"]
    for number, (shown, rate, top) in enumerate(
        zip(rates, list(row.values())[3:], highest, strict=True)
    ):
        depth = 0 if last or not top else round(0x66 * rate / top)
        shade = f' style="background:{_colour(number)}{depth:02x}"' if depth else ""
        cells.append(f"<td{shade}>{shown}</td>")
    weight = ' style="font-weight:bold"' if last else ""
    return (
        f'<tr{weight}><th scope="row" style="text-align:left">{html.escape(name)}</th>'
        f"{''.join(cells)}</tr>"
    )
