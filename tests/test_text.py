"""Tokens tile the text, offsets point at their words, sentences end where they end."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import read as plainly_read

from framing.cues import roles
from framing.pieces import (
    DOUBLE_QUOTES,
    PIECE,
    QUOTES,
    SINGLE_QUOTES,
    WORD_LIMIT,
    Flag,
    Lexicon,
    describe,
)
from framing.text import Batch, read

MARKS = ["“", "”", '"', "‘", "’", "'", ".", "!", "?", "…", ",", ":", "—", "(", ")", "@", "\u0301"]
GAPS = ["", " ", "\n", "\r\n", "\u2028", "\t", "\u00a0", "\ufeff", "\u2060"]
WORDS = [
    "Go",
    "he",
    "said",
    "U.S.",
    "p.m.",
    "1,000",
    "3.5",
    "so-called",
    "don’t",
    "é",
    "_x",
    "Mr",
    "Lee",
    "12",
]
texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from([*MARKS, *GAPS, *WORDS, "😀", "\ufeff"]), max_size=40).map("".join),
)


def words_of(text: str) -> list[str]:
    lexicon = Lexicon()
    return [lexicon.words[row] for row in read([text], lexicon).row]


def sentences_of(text: str) -> list[str]:
    batch = read([text], Lexicon())
    first, last = batch.sentence_start[:-1], batch.sentence_start[1:] - 1
    return [text[start:end] for start, end in zip(batch.start[first], batch.end[last], strict=True)]


def lines_of(batch: Batch) -> list[tuple[int, int]]:
    return list(zip(batch.line_start[:-1].tolist(), batch.line_start[1:].tolist(), strict=True))


# --- pieces and offsets -------------------------------------------------------------------


@settings(deadline=None)
@given(texts)
def test_pieces_tile_any_text(text: str) -> None:
    assert "".join(PIECE.findall(text)) == text


def blank(text: str) -> bool:
    """Whether nothing in it can be seen."""
    return not re.sub("[\ufeff\u2060]", "", text).strip()


@settings(deadline=None)
@given(st.lists(texts, max_size=4))
def test_offsets_point_at_the_words(batch_texts: list[str]) -> None:
    lexicon = Lexicon()
    batch = read(batch_texts, lexicon)
    assert batch.document_start[-1] == len(batch)
    for document, text in enumerate(batch_texts):
        first, end = batch.document_start[document : document + 2]
        reached = 0
        for token in range(first, end):
            start, stop = int(batch.start[token]), int(batch.end[token])
            assert blank(text[reached:start])
            assert text[start:stop][:WORD_LIMIT] == lexicon.words[batch.row[token]] != ""
            assert batch.document[token] == document
            reached = stop
        assert blank(text[reached:])


@settings(deadline=None, max_examples=400)
@given(st.lists(texts, max_size=4))
def test_a_batch_is_its_texts_one_by_one(batch_texts: list[str]) -> None:
    together = read(batch_texts, Lexicon())
    begin = 0
    for document, text in enumerate(batch_texts):
        alone = read([text], Lexicon())
        mine = together.document == document
        np.testing.assert_array_equal(together.start[mine], alone.start)
        np.testing.assert_array_equal(together.flags[mine], alone.flags)
        for name in ("sentence", "line"):
            numbers = getattr(together, name)[mine]
            np.testing.assert_array_equal(numbers - numbers[:1].sum(), getattr(alone, name))
        begin += len(alone)
    assert begin == len(together)


@settings(deadline=None)
@given(st.lists(texts, max_size=4))
def test_sentences_lie_in_lines_and_lines_in_documents(batch_texts: list[str]) -> None:
    batch = read(batch_texts, Lexicon())
    for starts, numbers in (
        (batch.sentence_start, batch.sentence),
        (batch.line_start, batch.line),
    ):
        assert starts[-1] == len(batch)
        assert (np.diff(starts) > 0).all()
        np.testing.assert_array_equal(
            np.repeat(np.arange(len(starts) - 1), np.diff(starts)), numbers
        )
    assert set(batch.line_start.tolist()) <= set(batch.sentence_start.tolist())
    for start, end in lines_of(batch):
        assert len(set(batch.document[start:end].tolist())) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("U.S. aid fell", ["U.S.", "aid", "fell"]),
        ("at 5 p.m. sharp", ["at", "5", "p.m.", "sharp"]),
        ("paid 1,000.50 twice.", ["paid", "1,000.50", "twice", "."]),
        ("The so-called reform", ["The", "so-called", "reform"]),
        ("it isn’t rock'n'roll", ["it", "isn’t", "rock'n'roll"]),
        ("the boys’ toys", ["the", "boys", "’", "toys"]),
        ("“Go!”", ["“", "Go", "!", "”"]),
        ("cafe\u0301 noir", ["cafe\u0301", "noir"]),
        ("\ufeffThe mayor\ufeff", ["The", "mayor"]),
        ("a\u2060b \u2060\n\ufeff c\u2060 ", ["a", "b", "c"]),
        ("\ufeff", []),
        ("so-called -ed co- a--b", ["so-called", "-", "ed", "co", "-", "a", "-", "-", "b"]),
        ("1,000,000.5 and 3. 5", ["1,000,000.5", "and", "3", ".", "5"]),
        ("x. _y.z. 1.a.", ["x", ".", "_y", ".", "z", ".", "1", ".", "a", "."]),
        ("a.\n b", ["a", ".", "b"]),
        ("a \ud800\n😀", ["a", "\ud800", "😀"]),
        (" \n", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_white_space_at_the_end_is_no_token() -> None:
    assert sentences_of("It rained.\n\n \t\n") == ["It rained."]


def test_marks_of_no_width_are_counted() -> None:
    batch = read(["\ufeffThe\u2060 mayor\ufeff"], Lexicon())
    assert (batch.start.tolist(), batch.end.tolist()) == ([1, 6], [4, 11])


def test_a_long_word_is_cut_but_its_offsets_are_not() -> None:
    text = "a " + "b" * 500 + " c"
    batch = read([text], Lexicon())
    assert words_of(text)[1] == "b" * WORD_LIMIT == "b" * 64
    assert batch.end.tolist() == [1, 502, 504]


@pytest.mark.parametrize(
    ("piece", "flags"),
    [
        (" Mr", Flag.SPACE | Flag.WORD | Flag.UPPER | Flag.ABBREVIATION),
        ("\n\nThe", Flag.SPACE | Flag.LINE | Flag.WORD | Flag.UPPER | Flag.STARTER),
        ("the", Flag.WORD | Flag.LOWER),
        ("NATO", Flag.WORD | Flag.UPPER | Flag.CAPITALS),
        ("J", Flag.WORD | Flag.UPPER | Flag.ABBREVIATION),
        ("90s", Flag.WORD | Flag.DIGIT | Flag.CLIPPED | Flag.TRAILS),
        ("90s-era", Flag.WORD | Flag.DIGIT | Flag.CLIPPED),
        ("1990", Flag.WORD | Flag.DIGIT),
        ("said", Flag.WORD | Flag.LOWER | Flag.REPORT | Flag.SPEECH),
        ("quipped", Flag.WORD | Flag.LOWER | Flag.SPEECH),
        ("tweets", Flag.WORD | Flag.LOWER | Flag.REPORT | Flag.SPEECH | Flag.POST | Flag.TRAILS),
        ("p.m.", Flag.WORD | Flag.LOWER | Flag.DOTTED),
        ("!", Flag.STOP | Flag.TONE),
        (" —", Flag.SPACE | Flag.BREAK | Flag.DASH),
        ("@", Flag.AT),
        ("\u20ac", Flag.CURRENCY),
        ("\u20b9", Flag(0)),
        ("\u20ac5", Flag(0)),
        ("I", Flag.WORD | Flag.UPPER | Flag.STARTER),
        ("A", Flag.WORD | Flag.UPPER | Flag.ABBREVIATION | Flag.STARTER),
        ("Āb", Flag.WORD | Flag.UPPER),
        ("_x", Flag.WORD | Flag.LOWER | Flag.TRAILS),
        ("_", Flag.WORD | Flag.LOWER),
        ("90’s", Flag.WORD | Flag.DIGIT | Flag.CLIPPED | Flag.TRAILS),
        ("90", Flag.WORD | Flag.DIGIT | Flag.CLIPPED),
        ("90th", Flag.WORD | Flag.DIGIT),
        ("1990s", Flag.WORD | Flag.DIGIT | Flag.TRAILS),
        ("Which", Flag.WORD | Flag.UPPER | Flag.CLAUSE_WORD),
        ("while", Flag.WORD | Flag.LOWER | Flag.CLAUSE_WORD),
        ("\tWhile", Flag.SPACE | Flag.WORD | Flag.UPPER | Flag.CLAUSE_WORD | Flag.STARTER),
        ("U.S.", Flag.WORD | Flag.UPPER | Flag.CAPITALS | Flag.DOTTED),
        ("lax", Flag.WORD | Flag.LOWER | Flag.TRAILS),
        ("jazz", Flag.WORD | Flag.LOWER | Flag.TRAILS),
        ("GOIN", Flag.WORD | Flag.UPPER | Flag.CAPITALS | Flag.TRAILS),
        ("ol", Flag.WORD | Flag.LOWER | Flag.TRAILS),
    ],
)
def test_flags(piece: str, flags: Flag) -> None:
    assert Flag(describe(piece)[1]) == flags


def test_every_flag_is_a_bit() -> None:
    assert [flag.value for flag in Flag] == [1 << bit for bit in range(31)]


MARKED = {
    ".…": Flag.STOP,
    "!?": Flag.STOP | Flag.TONE,
    "“«„‟": Flag.OPEN_QUOTE,
    "”»": Flag.CLOSE_QUOTE,
    '"': Flag.STRAIGHT_QUOTE,
    "‘‚": Flag.OPEN_SINGLE,
    "’": Flag.CLOSE_SINGLE,
    "'`": Flag.STRAIGHT_SINGLE,
    "([{": Flag.OPEN_BRACKET | Flag.BREAK,
    ")]}": Flag.CLOSE_BRACKET | Flag.BREAK,
    ",;|•*": Flag.BREAK,
    "–—-": Flag.BREAK | Flag.DASH,
    ":": Flag.BREAK | Flag.COLON,
    "@": Flag.AT,
    "#%/\u0301": Flag(0),
}


@pytest.mark.parametrize(("marks", "flags"), MARKED.items())
def test_marks(marks: str, flags: Flag) -> None:
    assert [describe(mark) for mark in marks] == [(mark, int(flags)) for mark in marks]
    assert [describe(" " + mark) for mark in marks] == [
        (mark, int(flags | Flag.SPACE)) for mark in marks
    ]


def test_quotation_marks() -> None:
    double = {Flag.OPEN_QUOTE, Flag.CLOSE_QUOTE, Flag.STRAIGHT_QUOTE}
    single = {Flag.OPEN_SINGLE, Flag.CLOSE_SINGLE, Flag.STRAIGHT_SINGLE}
    assert (set(DOUBLE_QUOTES), set(SINGLE_QUOTES)) == (double, single)
    assert set(QUOTES) == double | single


MEMBERS = {
    Flag.SPEECH: (
        "began captioned cited cites concluded continued countered cried demanded excerpt exclaimed "
        "interjected joked laughed message messages muttered observed pleaded posted quipped read "
        "reads remarked screamed shouted sighed tweet tweets whispered wondered yelled said warned"
    ),
    Flag.POST: "tweet tweets tweeted tweeting post posts posted",
    Flag.CLIPPED: "em til tis twas n cause cuz bout",
    Flag.TRAILS: "boys x fez goin ol",
}


@pytest.mark.parametrize(("flag", "members"), MEMBERS.items())
def test_words_of_a_class(flag: Flag, members: str) -> None:
    for word in members.split():
        assert describe(word)[1] & flag, word
        assert describe(f" {word.upper()}")[1] & flag, word
    assert not describe("crowd")[1] & flag


@pytest.mark.parametrize("space", list("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
def test_line_breaks(space: str) -> None:
    assert Flag(describe(f" {space} x")[1]) & (Flag.SPACE | Flag.LINE) == Flag.SPACE | Flag.LINE
    assert lines_of(read([f"a{space}b"], Lexicon())) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("space", [" ", "\t", "\xa0", "\x1f", "\u2003"])
def test_no_line_breaks(space: str) -> None:
    assert Flag(describe(f"{space}x")[1]) & (Flag.SPACE | Flag.LINE) == Flag.SPACE


# --- sentences ----------------------------------------------------------------------------

TWO = [
    "It rained. | We left.",
    "It rained! | We left.",
    "Did it rain? | We left.",
    "It rained… | We left.",
    "It rained (hard). | We left.",
    "It rained. | (We left.)",
    "It rained. | “We left,” she said.",
    "“It rained.” | We left.",
    "“It rained.” | “We left.”",
    "He called it ‘art’. | She laughed.",
    "He lives in the U.S. | The rest live abroad.",
    "It opens at 9 a.m. | But nobody comes.",
    "It rained.\n|We left",
    "No stop here\n|We left",
    "“We won.” | Ms Ito said the count would go on.",
    "“We won!” | The crowd said nothing.",
    "“We won!” | She said nothing.",
    "“Who won?” | Ito said, “We did.”",
    "“We won!” | Ito left the hall.",
    "He paid 12. | She paid 13.",
    'He left. | " We stay," she said.',
    ".” | The end.",
    " ! | Go.",
    'Why? | "he asked.',
    "“We won,” he said. | Ito left.",
    "It rained! | Ito said so.",
    "He saw Dr . | Lee left.",
    "“Why?” | Ito went and asked.",
]
ONE = [
    "Mr. Ito and Dr. Lee met Gen. Park.",
    "U.S. officials met E.U. envoys.",
    "J. R. R. Ito met S. Lee.",
    "It costs $3.5 or 1,000.50 a day.",
    "It opens at 9 a.m. sharp on Jan. 3.",
    "“Go!” he said.",
    "“Go!” said Ms Ito.",
    "“Go!” Ito said.",
    "“Why?” Mary Jones asked the clerk.",
    "“Why?” President Mary K. Jones asked the clerk.",
    "“Did she say ‘yes’?” Jones wondered.",
    "“So he asked, ‘Why?’” Jones recalled.",
    '"Really?" Jones countered, before Lee, smiling, said, "Yes."',
    "“I do.” Jones said.",
    "“Never…” Jones said.",
    'They asked: "Why us? " she wrote.',
    "It is about this: 'are we alone?' \"",
    "1. Count your steps",
    "12. The long way home",
    "Wow! that was close.",
    "It ended .",
    "“Why?” Ann asked",
    "“Why?” Ann asked again and again",
    "“Go!” Ann B. Lee said.",
    "‘Why?’ Ito asked.",
    "'Why?' Ito asked.",
    'Why? " he, too, asked.',
    "“Why?” Ito asked her “again”.",
]


@pytest.mark.parametrize("marked", TWO)
def test_two_sentences(marked: str) -> None:
    parts = marked.split("|")
    assert sentences_of("".join(parts)) == [part.strip() for part in parts]


@pytest.mark.parametrize("text", ONE)
def test_one_sentence(text: str) -> None:
    assert sentences_of(text) == [text]


def test_a_closing_mark_at_the_end_of_a_line_goes_with_what_it_closes() -> None:
    assert sentences_of('Go! "\nHe left.') == ['Go! "', "He left."]


def test_nobody_speaks_in_the_next_text() -> None:
    batch = read(["“Why?” Ito", "asked him."], Lexicon())
    assert batch.sentence_start.tolist() == [0, 4, 5, 8]


def test_white_space_alone_is_a_piece_of_the_pattern() -> None:
    assert PIECE.findall("a \n") == ["a", " \n"]


def test_a_name_in_the_next_line_is_no_speaker() -> None:
    assert sentences_of("“Why?”\nJones said no.") == ["“Why?”", "Jones said no."]


SPOKEN = (
    "“Go", "“Why", "‘So", "Go", "Why", "he", "Ann", "Lee", "K.", "The", "Mr.", "U.S.", "p.m.", "go",
    "asked", "said", "Said", "1", "12", ".", "!", "?", "…", ",", ":", "”", "’", '"', ")", "(", "“",
    ".”", "!”", "?”", ".’”", ".)", ",”",
)  # fmt: skip
SPEECHES = st.lists(
    st.tuples(st.sampled_from(["", " ", " ", "\n"]), st.sampled_from(SPOKEN)).map("".join),
    max_size=16,
).map("".join)
"""Stops, closing marks, names and verbs in any order."""


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(SPEECHES, texts), max_size=3))
def test_sentences_as_plain_loops_find_them(batch_texts: list[str]) -> None:
    batch = read(batch_texts, Lexicon())
    for document, text in enumerate(batch_texts):
        mine = batch.document == document
        plain = plainly_read(text)
        for name in ("sentence", "line"):
            numbers = getattr(batch, name)[mine]
            assert (numbers - numbers[:1].sum()).tolist() == [getattr(each, name) for each in plain]


@pytest.mark.parametrize(
    ("name", "number"),
    [("Ito", 1), ("Ann B. Ito", 1), ("Ann Bo Cy Di Ed Flo", 1), ("Ann Bo Cy Di Ed Flo Gus", 2)],
)
def test_a_name_may_have_six_words(name: str, number: int) -> None:
    assert len(sentences_of(f"“Why?” {name} asked. It fell.")) == number + 1


# --- batches and lexicons -----------------------------------------------------------------


def test_a_batch() -> None:
    lexicon = Lexicon()
    batch = read(["It fell.\nHe ran. “Go!”", "", "It fell"], lexicon)
    assert lexicon.words == ["It", "fell", ".", "He", "ran", "“", "Go", "!", "”"][: len(lexicon)]
    assert batch.row.tolist() == [0, 1, 2, 3, 4, 2, 5, 6, 7, 8, 0, 1]
    assert batch.start.tolist() == [0, 3, 7, 9, 12, 15, 17, 18, 20, 21, 0, 3]
    assert batch.end.tolist() == [2, 7, 8, 11, 15, 16, 18, 20, 21, 22, 2, 7]
    assert batch.document.tolist() == [0] * 10 + [2] * 2
    assert batch.document_start.tolist() == [0, 10, 10, 12]
    assert batch.sentence_start.tolist() == [0, 3, 6, 10, 12]
    assert batch.line_start.tolist() == [0, 3, 10, 12]
    assert batch.has(Flag.STOP | Flag.OPEN_QUOTE).nonzero()[0].tolist() == [2, 5, 6, 8]
    assert batch.texts == ["It fell.\nHe ran. “Go!”", "", "It fell"]
    whole = ("row", "start", "end", "document", "sentence", "line")
    assert {getattr(batch, name).dtype for name in whole} == {np.dtype(np.int64)}
    assert batch.flags.dtype == np.int32


def test_a_lexicon_grows() -> None:
    lexicon = Lexicon()
    names = [f"{' ' * (number % 3)}w{number}" for number in range(5000)]
    for end in (3, 1024, 1025, 1500, 5000):
        rows = [lexicon[name] for name in names[:end]]
        lexicon.grow()
        assert rows == list(range(end))
        assert lexicon.words == [name.strip() for name in names[:end]]
        assert lexicon.lengths.tolist() == [len(name) for name in names[:end]]
        assert lexicon.leads.tolist() == [number % 3 for number in range(end)]
        assert lexicon.flags.tolist() == [describe(name)[1] for name in names[:end]]
        assert lexicon.roles.tolist() == [0] * end
        columns = (lexicon.lengths, lexicon.leads, lexicon.flags, lexicon.roles)
        assert {column.dtype for column in columns} == {np.dtype(np.int32)}


def test_roles_of_pieces() -> None:
    lexicon = Lexicon()
    read(["He denied it"], lexicon)
    assert lexicon.roles.tolist() == [roles("He"), roles("denied"), roles("it")]
    assert roles("denied")


def test_a_lexicon_forgets() -> None:
    lexicon = Lexicon()
    read(["one two"], lexicon)
    lexicon.reset()
    assert len(lexicon) == 0
    assert [lexicon.words[row] for row in read(["three"], lexicon).row] == ["three"]
