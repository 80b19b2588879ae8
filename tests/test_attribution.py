"""What a sentence attributes: invented examples of every shape, and real articles read by hand.

The rule by which the articles were read, of a sentence's words outside quotation marks:

- a *cue* is a verb or phrase of saying, writing, asking, promising, warning, accusing or
  believing (*said*, *according to*, *is said to*, *reportedly*), or a noun of these that
  leads to what was said (*claims that*, *a promise to*, *calls for*);
- it counts where somebody but the writer and the reader is its source, named or not, and what
  it reports stands in the sentence: a clause, an infinitive, quoted words, or a name or verdict
  (*called it “grim”*, *described it as old*, *accused them of theft*);
- a noun alone is content after promises, warnings, denials, accusations and requests (*vowed
  revenge*), not after *announced*, *discussed* or *spoke about*;
- findings and feelings are no cues (*the poll shows*, *knows*, *wants*), nor are names (*a firework
  called “star”*), a post's signature, or the speaker's label of a turn or headline (*Lee:*);
- `before`: the cue stands before what it reports; `after`: after it; `both`: one in the middle of
  it, or two cues. A passive and an adverb are `before` (*is said to be closed*).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.attribution import Attribution, attribute
from framing.cues import Role, roles
from framing.pieces import Lexicon
from framing.text import Batch, read
from framing.voice import listen

STATES = ("none", "before", "after", "both")


def heed(*batch_texts: str) -> tuple[Batch, Attribution]:
    lexicon = Lexicon()
    batch = read(batch_texts, lexicon)
    return batch, attribute(batch, listen(batch), lexicon)


BEFORE = [
    "Ms Ito said the harbour is closed.",
    "Ms Ito said: “The harbour is closed.”",
    "Ms Ito told the council that nobody had asked her.",
    "In June, the mayor said the harbour was closed.",
    "According to the port, the harbour is closed.",
    "On Sunday, according to the port, a boat sank.",
    "The ferry reportedly ran late.",
    "The ferry is said to be late.",
    "He called the plan “a disgrace”.",
    "He called Monday for a vote.",
    "They described the plan as useless.",
    "She accused the port of hiding the bill.",
    "The mayor vowed revenge.",
    "He asked whether the ferry would run.",
    "Did the mayor say he has a point?",
    "The rumour that the ferry sank is old.",
    "It kept its promise to rebuild the pier.",
    "Kim, who owns two boats, said he still sails.",
    "Experts believe the pier could fall.",
    "He admitted hiding the bill.",
    "He thanked “the brave crew”.",
]
AFTER = [
    "The harbour is closed, Ms Ito said.",
    "The harbour is closed, the port confirmed Monday.",
    "The harbour is closed, said the mayor.",
    "The harbour is closed, Ms Ito said in a note released in May.",
    "“It is closed,” said Ms Ito, who owns a boat.",
    "“It is closed,” the mayor was quoted as saying by a paper.",
    "“Is it closed?” she asked.",
    "The harbour is closed, according to the port.",
    "“It is closed,” a sign reads.",
]
BOTH = [
    "“It is closed,” said Ms Ito, “and it will stay so.”",
    "The harbour, said the mayor, is closed.",
    "“It is closed,” he said, claiming that boats had sunk.",
    "The port said the harbour was closed, Ms Ito recalled.",
]
NONE = [
    "The harbour is closed.",
    "“She said the harbour is closed.”",
    "The report by the port is long.",
    "A recent claim came to nothing.",
    "What did you say?",
    "They said nothing.",
    "She declined to say whether it is closed.",
    "We asked the port to reply.",
    "If you agree, sign below.",
    "Sultan Said bin Omar left.",
    "It is a firework called “star”.",
    "The Morning Report has closed.",
    "The judges’ claims are old.",
    "That’s according to the port.",
    "The stated goals were met.",
    "Take note, for it is late.",
    "The police questioned the suspect who had left.",
    "Member states signed the deal.",
]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (text, state)
        for state, examples in zip(STATES, (NONE, BEFORE, AFTER, BOTH), strict=True)
        for text in examples
    ],
)
def test_examples(text: str, state: str) -> None:
    _, found = heed(text)
    assert [STATES[each] for each in found.state] == [state]


def test_the_cue_is_told() -> None:
    text = "The report is late. Kim said it claims that ships sank, according to Lee."
    batch, found = heed(text)
    cues = [text[batch.start[token] : batch.end[token]] for token in np.flatnonzero(found.cue)]
    assert cues == ["said", "claims", "according"]
    assert found.state.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("Said", Role.SAY),
        ("closing", Role.ING),
        ("mayor’s", Role.DETERMINER),
        ("sailed", Role.PAST),
    ],
)
def test_roles(word: str, role: Role) -> None:
    assert roles(word) & role
    assert not roles("harbour")


PIECES = [
    "“",
    "”",
    '"',
    ",",
    ".",
    ":",
    " ",
    "\n",
    " said",
    " claims",
    " that",
    " the",
    " Lee",
    " to",
]
PIECES += [" according", " is", " I", " reportedly", " called", " —", " denied", " saying", " as"]
texts = st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=30).map("".join))


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=4))
def test_a_batch_is_its_texts_one_by_one(batch_texts: list[str]) -> None:
    batch, together = heed(*batch_texts)
    assert together.cue.shape == (len(batch),)
    alone = [heed(text)[1] for text in batch_texts]
    nothing = np.zeros(0, np.int64)
    np.testing.assert_array_equal(
        together.state, np.concatenate([nothing, *(each.state for each in alone)])
    )
    np.testing.assert_array_equal(
        together.cue, np.concatenate([nothing, *(each.cue for each in alone)])
    )
    cues = np.bincount(batch.sentence[together.cue], minlength=len(together.state))
    np.testing.assert_array_equal(cues > 0, together.state > 0)


# --- real articles ------------------------------------------------------------------------

DATA = Path(__file__).parent / "data"
READ = {"voice.jsonl": 0.99, "attribution.jsonl": 0.97}
"""Articles read by hand, and the share of their sentences that must be right.

