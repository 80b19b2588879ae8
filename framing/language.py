"""Whether a text reads like English, the one language that the models know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

SAMPLE = 2000
"""Characters that are looked at."""
LEAST_WORDS = 50
LEAST_LETTERS = 100
LEAST_SHARE = 0.12
"""Share of function words below which a text does not read like English. Of 728 real English
articles none has less than 0.16; running text in eleven other languages stays under 0.08."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f]")

# The commonest closed-class words of English, without those that its neighbours also write
# (in, an, so, on, of, me, as, was, we, am, had, over; do, no, at).
_COMMON = """
the and to a that for with it his her they their them she you your our us be been being are were
has have having does did not but by from this these those which who whom whose what when where
while there here than then will would can could should may might must about after before because
if into out up its itself himself herself themselves my i all any some such more most other only
also just very nor or how why between through under against during without until since however
though although each every both few many much own same too now said says say it's don't isn't
didn't wasn't he's she's that's
"""
FUNCTION_WORDS = frozenset(_COMMON.split())


def reads_like_english(text: str) -> bool:
    """Whether the beginning of a text has the words that English cannot do without.

    Parameters
    ----------
    text : str
        Only its first `SAMPLE` characters are looked at.

    Returns
    -------
    bool
        True as well where there is too little text to tell: fewer than `LEAST_WORDS` words
        in Latin letters and fewer than `LEAST_LETTERS` letters of other scripts.
    """
    sample = text[:SAMPLE]
    words = _WORD.findall(sample)
    others = 0 if sample.isascii() else len(_OTHER_SCRIPT.findall(sample))
    if others >= LEAST_LETTERS and 2 * others > sum(map(len, words)):
        return False
    if len(words) < LEAST_WORDS:
        return True
    known = sum(word.lower().replace("’", "'") in FUNCTION_WORDS for word in words)
    return known >= LEAST_SHARE * len(words)


NAMED = 20
"""Texts that are named in warnings; of the others only the number is given."""


@dataclass(slots=True)
class Foreign:
    """Texts of a run that do not read like English.

    Attributes
    ----------
    count : int
    names : list of str
        The first `NAMED`.
    """

    count: int = 0
    names: list[str] = field(default_factory=list)

    def note(self, name: str) -> None:
        """Note a text that does not."""
        self.count += 1
        if len(self.names) < NAMED:
            self.names.append(name)

    def warnings(self) -> Iterator[str]:
        """Yield a line for each of them, or for all that are not named."""
        for name in self.names:
            yield f"{name}: does not read like English; marks mean little"
        if self.count > len(self.names):
            yield f"{self.count - len(self.names)} more texts do not read like English"
