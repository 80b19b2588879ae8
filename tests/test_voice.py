"""Who is speaking: invented examples of every shape, and real articles read by hand.

`data/voice.jsonl` holds what a careful reader saw in 30 articles, without their text:

- `quotations`: code points of every quotation, its marks included, and of posts,
  reprinted paragraphs and turns of transcripts without their authors' names. What is
  quoted inside a quotation is part of it; a quotation over several paragraphs may stand
  as one or as one for each;
- `sentences`: code points of every sentence that has a word, whether all, some or
  none of its words are quoted, and what it attributes (`test_attribution`).
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

from framing.pieces import Flag, Lexicon
from framing.text import Batch, read
from framing.voice import Voice, listen, silent


def hear(*batch_texts: str) -> tuple[Batch, Voice]:
    batch = read(batch_texts, Lexicon())
    return batch, listen(batch)


def quotations(text: str) -> list[str]:
    batch, voice = hear(text)
    bounds = zip(batch.start[voice.start], batch.end[voice.end - 1], strict=True)
    return [text[start:end] for start, end in bounds]


# --- marks: quotations stand between | | --------------------------------------------------

MARKED = {
    "curly": "|“We leave at noon,”| said Ms Ito. |“Nobody stays.”|",
    "curly, said before": "Ms Ito said: |“We leave.”| Nobody stayed.",
    "straight": '|"We leave at noon,"| said Ms Ito. |"Nobody stays."|',
    "straight, said before": 'Ms Ito said: |"We leave."| Nobody stayed.',
    "said between": "|“I’m here,”| he said, |“and you’re not.”|",
    "single": "|‘We leave at noon,’| said Ms Ito. |‘Nobody’s boys’ toys stay.’|",
    "straight single": "|'We leave at noon,'| said Ms Ito. |'The boys' toys stay.'|",
    "a phrase": "It’s |‘so-called’| progress, |“so to speak”|, or |'real'|.",
    "angled and low marks": "|„Wir“| sagte er. |«Non»|, dit-elle.",
    "stop after the mark": "She calls it |“awful”|. He calls it |‘grand’|.",
    "in brackets": "It is over (|“at last”|, |‘truly’|).",
    "between dashes": 'Rules—|"silly ones"|—were made.',
    "after a slash and a colon": 'Sign reads:|"Keep out"|.',
    "whole line": "|“Give me your tired.”|\nThat was the plaque.",
    "no space after": 'He said |"I am."|She left.',
    "no space before": "She wrote,|“I am here.”| He left.",
    "mark cut off": '|"Why? "| she asked.',
    "mark cut off at the end": "She said: |\"Are we 'alone'? \"|",
    # apostrophes
    "apostrophes": "O’Neil isn’t in; 'tis the players' fault, rock 'n' roll's and the Smiths’.",
    "years": "In the '90s, the ‘60s and the '70s-style class of '98 we told 'em so.",
    "possessive before a quotation": "Fans call it the players' |'final'| match.",
    "possessive in a quotation": "She said |'the viewers' time is up'| on air.",
    "possessives after a quotation": "The word |'boss'| is Dutch; the boys' game is English.",
    "dropped letters": "Al said |‘I ain’t rollin’ up to a motel.’| He was talkin’ tough.",
    "apostrophe in a double quotation": "|“The boys’ own ‘club’ ain’t ours,”| he said.",
    # nesting
    "single in double": "|“He told me ‘go home’ and I went,”| she said.",
    "double in single": "|‘He told me “go home” and I went,’| she said.",
    "double in double": '|"He told me "go home" and I went,"| she said.',
    "curly in curly": "|“He told me “go home” and I went,”| she said.",
    "ending together": "|“He asked, ‘Why?’”| Then |‘he said “no.”’|",
    "straight outside, curly inside": '|"It was ‘awful’ and ‘sad’,"| he said.',
    # inches and feet
    "inches": 'He is 6\'2" tall and the plank is 16" wide.',
    "inches beside a quotation": 'They sell 12" pizzas, 14" pizzas and |"huge"| pies.',
    "inches in a quotation": '|"He is 6\'2" tall,"| said Ito.',
    # the wrong marks
    "curly mark turned": "the |“experts“| and the |”experts”| met |‘there‘| again",
    "two singles": "|''One,''| she said. |``Two,''| he said. |‘’Three,’’| they said.",
    "two singles close a curly": "|“Life goes on,’’| said Lee, who left.",
    "straight opens, curly closes": '|"We leave,”| she said. |“We stay,"| he said.',
    "opened twice": "She said. |“”We leave,”| and left.",
    "never closed, another opens": 'The "Peace for all group met the |"Free Rally"| group.',
    "stray closing mark": "Rain hit the south” and the |“north”| too.",
    # paragraphs
    "over paragraphs, curly": "|“One.|\n\n|“Two.|\n\n|“Three,”| she said.\n\nFour.",
    "over paragraphs, straight": 'She said: |"One.|\n|"Two.|\n|"Three,"| and left.\nFour.',
    "over paragraphs, single": "|‘One.|\n|‘Two.|\n|‘Three,’| she said.\nFour.",
    "paragraphs run together": "|“One. “Two. “Three,”| she said. Four.",
    "goes on without a mark": "|“One.\nTwo.\nThree,”| she said.\nFour.",
    "broken by a line": '|"One\ntwo,"| she said.\nFour.',
    "never closed, curly": "She said: |“One. Two.|\nThree.",
    "never closed, straight": 'She said, |"One. Two.|\nThree.',
    "never closed, single": "She said, 'One. Two.\nThree.",
    "closed a line late": 'She said: |"One.|\n"He said: |"Two."|',
    "closed a line late, and another opens": 'She said: |"One.\n"||"Two,"| he said.',
    "stray mark before a line": 'She said: |"One.|\n"The Union, she said, is large.\nFour.',
    "not in the next document's line": "She said |“One”|.\nTwo” she said.",
}


@pytest.mark.parametrize("marked", MARKED.values(), ids=MARKED)
def test_marks(marked: str) -> None:
    text = marked.replace("|", "")
    expected, reached = [], 0
    for number, part in enumerate(marked.split("|")):
        if number % 2:
            expected.append((reached, reached + len(part)))
        reached += len(part)
    batch, voice = hear(text)
    bounds = zip(batch.start[voice.start], batch.end[voice.end - 1], strict=True)
    assert list(bounds) == expected
    assert voice.marked.all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "'",
        '"',
        "”",
        "No marks at all.",
        "The dogs' and cats' food is cheap.",
        "He’s the Jones’s cousin.",
        'A 16" screen\nis wide.',
        "5’ 11” tall",
    ],
)
def test_no_quotation(text: str) -> None:
    assert quotations(text) == []


# --- posts --------------------------------------------------------------------------------


def test_a_post_is_its_authors() -> None:
    text = "We are here. Go now! — Ann Lee (@annlee) May 3, 2019\nShe left."
    batch, voice = hear(text)
    assert quotations(text) == ["We are here. Go now!"]
    assert voice.marked.tolist() == [False]
    assert voice.quoted.sum() == voice.end[0] - voice.start[0]
    assert batch.flags[voice.end[0]] & Flag.DASH


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Hot.— A. Lee (@al) May 3, 2019 Wet. — B (@b_) May 4, 2019 Rain fell.", ["Hot.", "Wet."]),
        ("Ito wrote.\nWe are here.\n— Ann Lee (@annlee) May 3, 2019\nEnd.", ["We are here."]),
        ("Ito sang.\nOne.  \nTwo.\n— Ann Lee (@annlee) May 3, 2019", ["One.  \nTwo."]),
        ('"Go," I said. pic.example/1 - Lee (@al)', ['"Go," I said. pic.example/1']),
        ("— Ann Lee (@annlee) May 3, 2019\nEnd.", []),
        ("Follow us on Chirp (@news) and elsewhere.", []),
        ("A post shared by Ann Lee (@annlee) on", []),
        ("Write to lee@example.org — or call.", []),
    ],
)
def test_posts(text: str, quoted: list[str]) -> None:
    assert quotations(text) == quoted


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("He explained it in several tweets.\nI told @news what I knew of it.", True),
        ("He explained it in several letters.\nI told @news what I knew of it.", False),
        ("He explained it in several tweets.\nWe told nobody what we knew of it.", False),
        ("She tweeted, “Go.”\nLee’s team tweeted “Thanks, @lee” in reply.", False),
    ],
)
def test_a_line_with_a_handle_after_one_about_posts(text: str, quoted: bool) -> None:
    assert (text.split("\n")[1] in quotations(text)) == quoted


# --- reprinted paragraphs -----------------------------------------------------------------

NEXT = "The harbour will close on Monday and stay shut."


@pytest.mark.parametrize(
    "announcement",
    [
        "The agency wrote:",
        "Harbour News reported:",
        "The Daily Wave similarly reports:",
        "She told The Daily Wave:",
        "It is described so in this tweet:",
        "He denied the minister’s claims:",
        "The columnist had this to say:",
        "The office issued the following statement:",
    ],
)
def test_what_is_announced_is_quoted(announcement: str) -> None:
    assert quotations(f"{announcement}\n{NEXT}\nBoats left.") == [NEXT]


@pytest.mark.parametrize(
    "announcement",
    ["Here is what to know:", "More:", "The agency wrote.", "The plan, he said, has three parts:"],
)
def test_what_is_not_announced_is_the_articles(announcement: str) -> None:
    assert quotations(f"{announcement}\n{NEXT}\nBoats left.") == []


def test_announced_words_with_marks_end_with_them() -> None:
    text = "The agency wrote:\n“The harbour will close.” Boats left before it did."
    assert quotations(text) == ["“The harbour will close.”"]


def test_a_heading_is_not_announced() -> None:
    assert quotations("Here is what readers say:\nWhat It Costs\nBoats left.") == []


def test_an_announcement_does_not_reach_the_next_document() -> None:
    assert len(hear("The agency wrote:", NEXT)[1].start) == 0


# --- transcripts --------------------------------------------------------------------------


def test_turns() -> None:
    text = (
        "We met the mayor.\nQ: Why now, of all times?\nA: It is time.\nIt truly is. I know.\n"
        "Q: And then?\nA: We wait.\nThat was all."
    )
    expected = ["Why now, of all times?", "It is time.", "It truly is. I know.", "And then?"]
    assert quotations(text) == [*expected, "We wait."]


def test_turns_of_named_speakers_and_dashes() -> None:
    text = "ANN LEE: Why?\n- Because.\nLEE: So?\nKIM: Ask me.\nLEE: I do.\n- Well--\nKIM: No."
    expected = ["Why?", "Because.", "So?", "Ask me.", "I do.", "Well--", "No."]
    assert quotations(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "PHOTO: Lee\nPHOTO: Kim\nPHOTO: Ito\nPHOTO: Who is it?",
        "Unleaded: 149.9\nDiesel: 148.9\nUnleaded: 150.1\nDiesel: 151.0",
        "MORE: Will it rain?\nWATCH: The storm\nREAD: The wind\nALSO: The sun",
        "Q: Why now?\nA: It is time.",
        "- Milk\n- Eggs\n- Bread\n- Why not?",
    ],
)
def test_labels_that_are_no_turns(text: str) -> None:
    assert quotations(text) == []


def test_lines_far_from_a_turn_are_the_articles() -> None:
    turns = "Q: Why?\nA: No.\n"
    text = turns + turns + "One.\nTwo.\nThree.\nFour.\nFive.\n" + turns
    assert not set(quotations(text)) & {"One.", "Two.", "Three.", "Four.", "Five."}
    assert len(quotations(text)) == 6


# --- any text -----------------------------------------------------------------------------

PIECES = [
    *("“", "”", '"', "‘", "’", "'", "`", "«", "''", "’’", "(", ")", ".", "?", ",", ":", "—", "@"),
    *(" ", " ", "\n", " \n", "he", "said", "boys", "12", "'90s", "tweets", "said:\n", "Q: ", "A: "),
    *(
        "\nLEE: ",
        "\n- ",
        " — Al (@al) May 3, 2019 ",
        "No. ",
        "Why? ",
        "",
        "one two three four five",
    ),
]
texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@settings(deadline=None, max_examples=300)
@given(st.lists(texts, max_size=4))
def test_quotations_are_in_order_and_in_bounds(batch_texts: list[str]) -> None:
    batch, voice = hear(*batch_texts)
    assert voice.quoted.shape == (len(batch),)
    assert voice.start.shape == voice.end.shape == voice.marked.shape
    assert (voice.start < voice.end).all()
    assert (voice.end[:-1] <= voice.start[1:]).all()
    assert ((voice.start >= 0) & (voice.end <= len(batch))).all()
    inside = [np.arange(*pair) for pair in zip(voice.start, voice.end, strict=True)]
    quoted = np.concatenate([*inside, np.zeros(0, np.int64)])
    np.testing.assert_array_equal(np.flatnonzero(voice.quoted), quoted)
    np.testing.assert_array_equal(batch.document[voice.start], batch.document[voice.end - 1])


@settings(deadline=None, max_examples=300)
@given(st.lists(texts, max_size=4))
def test_a_batch_is_its_texts_one_by_one(batch_texts: list[str]) -> None:
    batch, together = hear(*batch_texts)
    for document, text in enumerate(batch_texts):
        _, alone = hear(text)
        mine = batch.document[together.start] == document
        begin = batch.document_start[document]
        np.testing.assert_array_equal(together.start[mine] - begin, alone.start)
        np.testing.assert_array_equal(together.end[mine] - begin, alone.end)
        np.testing.assert_array_equal(together.marked[mine], alone.marked)


@given(texts)
@settings(deadline=None)
def test_silent_hears_nothing(text: str) -> None:
    batch = read([text], Lexicon())
    voice = silent(batch)
    assert not voice.quoted.any()
    assert len(voice.quoted) == len(batch)
    assert len(voice.start) == len(voice.end) == len(voice.marked) == 0


# --- real articles ------------------------------------------------------------------------

TRUTH = Path(__file__).parent / "data" / "voice.jsonl"
FLOOR = 0.99
"""Share of sentences that must begin, end and be quoted as a reader sees it."""


def truth() -> list[dict[str, Any]]:
    return [json.loads(line) for line in TRUTH.read_text("utf-8").splitlines()]


def test_what_was_read_by_hand_is_well_formed() -> None:
    articles = truth()
    assert len({article["id"] for article in articles}) == len(articles) == 30
    for article in articles:
        assert len(article["sha256"]) == 64
        for spans in (article["quotations"], [s[:2] for s in article["sentences"]]):
            edges = [edge for span in spans for edge in span]
            assert edges == sorted(edges)
            assert all(start < end for start, end in spans)
            assert not edges or (edges[0] >= 0 and edges[-1] <= article["chars"])
    kinds = Counter(sentence[2] for article in articles for sentence in article["sentences"])
    assert set(kinds) == {"own", "quoted", "mixed"}
    assert min(kinds.values()) > 200  # none of the three can be neglected


def find_texts(folder: Path) -> dict[str, str]:
    """Texts by the SHA-256 of their UTF-8 bytes."""
    contents = [path.read_bytes() for path in folder.rglob("*.txt")]
    return {hashlib.sha256(data).hexdigest(): data.decode("utf-8") for data in contents}


def judge(text: str, article: dict[str, Any]) -> list[tuple[int, int, str, bool]]:
    """Start, end and kind of each sentence, and whether it was found and heard right."""
    batch, voice = hear(text)
    ends = batch.end[batch.sentence_start[1:] - 1]
    found = set(zip(batch.start[batch.sentence_start[:-1]].tolist(), ends.tolist(), strict=True))
    word = batch.has(Flag.WORD)
    starts, stops, heard = batch.start[word], batch.end[word], voice.quoted[word]
    quoted = np.zeros(len(heard), bool)
    for start, end in article["quotations"]:
        quoted |= (starts >= start) & (stops <= end)
    verdicts = []
    for start, end, kind, _ in article["sentences"]:
        words = (starts >= start) & (stops <= end)
        share = quoted[words].mean()
        assert kind == ("own" if share == 0 else "quoted" if share == 1 else "mixed")
        right = (start, end) in found and bool((quoted[words] == heard[words]).all())
        verdicts.append((start, end, kind, right))
    return verdicts


@pytest.mark.skipif("FRAMING_TEXTS" not in os.environ, reason="FRAMING_TEXTS names no folder")
def test_thirty_articles_as_a_reader_sees_them() -> None:
    known = find_texts(Path(os.environ["FRAMING_TEXTS"]))
    rights: dict[str, list[bool]] = {"own": [], "quoted": [], "mixed": []}
    wrong = []
    for article in truth():
        assert article["sha256"] in known, (
            f"{article['id']}: no text with its hash in FRAMING_TEXTS"
        )
        for start, end, kind, right in judge(known[article["sha256"]], article):
            rights[kind].append(right)
            if not right:
                wrong.append(f"{article['id']}[{start}:{end}] {kind}")
    total = sum(map(len, rights.values()))
    shares = {kind: f"{np.mean(values):.4f} of {len(values)}" for kind, values in rights.items()}
    figure = f"sentences right: {1 - len(wrong) / total:.4f} of {total}"
    print(figure, shares, *wrong, sep="\n")  # noqa: T201 - the figure is what is asked for
    assert len(wrong) <= (1 - FLOOR) * total, wrong
