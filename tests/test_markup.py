"""Markdown and HTML: what is read, and that every character of it is found in the file again."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from framing.markup import read_markup
from framing.markup.markup import Ranges
from framing.prediction import Span

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])


def read(source, suffix):
    found = read_markup(f"a{suffix}", source)
    assert found is not None
    return found


def html(source):
    return read(source, ".html")


def markdown(source):
    return read(source, ".md")


def place(found, words):
    """What stands in the source for some words of the text."""
    start = found.text.index(words)
    first, last = found.locate(start, start + len(words))
    return found.source[first:last]


# --- which files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.html", "x"),
        ("b/A.HTM", "x"),
        ("a.md", "*x"),
        ("a.MarkDown", "*x"),
        ("a.txt", None),
        ("a", None),
        ("md", None),
        (".md", None),
        ("a.html.txt", None),
        ("<stdin>", None),
    ],
)
def test_the_ending_decides(path, text):
    found = read_markup(path, "*<b>x</b>" if ".m" in path.lower() else "<b>x</b>")
    assert (found.text if found else None) == text


# --- HTML -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a <b>bold</b> move", "a bold move"),
        ("<b>un</b>do", "undo"),
        ("<p>One\n  two</p>\n<p>three", "One two\nthree"),
        ("a<br>b<br/>c<hr>d", "a\nb\nc\nd"),
        ("<h1>A</h1>b<ul><li>c<li>d</ul>", "A\nb\nc\nd"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\nb\nc"),
        ("<pre>a\r\nb\n\n c</pre>d\ne", "a\nb\nc\nd e"),
        ("a<!-- b -->c<!-->d<!--->e<!-- f --!>g", "acdeg"),
        ("<!doctype html>a<?php x ?>b</ x>c</>d", "abcd"),
        ("<![CDATA[x]]>a", "a"),
        ("<script>if (a<b) '</p>'</script>a<style>p{}</style>b", "ab"),
        ("<SCRIPT>x</sCript >a", "a"),
        ("<script>x</scripts></script>a", "a"),
        ("<title>T</title><noscript><p>n</p></noscript><textarea><p></textarea>a", "a"),
        ("<template>x<template>y</template>z</template>a", "a"),
        ("<video><p>No video</p></video>a<select><option>b</select>", "a"),
        ("x <svg><title>t</title><path d='>'/></svg> y<svg/> z", "x y z"),
        ("use <code>a<br>b</code> now", "use now"),
        ("<code>never closed<p>a", "a"),
        ("<svg>never closed<p>a", "a"),
        ('<a href="a>b" title=\'>\' x=">">y</a>', "y"),
        ("<a href=/?q='x' y=z>w</a>", "w"),
        ("1 < 2 <3 a<", "1 < 2 <3 a<"),
        ("a<b", "a"),
        ("a<b title='x>y", "a"),
        ("a<!-- b", "a"),
        ("<script>a", ""),
        ("don&#39;t &amp; won&#x2019;t &quot;x&quot;", "don't & won’t \"x\""),
        ("&ampx &notit; &not &unknown; & &# &#x; &;", "&x ¬it; ¬ &unknown; & &# &#x; &;"),
        ("&#0;&#xD800;&#x110000;&#99999999999999999999;&#x80;&#x81;", "\ufffd\ufffd\ufffd\ufffd€\ufffd"),
        ("&NotEqualTilde;&fjlig;", "≂̸fj"),
        ("a&nbsp;b &#32; c&#10;d", "a\xa0b c d"),
        ("un&shy;do\u200bne\xad \ufeffx", "undone x"),
        ("he <q>said</q>", "he “said”"),
        ("\ufeff<p>a", "a"),
        ("  a \t\n b  ", "a b"),
    ],
)  # fmt: skip
def test_html_is_read_as_a_browser_shows_it(source, text):
    assert html(source).text == text


@pytest.mark.parametrize(
    ("source", "words", "stands"),
    [
        ("<p>a don&#39;t b", "don't", "don&#39;t"),
        ("<b>un</b>do it", "undo", "un</b>do"),
        ("&amp;x", "&", "&amp;"),
        ("&notit;", "¬it", "&notit"),
        ("&fjlig;x", "j", "&fjlig;"),
        ("a\n   b", "a b", "a\n   b"),
        ("x<q>y</q>", "“y”", "<q>y</q>"),
        ("un&shy;do", "undo", "un&shy;do"),
        ("😀<b>é</b>", "é", "é"),
    ],
)
def test_places_in_html(source, words, stands):
    assert place(html(source), words) == stands


class Oracle(HTMLParser):
    """Words of HTML that nothing is wrong with."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts = []

    def handle_data(self, data):
        self.parts.append(data)

    def handle_starttag(self, tag, attrs):
        self.parts.append("\n" if tag == "p" else "")

    def handle_endtag(self, tag):
        self.parts.append("\n" if tag == "p" else "")


