"""Which sentences say in their own words that they report somebody else's, and on which side.

A cue reports when a source says, writes, asks, promises or believes something by it and
its content stands in the sentence. What is quoted is content, never cue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.cues import Role
from framing.text import Batch, Bools, Flag, Ints, Lexicon
from framing.voice import Voice

REACH = 12
"""Tokens after a cue in which what it governs begins."""
SUBJECT = 30
"""Tokens that may part a quotation and the verb that reports it."""
PARENTHETIC = Role.SAY | Role.TELL | Role.UTTER
VERBS = PARENTHETIC | Role.STANCE | Role.COMMIT | Role.NAME | Role.CALL
CUES = VERBS | Role.NOUN | Role.ADVERB | Role.ACCORDING


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What a batch reports.

    Attributes
    ----------
    cue : array of bool, shape (n,)
        Tokens that report something in their sentence.
    state : array of int64, shape (n_sentences,)
        0 no cue, 1 cue before the words that it reports, 2 after them, 3 both.
    """

    cue: Bools
    state: Ints


def attribute(batch: Batch, voice: Voice, lexicon: Lexicon) -> Attribution:
    """Find what each sentence attributes in its own words.

    Parameters
    ----------
    batch : Batch
    voice : Voice
        Who speaks; only what is not quoted can attribute.
    lexicon : Lexicon
        That the batch was read with.

    Returns
    -------
    Attribution
    """
    cue = np.zeros(len(batch), bool)
    state = np.zeros(len(batch.sentence_start) - 1, np.int64)
    if len(batch):
        view = _View(batch, voice, lexicon)
        before, after = _sides(view)
        cue[view.at] = before | after
        np.bitwise_or.at(state, batch.sentence[view.at], before + 2 * after)
    return Attribution(cue, state)


class _View:
    """The m tokens that may be cues, and what stands around each in its sentence.

    Tokens are told by number; `end` stands for none after the cue, `start - 1` for none
    before it.
    """

    def __init__(self, batch: Batch, voice: Voice, lexicon: Lexicon) -> None:
        quoted = voice.quoted
        self.roles = np.where(quoted, 0, lexicon.roles[batch.row])
        self.flags = batch.flags
        self.at = np.flatnonzero(self.roles & int(CUES))
        sentence = batch.sentence[self.at]
        self.start = batch.sentence_start[sentence]
        self.end = batch.sentence_start[sentence + 1]
        self.quoted = quoted
        self.quote = self.first(quoted)
        mark = ~quoted & (self.flags & int(Flag.BREAK | Flag.COLON | Flag.STOP) != 0)
        self.mark = np.minimum(self.first(mark), self.quote)
        self.comma = self.last(~quoted & (self.flags & int(Flag.BREAK) != 0))
        self.quote_before = self.last(quoted)
        determined = np.roll(self.roles, 1) & int(Role.DETERMINER) != 0
        plays = (self.roles & int(Role.PAST) != 0) & ~determined  # not *the stated goals*
        plays |= self.roles & int(Role.AUXILIARY) != 0
        self._finite = np.concatenate(([0], np.cumsum(plays)))
        plays = (self.roles & int(Role.AUXILIARY | VERBS) != 0) & (
            self.roles & int(Role.EITHER | Role.ING) == 0
        )
        self._clausal = np.concatenate(([0], np.cumsum(plays)))
        word = self.flags & int(Flag.WORD) != 0
        self._words = np.concatenate(([0], np.cumsum(word)))

    def first(self, mask: Bools) -> Ints:
        """First token after each cue that the mask holds."""
        where = np.append(np.flatnonzero(mask), len(mask))
        return np.minimum(where[np.searchsorted(where, self.at + 1)], self.end)

    def last(self, mask: Bools) -> Ints:
        """Last token before each cue that the mask holds."""
        where = np.concatenate(([-1], np.flatnonzero(mask)))
        return np.maximum(where[np.searchsorted(where, self.at) - 1], self.start - 1)

    def near(self, role: Role, reach: int = REACH) -> Ints:
        """First token after each cue, not far, that plays a role."""
        found = self.first(self.roles & int(role) != 0)
        return np.where(found <= self.at + reach, found, self.end)

    def role(self, token: Ints) -> Ints:
        """Roles of a token beside each cue; 0 outside the sentence."""
        there = (token >= self.start) & (token < self.end)
        return np.where(there, self.roles[np.where(there, token, 0)], 0)

    def flag(self, token: Ints) -> Ints:
        """Flags of a token beside each cue; 0 outside the sentence."""
        there = (token >= self.start) & (token < self.end)
        return np.where(there, self.flags[np.where(there, token, 0)], 0)

    def finite(self, start: Ints, end: Ints) -> Bools:
        """Whether a finite verb stands between two tokens."""
        return self._between(self._finite, start, end) > 0

    def clausal(self, start: Ints, end: Ints) -> Bools:
        """Whether an auxiliary or another verb of saying does."""
        return self._between(self._clausal, start, end) > 0

    def words(self, start: Ints, end: Ints) -> Ints:
        """How many words do."""
        return self._between(self._words, start, end)

    def _between(self, total: Ints, start: Ints, end: Ints) -> Ints:
        first = np.minimum(start, len(total) - 1)
        return total[np.maximum(end, first)] - total[first]


