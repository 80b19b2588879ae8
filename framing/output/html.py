"""One page for people: the articles with their spans, and what they have in common.

The page is a single file and asks the network for nothing; a content security policy says
so to the browser. Articles are written as they come, each as a block of JSON, and drawn by
the page's own script when somebody opens them. Memory does not grow here, but the page
holds every article: split a large folder.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from framing.output.characters import dumps, valid
from framing.output.positions import Positions
from framing.output.stream import TextWriter
from framing.prediction import COLOURS

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction, Span

EVIDENCE = 8
"""Words of an explanation that are shown."""
LEAST = 0.005
"""Weight below which a word is left out: it would be shown as 0.00."""
_UNSAFE = str.maketrans(
    {char: f"\\u{ord(char):04x}" for char in ("<", ">", "&", "\u2028", "\u2029")}
)


class HtmlWriter(TextWriter):
    """A page that holds all articles."""

    def begin(self) -> None:
        """Write everything above the articles."""
        head, _ = page()
        labels = [
            {
                "name": label.name,
                "title": label.name.replace("_", " "),
                "tag": tag,
                "definition": label.definition,
                "example": label.example,
            }
            for label, tag in zip(
                self.labels, tags([label.name for label in self.labels]), strict=True
            )
        ]
        self.stream.write(head)
        self.stream.write(data_block('id="report-data"', {"labels": labels, "model": self.model}))

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One article, with the evidence for its spans where it is given."""
        names = [label.name for label in self.labels]
        units = Positions(text).units
        evidence = {_key(each.span): each for each in explanations or ()}
        spans = []
        for span in prediction:
            row = [
                units(span.start),
                units(span.end),
                names.index(span.label),
                span.score,
                int(span.quoted),
            ]
            found = evidence.get(_key(span))
            spans.append([*row, top_words(found)] if found else row)
        article = {
            "path": valid(path),
            "text": text,
            "words": prediction.profile.words,
            "sentences": prediction.profile.sentences,
            "spans": spans,
        }
        return data_block('class="article-data"', article)

    def end(self) -> None:
        """Write the script that draws them."""
        self.stream.write(page()[1])
        super().end()


def _key(span: Span) -> tuple[int, int, str, bool]:
    return span.start, span.end, span.label, span.quoted


def top_words(explanation: Explanation) -> list[tuple[str, float]]:
    """Pick the words with most weight, each with what it adds to the logit."""
    heavy = [word for word in explanation.words if abs(word.weight) >= LEAST]
    ranked = sorted(heavy, key=lambda word: -abs(word.weight))
    return [(word.name, round(word.weight, 3)) for word in ranked[:EVIDENCE]]


def data_block(attributes: str, data: Any) -> str:
    """Write JSON into a script element from which no text can break out."""
    body = dumps(data).translate(_UNSAFE)
    return f'<script type="application/json" {attributes}>{body}</script>\n'


def tags(names: Sequence[str]) -> list[str]:
    """Abbreviate labels, each differently: initials, or the first letters of a single word.

    `["loaded_language", "speculation"]` gives `["LL", "Sp"]`.
    """
    found: list[str] = []
    for name in names:
        words = [word for word in name.split("_") if word]
        joined = "".join(words) or "?"
        short = "".join(word[0] for word in words).upper() if len(words) > 1 else ""
        options = [short, *(joined[:n].capitalize() for n in range(2, len(joined) + 1))]
        numbered = (f"{options[-1][:2] or '?'}{n}" for n in range(2, len(names) + 3))
        found.append(
            next(option for option in (*options, *numbered) if option and option not in found)
        )
    return found


@cache
def palette() -> str:
    """Return the style sheet of the devices: a colour, a line pattern and a tag each."""
    return f"{_colours()}{_asset('devices.css')}"


@cache
def page() -> tuple[str, str]:
    """Return what stands above and below the articles."""
    style = f"{palette()}\n{_asset('report.css')}"
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    )
    above, below = _asset("report.html").split("<!-- articles -->\n")
    above = above.replace("<!-- policy -->", html.escape(policy, quote=False))
    return above.replace("/* style */", style), below.replace("/* script */", script)


def devices_style() -> str:
    """Style of the devices alone, for other pages: the classes `d0` to `d9`.

    Each sets a colour `--c`, a line pattern `--line` and its `--tile`. The page has to set
    `--shade`, what the colours are mixed with.
    """
    _, rules = _asset("devices.css").split("/* --- devices", 1)
    return f"{_colours()}/* --- devices{rules}"


def _colours() -> str:
    colours = "".join(f"--device-{number}:{colour};" for number, colour in enumerate(COLOURS))
    return f":root{{{colours}}}\n"


def _asset(name: str) -> str:
    return resources.files("framing.output").joinpath(name).read_text(encoding="utf-8")