WELL_FORMED = st.recursive(
    st.sampled_from(
        ["word", " ", "\n", "&amp;", "&#39;", "&lt;p&gt;", "é😀", "<!-- x > y -->", "<br>", "a < b"]
    ),
    lambda inner: st.builds(
        lambda name, attribute, parts: f"<{name}{attribute}>{''.join(parts)}</{name}>",
        st.sampled_from(["b", "em", "p", "span", "A"]),
        st.sampled_from(["", " x", " href='>'", ' title="a b"', " a=b c", "\n x = 'y' "]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(source=WELL_FORMED)
def test_well_formed_html_is_read_as_the_standard_library_reads_it(source):
    oracle = Oracle()
    oracle.feed(source.replace("<br>", "<p>"))
    oracle.close()
    assert html(source).text.split() == "".join(oracle.parts).split()


# --- Markdown -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("One\ntwo\n\nthree", "One two\nthree"),
        ("a  \nb\\\nc", "a\nb\nc"),
        ("> a  \n> b", "a\nb"),
        ("# A #\ntext\n## B", "A\ntext\nB"),
        ("#no", "#no"),
        ("A\n===\nb\n---\nc", "A\nb\nc"),
        ("a\n\n* * *\n\nb", "a\nb"),
        ("---\ntitle: A\n---\nb", "b"),
        ("+++\ntitle = 'A'\n+++\nb", "b"),
        ("\ufeff---\r\na: b\r\n...\r\nc", "c"),
        ("---\n\na\n\n---\n\nb", "a\nb"),
        ("---\ntitle: A", "title: A"),
        ("a *b* **c** ***d*** _e_ __f__ ~~g~~", "a b c d e f g"),
        ("**un**do a_b_c 5*3 * 2", "undo a_b_c 5*3 * 2"),
        ("\\*a\\* \\[b] c\\d", "*a* [b] c\\d"),
        ("[a *b*](http://x/y_(z) 'T') c", "a b c"),
        ("[a](<b c>) [d]() [e](f g)", "a d [e](f g)"),
        ("![a [b](c)](d) e", "e"),
        ("[![a](b)](c) d", "d"),
        ("[a][b] [B] [c][] [d] [sic]\n\n[b]: x\n[c]: <y> 'T'", "a B c [d] [sic]"),
        ("a[^1] b\n\n[^1]: The note.", "a b\nThe note."),
        ("use `a ` b and ``c ` d`` e ` f", "use b and e ` f"),
        ("a\n\n    code\n\nb\n\n\tcode", "a\nb"),
        ("a\n    still", "a still"),
        ("```py\ncode\n```\na\n~~~\n```\n~~~\nb\n```\nopen", "a\nb"),
        ("> ```\n> code\na", "a"),
        ("- ```\n  code\n\na", "a"),
        ("1. a\n```\ncode\n```\nb", "a\nb"),
        ("- a\n- b\n  c\n\n  d\n\n      code\n\ne", "a\nb c\nd\ne"),
        ("1. a\n2) b\n- [ ] c\n- [x] d", "a\nb\nc\nd"),
        ("It was\n2016. It\n1. a", "It was 2016. It\na"),
        ("- - a\n\n+ b", "a\nb"),
        ("> a\nb\n>\n> c\n\nd", "a b\nc\nd"),
        ("| a | b |\n|---|:-:|\n| *c* | d\\|e |\n\nf | g", "a\nb\nc\nd|e\nf | g"),
        ("a <b>b</b> <q>c</q><br>d <!-- e --> f", "a b “c”\nd f"),
        ("<div class=x>\n*a*\n</div>\nb", "a\nb"),
        ("<!-- a\n\nb -->\nc", "c"),
        ("<script>\n\nx\n\n</script>\na <script>y</script> b", "a b"),
        ("<pre>\na\nb\n</pre>\nc", "a\nb\nc"),
        ("x <y and 3 < 4 <!-- z", "x <y and 3 < 4 <!-- z"),
        ("<http://a.b> <me@x.org>", "http://a.b me@x.org"),
        ("&amp; &ldquo;a&rdquo; &copy &nope; AT&T", "& “a” &copy &nope; AT&T"),
        ("a\r\nb\rc\r\r\nd", "a b c\nd"),
    ],
)
def test_markdown_is_read_without_its_marks(source, text):
    assert markdown(source).text == text


@pytest.mark.parametrize(
    ("source", "words", "stands"),
    [
        ("# A **bold** plan", "A bold plan", "A **bold** plan"),
        ("**un**do", "undo", "un**do"),
        ("[Read more](http://x)", "Read more", "Read more"),
        ("> one\n> two", "one two", "one\n> two"),
        ("a\r\n  b", "a b", "a\r\n  b"),
        ("x &ldquo;y&rdquo;", "“y”", "&ldquo;y&rdquo;"),
        ("- [ ] é😀 z", "z", "z"),
    ],
)
def test_places_in_markdown(source, words, stands):
    assert place(markdown(source), words) == stands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_are_read_as_a_renderer_shows_them(page):
    source = page.read_text(encoding="utf-8")
    rendered = MarkdownIt("commonmark").enable("table").render(source)
    assert markdown(source).text == html(rendered).text


# --- whatever comes -------------------------------------------------------------------------

FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["<", ">", "<b>", "</b>", "<p", "<a href='", '="', "'>", "<!--", "-->", "<script>", "</script>",
             "<svg>", "</svg>", "<code>", "<blockquote>", "</blockquote>", "<q>", "<pre>", "</pre>", "<br/>",
             "<!-- framing:ignore-start -->", "<!-- framing:ignore-end -->", "&", "&amp;", "&#", "39;", "&shy;",
             "word", " ", "  ", "\n", "\r\n", "\r", "\t", "\n\n", "> ", "- ", "1. ", "    ", "# ", "`", "```",
             "~~~\n", "*", "**", "_", "~~", "[", "]", "![", "](", ")", "]: x", "[^a]", "|", "|-|", "\\", "---\n",
             "===", "é", "😀", "\ud800", "\0", "\x85", "\u2028", "\xad", "\ufeff"]
        ),
        st.text(max_size=3),
    ),
    max_size=30,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("suffix", [".html", ".md"])