def _is(roles: Ints, role: Role) -> Bools:
    return roles & int(role) != 0


def _sides(view: _View) -> tuple[Bools, Bools]:
    """Whether each cue stands before, and after, words that it reports: shape (m,)."""
    mine = view.role(view.at)
    verb, another = _is_verb(view)
    inner = verb & _is(mine, PARENTHETIC) & ~_is(view.role(view.at - 1), Role.TO)
    inner &= ~_is(mine, Role.EITHER) | (view.flag(view.at) & int(Flag.UPPER) == 0)
    spoken = inner & _ends_quotation(view)
    tail, inserted = _ends_clause(view)
    tail &= inner & ~spoken
    inserted &= inner & ~spoken & ~tail
    plain = verb & ~spoken & ~tail & ~inserted
    noun = _is(mine, Role.NOUN) & another & ~verb & _has_content(view, noun=True)
    adverb = _is(mine, Role.ADVERB)
    final = _is_mark(view, view.at + 1)
    according = _is(mine, Role.ACCORDING) & _is(view.role(view.at + 1), Role.TO)
    bare = view.finite(view.start, view.at) & (view.words(view.start, view.at) < 2)
    according &= ~bare  # *that's according to somebody*
    closing = according & _closes(view)
    before = (
        (plain & _has_content(view, noun=False))
        | (spoken & _resumes(view))
        | inserted
        | noun
        | (adverb & ~final)
        | (according & ~closing)
    )
    return before, spoken | tail | inserted | (adverb & final) | closing


def _is_mark(view: _View, token: Ints) -> Bools:
    """Whether the sentence ends, or a mark stands, at a token."""
    marks = Flag.BREAK | Flag.STOP
    return (token >= view.end) | (view.flag(token) & int(marks) != 0)