The rules were made on the thirty of `voice.jsonl`. The thirty of `attribution.jsonl` were read
ten at a time, each time after the rules had been fixed: 0.941, 0.925 and 0.934 were right (of 220,
199 and 257). That is what to expect of a new article; only then were the rules mended by them.
"""


def truth(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", READ)
def test_what_was_read_by_hand_is_well_formed(name: str) -> None:
    articles = truth(name)
    assert len({article["sha256"] for article in articles}) == len(articles) == 30
    rows = [row for article in articles for row in article["sentences"]]
    states = Counter(row[-1] for row in rows)
    assert set(states) == set(STATES)
    assert not [row for row in rows if row[2] == "quoted" and row[-1] != "none"]
    assert states["before"] > 130
    assert states["after"] > 40


def wrong(text: str, article: dict[str, Any]) -> list[str]:
    """Sentences that were not found, or whose state is not what a reader saw."""
    batch, found = heed(text)
    ends = batch.end[batch.sentence_start[1:] - 1].tolist()
    bounds = zip(batch.start[batch.sentence_start[:-1]].tolist(), ends, strict=True)
    states = dict(zip(bounds, found.state.tolist(), strict=True))
    return [
        f"{article['id']}[{start}:{end}] {state}"
        for start, end, *_, state in article["sentences"]
        if (start, end) not in states or STATES[states[start, end]] != state
    ]


@pytest.mark.skipif("FRAMING_TEXTS" not in os.environ, reason="FRAMING_TEXTS names no folder")
@pytest.mark.parametrize(("name", "floor"), READ.items())
def test_articles_as_a_reader_sees_them(name: str, floor: float) -> None:
    contents = [path.read_bytes() for path in Path(os.environ["FRAMING_TEXTS"]).rglob("*.txt")]
    known = {hashlib.sha256(data).hexdigest(): data.decode("utf-8") for data in contents}
    articles = truth(name)
    missing = [article["id"] for article in articles if article["sha256"] not in known]
    assert not missing, f"no texts with these hashes in FRAMING_TEXTS: {missing}"
    total = sum(len(article["sentences"]) for article in articles)
    bad = [each for article in articles for each in wrong(known[article["sha256"]], article)]
    print(f"{name}: {1 - len(bad) / total:.4f} of {total}", *bad, sep="\n")  # noqa: T201 - asked for
    assert len(bad) <= (1 - floor) * total, bad
