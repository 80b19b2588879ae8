"""Which sentences say in their own words that they report somebody else's, and on which side.

A cue (`framing.cues`) reports when somebody but the writer and the reader says, writes, asks,
promises or believes something by it and what that is stands in the sentence. What is quoted is
content, never cue. Whether content stands there is told from the marks, finite verbs and
complementisers around the cue, without a parse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.cues import Role
from framing.pieces import Flag, Lexicon
from framing.text import Batch, Bools, Ints
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
        self.quote = self.first(quoted)
        mark = ~quoted & (self.flags & int(Flag.BREAK | Flag.COLON | Flag.STOP) != 0)
        self.mark = np.minimum(self.first(mark), self.quote)
        self.comma = self.last(~quoted & (self.flags & int(Flag.BREAK) != 0))
        self.quote_before = self.last(quoted)
        determined = np.roll(self.roles, 1) & int(Role.DETERMINER) != 0
        plays = (self.roles & int(Role.PAST) != 0) & ~determined  # not *the stated goals*
        plays |= self.roles & int(Role.AUXILIARY) != 0
        self._finite = _counted(plays)
        plays = self.roles & int(Role.AUXILIARY | VERBS) != 0
        self._clausal = _counted(plays & (self.roles & int(Role.EITHER | Role.ING) == 0))
        self._word = _counted(self.flags & int(Flag.WORD) != 0)
        self._beside: dict[int, Ints] = {}
        self._next: dict[Role, Ints] = {}

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
        if role not in self._next:
            self._next[role] = self.first(self.roles & int(role) != 0)
        found = self._next[role]
        return np.where(found <= self.at + reach, found, self.end)

    def role(self, token: Ints) -> Ints:
        """Roles of a token beside each cue; 0 outside the sentence."""
        there = (token >= self.start) & (token < self.end)
        return np.where(there, self.roles[np.where(there, token, 0)], 0)

    def beside(self, step: int) -> Ints:
        """Roles of the token so many places after each cue."""
        if step not in self._beside:
            self._beside[step] = self.role(self.at + step)
        return self._beside[step]

    def flag(self, token: Ints) -> Ints:
        """Flags of a token beside each cue; 0 outside the sentence."""
        there = (token >= self.start) & (token < self.end)
        return np.where(there, self.flags[np.where(there, token, 0)], 0)

    def finite(self, start: Ints, end: Ints) -> Bools:
        """Whether a finite verb stands between two tokens."""
        return _between(self._finite, start, end) > 0

    def clausal(self, start: Ints, end: Ints) -> Bools:
        """Whether an auxiliary or another verb of saying does."""
        return _between(self._clausal, start, end) > 0

    def words(self, start: Ints, end: Ints) -> NDArray[np.int32]:
        """How many words do."""
        return _between(self._word, start, end)


def _counted(mask: Bools) -> NDArray[np.int32]:
    """How many tokens before each, and in all, the mask holds: shape (n + 1,)."""
    return np.concatenate((np.zeros(1, np.int32), np.cumsum(mask, dtype=np.int32)))


def _between(counted: NDArray[np.int32], start: Ints, end: Ints) -> NDArray[np.int32]:
    """How many of the tokens counted stand from each start to each end, which may lie outside."""
    return np.maximum(counted.take(end, mode="clip") - counted.take(start, mode="clip"), 0)


def _is(roles: Ints, role: Role) -> Bools:
    return roles & int(role) != 0


def _sides(view: _View) -> tuple[Bools, Bools]:
    """Whether each cue stands before, and after, words that it reports: shape (m,)."""
    mine, following = view.beside(0), view.beside(1)
    another = _is_another(view)
    verb = _is(mine, VERBS) & another & ~_is_noun(view)
    spoken, tail, inserted = _reports_back(view, verb)
    plain = verb & ~spoken & ~tail & ~inserted
    noun = _is(mine, Role.NOUN) & another & ~verb
    adverb = _is(mine, Role.ADVERB)
    final = _is_mark(view, view.at + 1)
    bare = view.finite(view.start, view.at) & (view.words(view.start, view.at) < 2)
    according = _is(mine, Role.ACCORDING) & _is(following, Role.TO) & ~bare  # not *that's a. to*
    closing = according & _closes(view)
    before = (plain & _verb_governs(view)) | (noun & _noun_governs(view)) | inserted
    before |= (spoken & _resumes(view)) | (adverb & ~final) | (according & ~closing)
    return before, spoken | tail | inserted | (adverb & final) | closing


def _is_mark(view: _View, token: Ints) -> Bools:
    """Whether the sentence ends, or a mark stands, at a token."""
    return (token >= view.end) | (view.flag(token) & int(Flag.BREAK | Flag.STOP) != 0)


# --- whose and what ------------------------------------------------------------------------


def _is_another(view: _View) -> Bools:
    """Whether somebody says it, and neither the writer nor the reader."""
    mine, prior, earlier, third = (view.beside(-n) for n in range(4))
    writer = _is(prior, Role.SELF)
    writer |= _is(earlier, Role.SELF) & _is(prior, Role.AUXILIARY)
    writer |= _is(third, Role.SELF) & _is(earlier, Role.AUXILIARY)
    reader = _is(prior, Role.YOU) & ~_is(earlier, Role.AUXILIARY)  # but *did you say*
    as_saying = _is(mine, Role.ING) & _is(prior, Role.AS)  # *quoted* is the cue
    return ~writer & ~reader & ~as_saying & ~_is(earlier, Role.WITHHOLD)


def _is_noun(view: _View) -> Bools:
    """Whether what may be a verb is a noun, an adjective, a name or an imperative."""
    mine, prior, earlier, third = (view.beside(-n) for n in range(4))
    flag, before = view.flag(view.at), view.flag(view.at - 1)
    named = _is(prior, Role.DETERMINER | Role.LIGHT | Role.PREPOSITION) & ~_is(prior, Role.TO)
    named |= (view.quote_before == view.at - 1) & (view.at > view.start)
    named |= before & int(Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE) != 0  # the judges' claim
    named |= flag & before & ~view.flag(view.at + 1) & int(Flag.UPPER) != 0  # the Post
    verbal = Role.AUXILIARY | Role.TO | Role.PERSON | Role.RELATIVE | Role.JOINS
    phrase = _is(earlier | third, Role.DETERMINER) & ~_is(prior, verbal)
    phrase &= (flag | before) & int(Flag.TRAILS) == 0  # neither *claims* nor *people claim*
    named |= phrase & ~_is(mine, Role.PAST | Role.ING)
    adjective = _is(mine, Role.PAST | Role.ING) & _is(prior, Role.DETERMINER)
    imperative = (view.at == view.start) & ~_is(mine, Role.PAST | Role.ING)
    return (_is(mine, Role.EITHER) & named) | adjective | imperative | _is_name(view)


def _is_name(view: _View) -> Bools:
    """Whether it has a capital that is not a headline's: Sultan Said bin Taimur."""
    capital = (view.flag(view.at) & int(Flag.UPPER) != 0) & (view.at > view.start)
    after = view.at + 1
    small = _is(view.role(after), Role.PREPOSITION | Role.DETERMINER | Role.THAT | Role.PERSON)
    headline = small | (view.flag(after) & int(Flag.UPPER) != 0) | (after >= view.end)
    return capital & ~headline