def _is_verb(view: _View) -> tuple[Bools, Bools]:
    """Whether it is a verb, and whether somebody says it, and not the writer."""
    mine, prior, earlier = (view.role(view.at - n) for n in (0, 1, 2))
    named = _is(prior, Role.DETERMINER | Role.OF)
    named |= _is(prior, Role.PREPOSITION) & ~_is(prior, Role.TO)
    named |= _is(prior, Role.LIGHT) | ((view.quote_before == view.at - 1) & (view.at > view.start))
    named |= view.flag(view.at - 1) & int(Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE) != 0
    title = view.flag(view.at) & view.flag(view.at - 1) & ~view.flag(view.at + 1) & int(Flag.UPPER)
    named |= title != 0
    adjective = _is(mine, Role.PAST | Role.ING) & _is(prior, Role.DETERMINER)
    third = view.role(view.at - 3)
    helped = _is(prior, Role.AUXILIARY)
    writer = _is(prior, Role.SELF) | (_is(earlier, Role.SELF) & helped)
    writer |= _is(third, Role.SELF) & _is(earlier, Role.AUXILIARY)
    writer |= _is(prior, Role.YOU) & ~_is(earlier, Role.AUXILIARY)  # but *did you say*
    plural = (view.flag(view.at) | view.flag(view.at - 1)) & int(Flag.TRAILS) != 0
    verbal = Role.AUXILIARY | Role.TO | Role.PERSON | Role.RELATIVE | Role.JOINS
    singular = _is(earlier | third, Role.DETERMINER) & ~plural & ~_is(prior, verbal)
    named |= singular & ~_is(mine, Role.PAST | Role.ING)  # *a recent claim*
    noun = (_is(mine, Role.EITHER) & named) | adjective | _is_name(view)
    as_saying = _is(mine, Role.ING) & _is(prior, Role.AS)
    another = ~writer & ~as_saying & ~_is(earlier, Role.WITHHOLD)
    imperative = (view.at == view.start) & ~_is(mine, Role.PAST | Role.ING)
    return _is(mine, VERBS) & ~noun & ~imperative & another, another


def _is_name(view: _View) -> Bools:
    """Whether it has a capital that is not a headline's: Sultan Said bin Taimur."""
    capital = (view.flag(view.at) & int(Flag.UPPER) != 0) & (view.at > view.start)
    after = view.at + 1
    small = _is(view.role(after), Role.PREPOSITION | Role.DETERMINER | Role.THAT | Role.PERSON)
    headline = small | (view.flag(after) & int(Flag.UPPER) != 0) | (after >= view.end)
    return capital & ~headline


def _ends_quotation(view: _View) -> Bools:
    """Whether only its subject parts it from a quotation: “Words,” the mayor said."""
    last = view.quote_before
    gap = view.at - last - 1
    marks = int(Flag.BREAK | Flag.STOP)
    inside = (view.flag(last) | view.flag(last - 1) | view.flag(last - 2)) & marks != 0
    outside = view.flag(last + 1) & int(Flag.BREAK) != 0
    opening = view.role(last + 1) | np.where(outside, view.role(last + 2), 0)
    there = (last >= view.start) & (gap <= SUBJECT) & (inside | outside)
    participle = _is(view.role(view.at), Role.ING)
    return there & ~_is(opening, Role.JOINS) & ~participle & ~view.clausal(last + 1, view.at - 1)


def _resumes(view: _View) -> Bools:
    """Whether another quotation follows: “Words,” she said, “words.”"""
    there = (view.quote < view.end) & ~view.clausal(view.at + 1, view.quote)
    return there & (view.flag(view.quote - 1) & int(Flag.BREAK | Flag.COLON) != 0)


def _ends_clause(view: _View) -> tuple[Bools, Bools]:
    """Whether it follows what it reports, and whether it is inserted there.

    After a comma and its subject, or a comma and before its subject, with nothing
    left to report.
    """
    at, comma = view.at, view.comma
    there = (comma > view.start) & ~_is(view.role(at), Role.ING)
    opening = view.role(comma + 1)
    subject = (
        there
        & (at - comma > 1)
        & ~view.finite(comma + 1, at - 1)
        & ~_is(opening, Role.JOINS | Role.ING | Role.PREPOSITION)
    )
    inverted = there & (at - comma == 1) & (view.flag(comma) & int(Flag.DASH) == 0)
    begins = view.role(at + 1)
    name = view.flag(at + 1) & int(Flag.UPPER) != 0
    inverted &= name | _is(begins, Role.DETERMINER | Role.PERSON)
    inverted &= ~_is(view.role(at), Role.ADDRESSED)
    relative = view.near(Role.RELATIVE, 1 << 30)
    stop = np.minimum(view.mark, relative)
    adverbial = _is(begins, Role.PREPOSITION) & ~view.clausal(at + 1, stop)  # said in a note
    idle = (adverbial | ~view.finite(at + 1, stop)) & ~_is(begins, Role.THAT | Role.TO)
    idle &= ~((view.quote < view.end) & (view.quote <= view.mark + 1))
    colon = view.flag(at + 1) & int(Flag.COLON) != 0
    idle &= ~colon
    idle &= ~_is(view.role(at), Role.EITHER) | ~(view.flag(at + 1) & int(Flag.BREAK) != 0)
    told = view.finite(view.start, comma)
    set_off = _is(view.role(view.start), Role.PREPOSITION | Role.JOINS)
    done = idle & ((subject & told) | inverted)
    parted = idle & subject & _is_mark(view, at + 1) & (at + 1 < view.end) & ~set_off
    goes_on = view.finite(view.mark + 1, view.end)
    inserted = (parted | (done & inverted)) & goes_on
    return done & ~inserted, inserted