@given(source=FRAGMENTS)
@example(source="<blockquote>" * 3 + "a")
@example(source=">" * 100 + " a")
@example(source="- " * 100 + "a\n\n  b")
def test_every_word_is_found_in_the_source(suffix, source):
    found = read(source, suffix)
    assert found.source == source
    assert found.text == found.text.strip(" \n")
    reached = 0
    for at, char in enumerate(found.text):
        if char in " \n":
            continue
        start, end = found.locate(at, at + 1)
        assert reached <= end <= len(source)
        assert start < end
        reached = max(reached, start)
        if end - start == 1:
            assert source[start] == char
        else:
            assert source[start] in "&<"
        assert found.locate(0, at + 1)[1] == end
    found.notes()


HOSTILE = {
    ".html": ("<", "<!--", "<a ", "</a ", "<a b='", "<?", "<![", "&", "&a", "<script>", "<p>", "\xad ",
              "<!-- framing:ignore-start -->a"),
    ".md": ("<", "<!--", "<a ", "<a b=\"<a c='", "&", "`", "` ``", "[", "[[]]", "![](", "*", "**a ", "a*",
            "_ _", "> ", ">", "- ", "- - x", "1. a\n", "|", "a|b\n-|-\n", "```\n", "\\", " ", "a  \n",
            "[a]: b\n[a] ", "<!--\n", "<script>\n", "---\n", "\t", "\r"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "piece"), [(suffix, piece) for suffix, pieces in HOSTILE.items() for piece in pieces]
)
def test_broken_files_take_time_in_proportion(suffix, piece):
    """The standard library's parser takes minutes for some of these."""
    begin = time.process_time()
    read(piece * (60_000 // len(piece)), suffix)
    assert time.process_time() - begin < 5


# --- block quotations and comments ----------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "quoted"),
    [
        (html("a<blockquote>b<blockquote>c</blockquote>d</blockquote>e"), "bcd"),
        (html("a</blockquote>b"), ""),
        (html("a<blockquote>b"), "b"),
        (markdown("a\n> b\n>> c\n\nd\n\n> e"), "bce"),
        (markdown("a\n\n- > b\n\nc"), "b"),
        (markdown("a\n> b\nc"), "bc"),
        (markdown("a\n\n<blockquote>\n\nb\n\n</blockquote>\n\nc"), "b"),
    ],
)
def test_block_quotations(found, quoted):
    marked = [
        word
        for at, word in enumerate(found.text)
        if word.isalpha() and found.is_quoted(Span(at, at + 1, "hype", 0.5, word))
    ]
    assert "".join(marked) == quoted


START, END = "<!-- framing:ignore-start -->", "<!-- framing:ignore-end -->"


def ignored(found, label="hype"):
    return "".join(
        word
        for at, word in enumerate(found.text)
        if word.isalpha() and found.is_ignored(Span(at, at + 1, label, 0.5, word))
    )


@pytest.mark.parametrize("suffix", [".html", ".md"])
@pytest.mark.parametrize(
    ("source", "hidden", "notes"),
    [
        (f"a {START} b {END} c", "b", []),
        (f"a\n\n{START}\n\nb\n\nc\n\n{END}\n\nd", "bc", []),
        ("a <!-- framing:ignore --> b <!-- framing:end --> c", "b", []),
        ("a <!--framing:ignore-start--> b <!--framing:ignore-end--> c", "b", []),
        ("a <!-- framing:ignore-start speculation, hype --> b <!-- framing:end --> c", "b", []),
        ("a <!-- framing:ignore speculation--> b <!-- framing:end --> c", "", []),
        (f"a {START} b <!-- framing:ignore hype --> c {END} d {END} e", "bcd", []),
        (f"a {START} b", "b", ["1: framing:ignore-start is never ended; ignoring the rest of the file"]),
        (f"a\n\nb {END} c", "", ["3: framing:ignore-end without framing:ignore-start before it"]),
        ("a\n<!-- framing:off --> c", "",
         ["2: unknown comment framing:off; write framing:ignore-start or -end"]),
        ("a <!-- about framing:ignore --> b", "", []),
        ("a &lt;!-- framing:ignore --> b", "", []),
    ],
)  # fmt: skip
def test_comments(suffix, source, hidden, notes):
    found = read(source, suffix)
    assert ignored(found) == hidden
    assert found.notes() == notes


def test_comments_in_code_say_nothing():
    assert ignored(markdown(f"a `{START}` b\n\n```\n{START}\n```\n\nc")) == ""
    assert ignored(html(f"a <script>'{START}'</script> b")) == ""


@given(
    pairs=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda p: (p[0], sum(p)))),
    start=st.integers(0, 25),
    size=st.integers(1, 5),
)
def test_ranges(pairs, start, size):
    expected = any(first < start + size and start < last for first, last in pairs)
    assert Ranges(pairs).overlap(start, start + size) is expected
