"""A picture of how often spans of a score are right, device by device."""

from __future__ import annotations

from html import escape

from framing.evaluate import Report
from framing.metrics import calibration_bins

_SIDE, _GAP, _LEFT, _TOP = 132, 52, 48, 62
"""Pixels: side of a panel, room between panels, margins."""
_ACROSS = 5
_BINS = 8
_INK, _POINT = "#222222", "#1f77b4"


def reliability(report: Report) -> str:
    """SVG: one panel a device, score against the share of spans that match a mark.

    Every point stands for as many spans as the others of its panel; on the diagonal a
    score is the chance of being right. Spans below the thresholds are there too.
    """
    rows = -(-len(report.labels) // _ACROSS)
    width = _LEFT + _ACROSS * (_SIDE + _GAP)
    height = _TOP + rows * (_SIDE + _GAP + 14)
    title = "Score of spans against the share that matches a mark (IoU of at least one half)"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" '
        f'font-size="11" fill="{_INK}">'
    )
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for number, label in enumerate(report.labels):
        x = _LEFT + number % _ACROSS * (_SIDE + _GAP)
        y = _TOP + number // _ACROSS * (_SIDE + _GAP + 14)
        parts += _panel(report, label, x, y)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(report: Report, label: str, x: int, y: int) -> list[str]:
    scores, hits = report.scored(label)
    error, chance = report.calibration_error(label), report.calibration_chance(label)
    words = f"n {len(scores)}, error {error:.2f} (chance {chance:.2f})"
    bottom = y + _SIDE
    parts = [
        f'<text x="{x}" y="{y - 8}">{escape(label)}</text>',
        f'<rect x="{x}" y="{y}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#999999"/>',
        f'<path d="M{x} {bottom}L{x + _SIDE} {y}" stroke="#bbbbbb" stroke-dasharray="3 3"/>',
        f'<text x="{x}" y="{bottom + 28}" fill="#666666">{words}</text>',
    ]
    for value in (0, 0.5, 1):
        at = x + _SIDE * value
        up = bottom - _SIDE * value + 4
        parts.append(f'<text x="{at:.0f}" y="{bottom + 14}" text-anchor="middle">{value:g}</text>')
        parts.append(f'<text x="{x - 6}" y="{up:.0f}" text-anchor="end">{value:g}</text>')
    bins = calibration_bins(scores, hits, _BINS, equal_mass=True)
    places = [(x + _SIDE * score, bottom - _SIDE * share) for _, score, share in bins]
    if places:
        line = "L".join(f"{left:.1f} {up:.1f}" for left, up in places)
        parts.append(f'<path d="M{line}" stroke="{_POINT}" fill="none"/>')
    for (left, up), (count, score, share) in zip(places, bins, strict=True):
        parts.append(
            f'<circle cx="{left:.1f}" cy="{up:.1f}" r="3" fill="{_POINT}">'
            f"<title>{count} spans, score {score:.2f}, right {share:.2f}</title></circle>"
        )
    return parts