# --- after the words -----------------------------------------------------------------------


def _reports_back(view: _View, verb: Bools) -> tuple[Bools, Bools, Bools]:
    """Verbs that follow a quotation, that follow a clause, and that are put into one."""
    mine = view.beside(0)
    able = verb & _is(mine, PARENTHETIC) & ~_is(view.beside(-1), Role.TO)
    able &= ~_is(mine, Role.ING)
    able &= ~_is(mine, Role.EITHER) | (view.flag(view.at) & int(Flag.UPPER) == 0)
    spoken = able & _ends_quotation(view)
    tail, inserted = _ends_clause(view)
    able &= ~spoken
    return spoken, able & tail, able & inserted


def _ends_quotation(view: _View) -> Bools:
    """Whether only its subject parts it from a quotation: “Words,” the mayor said."""
    last = view.quote_before
    there = (last >= view.start) & (view.at - last <= SUBJECT)
    inside = view.flag(last) | view.flag(last - 1) | view.flag(last - 2)
    closed = inside & int(Flag.BREAK | Flag.STOP) != 0
    comma = view.flag(last + 1) & int(Flag.BREAK) != 0
    opening = view.role(last + 1) | np.where(comma, view.role(last + 2), 0)
    alone = ~_is(opening, Role.JOINS) & ~view.clausal(last + 1, view.at - 1)
    return there & (closed | comma) & alone


def _resumes(view: _View) -> Bools:
    """Whether another quotation follows, as in “Words,” she said, “words”."""
    there = (view.quote < view.end) & ~view.clausal(view.at + 1, view.quote)
    return there & (view.flag(view.quote - 1) & int(Flag.BREAK | Flag.COLON) != 0)


