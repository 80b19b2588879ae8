"""What is timed: the bare token pass, our models, and other tools.

Every tool gets strings that are in memory, and what it says of them is thrown away.
Our models find the sentences themselves; those that take one sentence at a time get
them ready cut, by our reader, at no cost to them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from framing.pieces import PIECE
from framing.predictor import Framing
from training.speed.articles import Articles

Run = Callable[[Articles], None]
FLOOR = "token pass"
NEW, FRESH, WARM = "new articles", "empty cache", "same again"


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something that is timed.

    Attributes
    ----------
    name : str
    does : str
        What is timed, in one line.
    run : callable
        Takes the articles.
    times : int
        Runs in a round: more of what is too quick to time.
    prepare : callable
        Called before each round with the articles that are timed in it, and with the others.
    """

    name: str
    does: str
    run: Run
    times: int = 1
    prepare: Callable[[Articles, Articles], None] = lambda _, __: None


def _consume(found: Iterator[Any]) -> None:
    deque(found, 0)


def floor() -> Contestant:
    """One pass of the library's token pattern: the usual way to look at every word."""

    def run(articles: Articles) -> None:
        for text in articles.texts:
            PIECE.findall(text)

    return Contestant(FLOOR, "one re.findall of the token pattern over each article", run, 5)


def ours(framing: Framing) -> Iterator[Contestant]:
    """A model of ours: on new articles, with an empty word cache, and on the same again."""
    kind = framing.model.kind

    def run(articles: Articles) -> None:
        _consume(framing.predict_many(articles.texts))

    def forget(*_: Articles) -> None:
        framing.model.lexicon.reset()
        framing.model.linear.forget()

    def meet_others(_: Articles, others: Articles) -> None:
        forget()
        run(others)

    def meet_these(timed: Articles, _: Articles) -> None:
        run(timed)

    does = "Framing.predict_many: spans, offsets, scores, profiles;"
    yield Contestant(f"{kind}: {NEW}", f"{does} warm on other articles", run, 1, meet_others)
    yield Contestant(f"{kind}: {WARM}", f"{does} every word met before", run, 1, meet_these)
    yield Contestant(f"{kind}: {FRESH}", f"{does} no word met before", run, 1, forget)


def peers() -> tuple[list[Contestant], list[str]]:
    """Other tools that are installed, and one line for each that is not."""
    found, missing = [], []
    for package, build in _PEERS.items():
        try:
            found.append(build(version(package)))
        except ImportError as error:
            missing.append(f"{package} left out: {error}; pip install framing-devices[bench]")
    return found, missing


def _vader(release: str) -> Contestant:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    score = SentimentIntensityAnalyzer().polarity_scores

    def run(articles: Articles) -> None:
        for sentences in articles.sentences:
            _consume(map(score, sentences))

    return Contestant(f"VADER {release}", "polarity_scores of each sentence", run)


def _textblob(release: str) -> Contestant:
    from textblob import TextBlob

    def run(articles: Articles) -> None:
        for sentences in articles.sentences:
            _consume(TextBlob(sentence).sentiment for sentence in sentences)

    return Contestant(f"TextBlob {release}", "sentiment of each sentence", run)


def _spacy(release: str) -> Contestant:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.max_length = 1 << 30

    def run(articles: Articles) -> None:
        for document in nlp.pipe(articles.texts):
            _consume(document.sents)

    return Contestant(f"spaCy {release} blank", "blank('en') and sentencizer: no analysis", run)


def _proselint(release: str) -> Contestant:
    try:
        from proselint.checks import __register__
        from proselint.registry import CheckRegistry
        from proselint.tools import LintFile
    except ImportError:
        return _old_proselint(release)
    CheckRegistry().register_many(__register__)

    def run(articles: Articles) -> None:
        for text in articles.texts:
            LintFile("article", text).lint()

    return Contestant(f"proselint {release}", "all default checks over each article", run)


def _old_proselint(release: str) -> Contestant:
    """Releases before 0.14."""
    from proselint.tools import lint

    def run(articles: Articles) -> None:
        for text in articles.texts:
            lint(text)

    return Contestant(f"proselint {release}", "all default checks over each article", run)


_PEERS: dict[str, Callable[[str], Contestant]] = {
    "vaderSentiment": _vader,
    "textblob": _textblob,
    "spacy": _spacy,
    "proselint": _proselint,
}