def _has_content(view: _View, *, noun: bool) -> Bools:
    """Whether what it reports follows, in a form that its class takes."""
    at, mine = view.at, view.role(view.at)
    following = view.role(at + 1)
    infinitive = _infinitive(view)
    left = view.words(at + 1, view.end) > 0
    quote = view.quote < view.end
    that = view.near(Role.THAT, 6) < view.end
    clause = view.finite(at + 1, view.end) & ~_is(following, Role.OF)
    if noun:
        soon = view.near(Role.AUXILIARY | Role.PAST, 8) < view.end
        starts = _is(following, Role.DETERMINER | Role.PERSON)
        found = _is(following, Role.OF | Role.THAT) | (_is(following, Role.TO) & infinitive)
        return left & (found | (starts & soon))
    close = quote & (view.quote <= at + 6)
    loose = _is(mine, Role.EITHER) & _is(following, Role.PREPOSITION) & ~infinitive & ~that
    content = _is(mine, Role.SAY) & ~loose & left & ~_is(following, Role.EMPTY)
    speech = close | (quote & (view.flag(view.quote - 1) & int(Flag.BREAK | Flag.COLON) != 0))
    asked = _is(mine, Role.ADDRESSED) & _is(following, Role.OF)
    passive = _is(view.role(at - 1), Role.BE) & _is(mine, Role.PAST)
    content |= _is(mine, Role.TELL) & ((clause & ~passive) | that | infinitive | speech | asked)
    content |= _is(mine, Role.UTTER) & (that | close)
    soon = infinitive & (view.near(Role.TO, 4) < view.end)
    content |= _is(mine, Role.STANCE) & (that | quote | soon)
    idle = _is(following, Role.PREPOSITION) & ~_is(following, Role.TO | Role.OF) & ~passive
    content |= _is(mine, Role.COMMIT) & left & ~idle
    content |= _is(mine, Role.NAME) & (close | (view.near(Role.AS) < view.end))
    named = (view.quote == at + 1) & (view.flag(at - 1) & int(Flag.UPPER) == 0)
    dated = _is(view.role(at + 2), Role.ON) & (view.flag(at + 1) & int(Flag.UPPER) != 0)
    content |= _is(mine, Role.CALL) & ((quote & ~named) | _is(following, Role.ON) | dated)
    return content


def _infinitive(view: _View) -> Bools:
    """Whether *to* and a verb follow."""
    to = view.near(Role.TO, 8)
    lower = view.flag(to + 1) & int(Flag.LOWER) != 0
    return lower & ~_is(view.role(to + 1), Role.DETERMINER | Role.ING)


def _closes(view: _View) -> Bools:
    """Whether *according to* follows what it reports."""
    told = view.finite(view.start, view.at) | (view.quote_before >= view.start)
    goes_on = (view.finite(view.mark + 1, view.end) | (view.quote < view.end)) & (
        view.mark < view.end - 1
    )
    quoted = view.quote_before == np.maximum(view.at - 1, view.start)
    return (told & ~goes_on) | quoted