def _ends_clause(view: _View) -> tuple[Bools, Bools]:
    """Whether it follows what it reports, and whether it is put into it.

    Words, the mayor said. Words, said the mayor. The road, she said, is closed.
    """
    at, comma = view.at, view.comma
    there = comma > view.start
    opening, begins = view.role(comma + 1), view.beside(1)
    subject = there & (at - comma > 1) & ~view.finite(comma + 1, at - 1)
    subject &= ~_is(opening, Role.JOINS | Role.ING | Role.PREPOSITION)
    inverted = there & (at - comma == 1) & (view.flag(comma) & int(Flag.DASH) == 0)
    name = view.flag(at + 1) & int(Flag.UPPER) != 0
    inverted &= name | _is(begins, Role.DETERMINER)
    inverted &= ~_is(view.beside(0), Role.ADDRESSED)
    idle = _is_idle(view)
    done = idle & ((subject & view.finite(view.start, comma)) | inverted)
    set_off = _is(view.role(view.start), Role.PREPOSITION | Role.JOINS)  # in June, she said,
    parted = idle & subject & _is_mark(view, at + 1) & (at + 1 < view.end) & ~set_off
    inserted = (parted | (done & inverted)) & view.finite(view.mark + 1, view.end)
    return done & ~inserted, inserted


def _is_idle(view: _View) -> Bools:
    """Whether nothing that it might report follows, up to the next mark."""
    at, begins = view.at, view.beside(1)
    stop = np.minimum(view.mark, view.near(Role.RELATIVE, 1 << 30))
    adverbial = _is(begins, Role.PREPOSITION) & ~view.clausal(at + 1, stop)  # said in a note
    idle = (adverbial | ~view.finite(at + 1, stop)) & ~_is(begins, Role.THAT | Role.TO)
    idle &= ~((view.quote < view.end) & (view.quote <= view.mark + 1))
    idle &= view.flag(at + 1) & int(Flag.COLON) == 0
    listed = _is(view.beside(0), Role.EITHER) & (view.flag(at + 1) & int(Flag.BREAK) != 0)
    return idle & ~listed


def _closes(view: _View) -> Bools:
    """Whether *according to* follows what it reports."""
    told = view.finite(view.start, view.at) | (view.quote_before >= view.start)
    more = view.finite(view.mark + 1, view.end) | (view.quote < view.end)
    more &= view.mark < view.end - 1
    quoted = view.quote_before == np.maximum(view.at - 1, view.start)
    return (told & ~more) | quoted


# --- before the words ----------------------------------------------------------------------


def _noun_governs(view: _View) -> Bools:
    """Whether what a noun reports follows it."""
    following = view.beside(1)
    clause = view.near(Role.AUXILIARY | Role.PAST, 8) < view.end
    clause &= _is(following, Role.DETERMINER | Role.PERSON)
    found = _is(following, Role.OF | Role.THAT) | (_is(following, Role.TO) & _infinitive(view))
    return (view.words(view.at + 1, view.end) > 0) & (found | clause)


def _verb_governs(view: _View) -> Bools:
    """Whether what a verb reports follows it, in a form that its class takes."""
    at, mine, following = view.at, view.beside(0), view.beside(1)
    infinitive = _infinitive(view)
    words = view.words(at + 1, view.end) > 0
    passive = _is(view.beside(-1), Role.BE) & _is(mine, Role.PAST)
    that = view.near(Role.THAT, 6) < view.end
    relative = view.near(Role.RELATIVE, 1 << 30)  # what follows is no clause of the cue's
    clause = view.finite(at + 1, relative) | _is(following, Role.ING)  # admitted lying
    clause &= ~_is(following, Role.OF) & ~passive
    quote = view.quote < view.end
    close = quote & (view.quote <= at + 6)
    speech = close | (quote & (view.flag(view.quote - 1) & int(Flag.BREAK | Flag.COLON) != 0))
    adverbial = _is(following, Role.PREPOSITION) & ~_is(following, Role.TO)
    loose = _is(mine, Role.EITHER) & _is(following, Role.PREPOSITION) & ~infinitive & ~that
    asked = _is(mine, Role.ADDRESSED) & _is(following, Role.OF)
    soon = infinitive & (view.near(Role.TO, 4) < view.end)
    capital = view.flag(at + 1) & int(Flag.UPPER) != 0
    dated = _is(view.beside(2), Role.ON) & capital  # called Monday for
    titled = (view.quote == at + 1) & (view.flag(at - 1) & int(Flag.UPPER) == 0)
    idle = adverbial & ~_is(following, Role.OF) & ~passive
    governed = (
        (Role.SAY, words & ~loose & ~_is(following, Role.EMPTY)),
        (Role.TELL, clause | that | (relative == at + 1) | infinitive | speech | asked),
        (Role.UTTER, that | close),
        (Role.STANCE, that | quote | soon),
        (Role.COMMIT, words & ~idle),
        (Role.NAME, close | (view.near(Role.AS) < view.end)),
        (Role.CALL, (quote & ~titled) | _is(following, Role.ON) | dated),
    )
    return np.any([_is(mine, role) & found for role, found in governed], axis=0)


def _infinitive(view: _View) -> Bools:
    """Whether *to* and a verb follow."""
    to = view.near(Role.TO, 8)
    lower = view.flag(to + 1) & int(Flag.LOWER) != 0
    return lower & ~_is(view.role(to + 1), Role.DETERMINER | Role.ING)
