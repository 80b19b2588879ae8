"""What the models compute, written out plainly: one text, one token, one number at a time.

The library works on arrays of whole batches, looks words up in tables and adds up
weights that it has laid side by side. Here the same figures come from loops over the
tokens of one text and from the weights as they are saved, so that a mistake in the array
code shows. Only what depends on one word alone (`describe`, `plain`, `shape`,
`word_kind`) and who is speaking (`framing.voice`) are taken from the library; each has
tests of its own.

Numbers are Python's; where the library rounds to single precision so does `single`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from struct import pack, unpack
from zlib import crc32

from framing import features, lexical, words
from framing.features import PLACES
from framing.lexical import GROUPS, KINDS, SENTENCE, plain, shape, word_kind
from framing.model import Model
from framing.pieces import PIECE, Flag, describe
from framing.prediction import Span
from framing.spans import BASIC
from framing.voice import SHORT

GRID, UNIT = 2.0**-12, 2.0**-7
CLOSING_QUOTE = Flag.CLOSE_QUOTE | Flag.STRAIGHT_QUOTE | Flag.CLOSE_SINGLE | Flag.STRAIGHT_SINGLE
QUOTE = CLOSING_QUOTE | Flag.OPEN_QUOTE | Flag.OPEN_SINGLE


def single(number: float) -> float:
    """The nearest number of single precision."""
    return unpack("f", pack("f", number))[0]


def on_grid(number: float) -> float:
    """The nearest multiple of the grid, halves to the even one."""
    return round(number / GRID) * GRID


def in_units(number: float) -> float:
    """The nearest multiple of the unit, halves to the even one; cut off at 2,520 of them."""
    return clip(round(number / UNIT), -2520, 2520) * UNIT


def clip(number: float, low: float = -8.0, high: float = 8.0) -> float:
    return min(max(number, low), high)


# --- tokens, lines and sentences ----------------------------------------------------------


@dataclass
class Token:
    """A word or mark, where it stands, and what can be told of it alone."""

    word: str
    start: int
    end: int
    flags: Flag
    starts_line: bool
    starts_sentence: bool = False
    line: int = 0
    sentence: int = 0

    def has(self, flags: Flag) -> bool:
        return bool(self.flags & flags)


def read(text: str) -> list[Token]:
    """Tokens of a text, with the lines and sentences that they stand in."""
    tokens: list[Token] = []
    at = 0
    for piece in PIECE.findall(re.sub("[\ufeff\u2060]", " ", text).rstrip()):
        word, flags = describe(piece)
        space = len(piece) - len(piece.lstrip())
        starts_line = not tokens or bool(flags & Flag.LINE)
        tokens.append(Token(word, at + space, at + len(piece), Flag(flags), starts_line))
        at += len(piece)
    line = sentence = -1
    for number, token in enumerate(tokens):
        token.starts_sentence = token.starts_line or begins_sentence(tokens, number)
        line += token.starts_line
        sentence += token.starts_sentence
        token.line, token.sentence = line, sentence
    return tokens


def begins_sentence(tokens: list[Token], number: int) -> bool:
    """Whether a token inside a line begins a sentence by what stands before it."""
    token = tokens[number]
    if not token.has(Flag.SPACE) or token.has(Flag.LOWER):
        return False
    if not token.has(Flag.WORD | Flag.OPEN_BRACKET | QUOTE):
        return False
    if not ends_sentence(tokens, before_closers(tokens, number), token.has(Flag.STARTER)):
        return False
    cut_off = token.has(CLOSING_QUOTE) and spaced(tokens, number + 1)
    name = token.has(Flag.UPPER) and not token.has(Flag.STARTER)
    if cut_off or (name and tokens[number - 1].has(CLOSING_QUOTE)):
        stop = tokens[before_closers(tokens, number)]
        return not goes_on(tokens, number, question=stop.has(Flag.TONE))
    return True


def spaced(tokens: list[Token], number: int) -> bool:
    """Whether white space, or nothing at all, stands before a token."""
    return number >= len(tokens) or tokens[number].has(Flag.SPACE) or tokens[number].starts_line


def before_closers(tokens: list[Token], number: int) -> int:
    """The token before another, leaving out closing marks that are written to it."""
    number -= 1
    closers = CLOSING_QUOTE | Flag.CLOSE_BRACKET
    while number and tokens[number].has(closers) and not spaced(tokens, number):
        number -= 1
    return number


def ends_sentence(tokens: list[Token], number: int, before_starter: bool) -> bool:
    """Whether a token is a stop that belongs to no abbreviation and no number of a list."""
    stop = tokens[number]
    if stop.has(Flag.DOTTED) and before_starter:
        return True
    if not stop.has(Flag.STOP):
        return False
    if spaced(tokens, number):
        return True
    word = tokens[number - 1]
    if word.has(Flag.ABBREVIATION):
        return before_starter
    return not (word.has(Flag.DIGIT) and word.starts_line)


def goes_on(tokens: list[Token], number: int, *, question: bool) -> bool:
    """Whether the sentence that a quotation ended tells who said it: `“Why?” Ann Lee asked`."""
    following = []
    for token in tokens[number + 1 : number + 9]:
        if token.starts_line or token.has(Flag.LINE):
            break
        following.append(token)
    if tokens[number].has(CLOSING_QUOTE):
        if not following:
            return True
        return following[0].has(Flag.LOWER) and following[0].has(Flag.SPACE)
    for place, token in enumerate(following[:6]):
        if token.has(Flag.SPEECH) and token.has(Flag.LOWER):
            after, beyond = [*following[place + 1 :], None, None][:2]
            if after is None or after.has(Flag.STOP):
                return True
            quotes = after.has(Flag.BREAK) and beyond is not None and beyond.has(QUOTE)
            return question and not quotes
        if not token.has(Flag.UPPER | Flag.STOP):
            return False
    return False


# --- what a word looks like ---------------------------------------------------------------


WORD = 2**64
"""Rolling hashes are of 64 bits."""


def hashed(name: str) -> int:
    """Number of a string: 31 bits."""
    return crc32(name.encode("utf-8", "surrogatepass")) % 2**31


def rolled(letters: str, seed: int) -> int:
    """Hash of the code points of some letters."""
    found = seed
    for letter in letters:
        found = (found ^ ord(letter)) * 0x9E3779B97F4A7C15 % WORD
        found ^= found >> 29
    return found * 0xBF58476D1CE4E5B9 % WORD


def class_columns() -> dict[str, int]:
    names = [*sorted(words.classes()), *(f"shape {each}" for each in lexical.SHAPES)]
    names += [*(f"length {n}" for n in range(5)), "hyphen"]
    return {name: number for number, name in enumerate(names)}


CLASS_COLUMNS = class_columns()
SIZES = {group.name: group.size for group in GROUPS}


def word_columns(word: str) -> dict[str, list[int]]:
    """Columns of a word in each group of features."""
    lower = plain(word)
    return {
        "word": [hashed(lower) % SIZES["word"]],
        "class": [CLASS_COLUMNS[name] for name in word_classes(word, lower)],
        "affix": [(number >> 40) % SIZES["affix"] for number in affixes(lower)],
        "gram": [(number >> 40) % SIZES["gram"] for number in grams(lower)],
    }


def word_classes(word: str, lower: str) -> set[str]:
    """Names of the classes, shape and length of a word and of its hyphenated parts."""
    found = {f"shape {shape(word)}", f"length {min(len(word), 12) // 3}"}
    hyphened = "-" in lower and lower != "-"
    parts = {lower, *(lower.split("-") if hyphened else ())}
    found |= {name for name, members in words.classes().items() if members & parts}
    return found | {"hyphen"} if hyphened else found


def affixes(lower: str) -> list[int]:
    """Hashes of beginnings, endings and outer parts; of the first characters if there are none."""
    cut, letter = lower[:24], lower[:1].isalpha()
    found = []
    if letter:
        found += [rolled(cut[:n], 200 + n) for n in (2, 3, 4) if len(cut) > n]
        found += [rolled(cut[-n:], 300 + n) for n in (2, 3, 4, 5) if len(cut) > n]
    if "-" in lower:
        first, *_, last = lower.split("-")
        found += [hashed(part) * 0xBF58476D1CE4E5B9 % WORD for part in (first, last) if part]
    if not letter or not found:
        found.append(rolled((cut + ">").ljust(3, "\0")[:3], 100))
    return found


def grams(lower: str) -> list[int]:
    """Hashes of the character n-grams of a word between `<` and `>`."""
    padded = f"<{lower[:24]}>"
    found = [
        rolled(padded[start : start + n], n)
        for n in (3, 4, 5)
        for start in range(len(padded) - n + 1)
    ]
    return found or [rolled("<>\0", 3)]


def word_vector(vectors: lexical.Vectors, word: str) -> list[float]:
    """Static vector of a word, or the mean of those of its parts."""
    lower = plain(word)
    names = [lower] if lower in vectors.index else lower.split("-")
    rows = [vectors.table[vectors.index[name]].tolist() for name in names if name in vectors.index]
    if not rows:
        return [0.0] * vectors.dimensions
    sums = [single(sum(column)) for column in zip(*rows, strict=True)]
    return [single(single(total / len(rows)) / 128) for total in sums]


# --- the reading of one text --------------------------------------------------------------


@dataclass
class Place:
    """Where a token stands: one value for each of `features.PLACES`."""

    values: tuple[int, ...]

    @property
    def columns(self) -> list[int]:
        found, offset = [], 0
        for value, (_, size) in zip(self.values, PLACES, strict=True):
            found.append(offset + value)
            offset += size
        return found


@dataclass
class Candidate:
    """A span that may be reported: label column, first token, one past the last."""

    label: int
    start: int
    end: int
    score: float = 0.0

    @property
    def key(self) -> tuple[int, int, int]:
        return self.label, self.start, self.end


@dataclass
class Reading:
    """Everything that a model finds out about one text.

    `quoted` says which tokens stand in quotation, `quotations` which pairs of tokens
    (first, one past the last) are quotations that begin with a mark.
    """

    model: Model
    text: str
    quoted: list[bool]
    quotations: list[tuple[int, int]]
    tokens: list[Token] = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = read(self.text)
        self.linear = self.model.linear
        self.n_labels = len(self.linear.token_bias)
        self.labels = range(self.n_labels)
        self.start: Reading | None = None
        if self.linear.start:
            begun = replace(self.model, linear=self.linear.start)
            self.start = Reading(begun, self.text, self.quoted, self.quotations)
        n_start = self.start.n_labels if self.start else 0
        self.token_blocks = features.token_blocks(self.linear.vectors.dimensions, n_start)
        self.sentence_blocks = features.sentence_blocks(
            self.linear.vectors.dimensions, self.n_labels, n_start
        )
        self._parts: dict[tuple[str, int | str], list[float]] = {}
        self.sentences = [list(each) for each in self._by_sentence()]
        self.phrases = [(a, b) for a, b in self.quotations if b - a <= SHORT + 2]
        self.kinds = [self.quotation_kind(number) for number in range(len(self.tokens))]
        self.own = [kind != 2 for kind in self.kinds]
        self.line_kinds = [self.line_kind(each) for each in self.sentences]
        self.places = [self.place(number) for number in range(len(self.tokens))]
        self.token_logits = [self.token_logit(number) for number in range(len(self.tokens))]
        self.sentence_logits = [self.sentence_logit(each) for each in self.sentences]
        self.logits = [self.mixed(number) for number in range(len(self.tokens))]

    def _by_sentence(self) -> list[list[int]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number, token in enumerate(self.tokens):
            found[token.sentence].append(number)
        return list(found.values())

    # places

    def quotation_kind(self, number: int) -> int:
        """0 outside quotation, 1 in a phrase in marks, 2 in speech."""
        if any(start <= number < end for start, end in self.phrases):
            return 1
        return 2 if self.quoted[number] else 0

    def line_kind(self, sentence: list[int]) -> int:
        """Kind of line that a sentence stands in."""
        first, last = self.tokens[sentence[0]], self.tokens[sentence[-1]]
        final = self.tokens[sentence[-2]] if len(sentence) > 1 and last.has(CLOSING_QUOTE) else last
        if final.has(Flag.STOP | Flag.DOTTED) or last.has(Flag.STOP):
            following = self.tokens[sentence[-1] + 1 : sentence[-1] + 2]
            alone = first.starts_line and all(token.starts_line for token in following)
            return 1 if alone else 0
        return 3 if len(sentence) >= 15 else 2

    def place(self, number: int) -> Place:
        token = self.tokens[number]
        sentence = self.sentences[token.sentence]
        before = any(self.tokens[i].has(Flag.REPORT) for i in sentence if i < number)
        after = any(self.tokens[i].has(Flag.REPORT) for i in sentence if i > number)
        depth = 0
        for other in self.tokens[: number + 1]:
            if other.line == token.line:
                depth += other.has(Flag.OPEN_BRACKET) - other.has(Flag.CLOSE_BRACKET)
        return Place(
            (
                before + 2 * after,
                min(number - sentence[0], 3),
                min(sentence[-1] - number, 2),
                self.line_kinds[token.sentence],
                int(depth > 0),
                self.kinds[number],
                int(not self.tokens[sentence[0]].starts_line),
            )
        )

    # tokens

    def neighbour(self, number: int, step: int) -> Token | None:
        """Token so many places away in the same line."""
        if 0 <= number + step < len(self.tokens):
            other = self.tokens[number + step]
            if other.line == self.tokens[number].line:
                return other
        return None

    def weight(self, label: int, block: tuple[str, int | str], column: int) -> float:
        """Weight of a column of a block, of the token or the sentence model."""
        if block[1] == SENTENCE:
            return float(self.linear.sentence_weights[label, self.sentence_blocks[block]][column])
        return float(self.linear.token_weights[label, self.token_blocks[block]][column])

    def word_part(self, word: str, slot: int | str) -> list[float]:
        """What a word adds to the logits of a token so many places away, or of its sentence."""
        if (word, slot) not in self._parts:
            columns = word_columns(word)
            totals = [0.0] * self.n_labels
            for label in self.labels:
                for group in GROUPS:
                    if slot in group.slots:
                        totals[label] += sum(
                            group.scale * self.weight(label, (group.name, slot), column)
                            for column in columns[group.name]
                        )
                if slot in lexical.VECTOR_SLOTS:
                    vector = word_vector(self.linear.vectors, word)
                    if any(vector):
                        totals[label] += on_grid(
                            sum(
                                value * self.weight(label, ("vector", slot), column)
                                for column, value in enumerate(vector)
                            )
                        )
            self._parts[word, slot] = [in_units(total) for total in totals]
        return self._parts[word, slot]

    def pair_part(self, left: Token, right: Token, slot: str) -> list[float]:
        """What two neighbours add to the right one, the left one, or the sentence."""
        first, second = (hashed(plain(token.word)) for token in (left, right))
        pair = ((first * 2654435761 + second * 40503) >> 13) % features.PAIRS
        kinds = word_kind(left.word) * KINDS + word_kind(right.word)
        return [
            in_units(self.weight(label, ("pair", slot), pair))
            + in_units(self.weight(label, ("kind pair", slot), kinds))
            for label in self.labels
        ]

    def triple_part(self, near: list[Token]) -> list[float]:
        """What the kinds of three neighbours add to the one in the middle."""
        left, middle, right = (word_kind(token.word) for token in near)
        mixed = ((left * KINDS + middle) * KINDS + right) * 2654435761
        column = (mixed >> 11) % features.KIND_TRIPLES
        return [in_units(self.weight(label, ("kind triple", 0), column)) for label in self.labels]

    def token_logit(self, number: int) -> list[float]:
        """Logits of the token model."""
        token = self.tokens[number]
        parts = [self.place_part(number, 0, self.linear.token_bias.tolist())]
        for step in range(-3, 4):
            other = self.neighbour(number, step)
            if other:
                parts.append(self.word_part(other.word, step))
        left, right = self.neighbour(number, -1), self.neighbour(number, 1)
        if left:
            parts.append(self.pair_part(left, token, "left"))
        if right:
            parts.append(self.pair_part(token, right, "right"))
        if left and right:
            parts.append(self.triple_part([left, token, right]))
        if self.start:
            known = [0.25 * clip(each, -6, 3) for each in self.start.logits[number]]
            parts.append(
                [on_grid(self.weighed(known, ("start", 0), label)) for label in self.labels]
            )
        return [sum(column) for column in zip(*parts, strict=True)]

    def place_part(self, number: int, slot: int | str, bias: list[float]) -> list[float]:
        """What a token's place adds to its logits or to its sentence, with the bias."""
        columns = self.places[number].columns
        return [
            in_units(bias[label] + sum(self.weight(label, ("place", slot), at) for at in columns))
            for label in self.labels
        ]

    # sentences

    def sentence_logit(self, sentence: list[int]) -> list[float]:
        """Logits of the sentence model."""
        own = [number for number in sentence if self.own[number]]
        scale = single(1 / single(math.sqrt(max(len(own), 1))))
        found = []
        for label in self.labels:
            bag = sum(self.bag_part(number)[label] for number in own)
            total = single(single(bag) * scale)
            total = single(total + float(self.linear.sentence_bias[label]))
            pooled = self.pooled(sentence, self.token_logits)
            total = single(total + self.weighed(pooled, ("pooled", SENTENCE), label))
            if self.start:
                known = self.known(sentence, self.start)
                total = single(total + self.weighed(known, ("start", SENTENCE), label))
            total = single(total + self.shared(sentence, label))
            found.append(on_grid(total))
        return found

    def bag_part(self, number: int) -> list[float]:
        """What a token adds to its sentence, with the pair that it begins."""
        token, right = self.tokens[number], self.neighbour(number, 1)
        part = self.word_part(token.word, SENTENCE)
        if right is None:
            return part
        pair = self.pair_part(token, right, SENTENCE)
        return [a + b for a, b in zip(part, pair, strict=True)]

    def known(self, sentence: list[int], start: Reading) -> list[float]:
        """What the model that training started from says of a sentence."""
        logits = start.sentence_logits[self.tokens[sentence[0]].sentence]
        own = [clip(each, -6, 3) for each in logits]
        return [0.25 * each for each in own + start.pooled(sentence, start.logits)]

    def weighed(self, values: list[float], block: tuple[str, int | str], label: int) -> float:
        """Sum of values times their weights, in single precision."""
        total = 0.0
        for column, value in enumerate(values):
            total = single(total + single(value * self.weight(label, block, column)))
        return total

    def pooled(self, sentence: list[int], token_logits: list[list[float]]) -> list[float]:
        """Highest and mean token logit of all labels; what is not the article's counts least."""
        low, high = features.LOGIT_RANGE
        highest, mean = [], []
        for label in self.labels:
            logits = [
                clip(token_logits[number][label], low, high) if self.own[number] else low
                for number in sentence
            ]
            highest.append(max(logits))
            mean.append(single(single(sum(logits)) / len(sentence)))
        return highest + mean

    def shared(self, sentence: list[int], label: int) -> float:
        """Mean over the sentence's tokens of what their places add."""
        none = [0.0] * self.n_labels
        total = sum(self.place_part(number, SENTENCE, none)[label] for number in sentence)
        return single(total / len(sentence))

    def mixed(self, number: int) -> list[float]:
        """Logits of a token and its sentence together."""
        sentence = self.sentence_logits[self.tokens[number].sentence]
        found = []
        for label, (mine, its, constant) in enumerate(self.linear.mix.tolist()):
            shared = single(single(sentence[label] * its) + constant)
            found.append(on_grid(single(single(self.token_logits[number][label] * mine) + shared)))
        return found

    # candidates

    def candidates(self) -> Iterator[Candidate]:
        """Spans that may be devices, label by label."""
        for column, label in enumerate(self.model.schema.labels):
            levels = self.model.levels[column].tolist()
            if label.quotation:
                found = set(self.phrases)
            elif label.unit == "insert":
                found = {
                    (each[0], each[-1] + 1)
                    for each, logits in zip(self.sentences, self.sentence_logits, strict=True)
                    if logits[column] > levels[-1]
                }
            else:
                found = set()
                for level in levels:
                    found |= self.runs(column, level, 2 if label.unit == "clause" else 0)
                    if label.unit == "clause":
                        found |= self.clauses(column, level)
                if label.unit == "clause":
                    found |= self.whole_sentences(column, levels[-1])
                found = {pair for each in found for pair in self.trimmed(*each)}
            for start, end in sorted(found):
                yield Candidate(column, start, end)

    def runs(self, label: int, level: float, bridge: int) -> set[tuple[int, int]]:
        """Runs of tokens of a sentence above a level, with gaps of a few tokens."""
        found = set()
        for sentence in self.sentences:
            start = last = None
            for number in sentence:
                if self.logits[number][label] <= level:
                    continue
                if last is None or number - last > bridge + 1:
                    if last is not None:
                        found.add((start, last + 1))
                    start = number
                last = number
            if last is not None:
                found.add((start, last + 1))
        return found

    def starts_segment(self, number: int) -> bool:
        """Whether a clause segment begins: after a break mark, or at a joining word."""
        token = self.tokens[number]
        if token.starts_sentence or token.has(Flag.CLAUSE_WORD):
            return True
        return self.tokens[number - 1].has(Flag.BREAK)

    def segments(self, sentence: list[int]) -> list[list[int]]:
        found: list[list[int]] = []
        for number in sentence:
            if self.starts_segment(number):
                found.append([])
            found[-1].append(number)
        return found

    def clauses(self, label: int, level: float) -> set[tuple[int, int]]:
        """Runs of whole segments whose mean logit is above a level."""
        found = set()
        for sentence in self.sentences:
            start = None
            for segment in self.segments(sentence):
                mean = sum(self.logits[number][label] for number in segment) / len(segment)
                if mean > level:
                    start = segment[0] if start is None else start
                elif start is not None:
                    found.add((start, segment[0]))
                    start = None
            if start is not None:
                found.add((start, sentence[-1] + 1))
        return found

    def whole_sentences(self, label: int, level: float) -> set[tuple[int, int]]:
        return {
            (each[0], each[-1] + 1)
            for each in self.sentences
            if any(self.logits[number][label] > level for number in each)
        }

    def trimmed(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The span without marks at its edges, if it is not too long or a mere mark."""
        for _ in range(3):
            start += self.loose(start, Flag.CLOSE_QUOTE, Flag.OPEN_BRACKET) and start < end - 1
            last = self.loose(end - 1, Flag.OPEN_QUOTE, Flag.CLOSE_BRACKET)
            end -= (last or self.parted(end)) and start < end - 1
        alone = Flag.BREAK | Flag.STOP | QUOTE | Flag.CURRENCY
        mark = end - start == 1 and self.tokens[start].has(alone)
        if end - start <= 160 and not mark:
            yield start, end

    def loose(self, number: int, quote: Flag, bracket: Flag) -> bool:
        """Whether a token is a mark that no span has at this edge."""
        token = self.tokens[number]
        return token.has(Flag.BREAK | Flag.STOP | quote) and not token.has(bracket)

    def parted(self, end: int) -> bool:
        """Whether a currency sign stands before an edge, and its number after it."""
        last, *following = self.tokens[end - 1 : end + 1]
        return last.has(Flag.CURRENCY) and any(
            token.has(Flag.DIGIT) and not token.has(Flag.SPACE) and token.line == last.line
            for token in following
        )

    # spans

    def span_features(self, each: Candidate) -> dict[str, float]:
        """What the linear head may look at."""
        label, start, end = each.key
        sentence = self.tokens[start].sentence
        inside = self.sentences[sentence]
        logits = [clip(self.logits[number][label]) for number in range(start, end)]
        before = clip(self.logits[start - 1][label]) if start > inside[0] else -8.0
        after = clip(self.logits[end][label]) if end <= inside[-1] else -8.0
        ends = end == len(self.tokens) or self.starts_segment(end)
        ends = ends or self.tokens[end].has(Flag.BREAK | Flag.STOP)
        return {
            "mean": single(sum(logits) / len(logits)),
            "first": logits[0],
            "last": logits[-1],
            "before": before,
            "after": after,
            "sentence": clip(self.sentence_logits[sentence][label]),
            "sentence before": self.sentence_near(sentence - 1, label),
            "sentence after": self.sentence_near(sentence + 1, label),
            "tokens": single(math.log(end - start)),
            "share of sentence": single((end - start) / len(inside)),
            "from start": start - inside[0],
            "to end": inside[-1] + 1 - end,
            "begins segment": float(self.starts_segment(start)),
            "ends segment": float(ends),
            "reported before": float(self.places[start].values[0] in (1, 3)),
            "quoted share": single(sum(self.quoted[start:end]) / (end - start)),
            "sentence tokens": single(math.log(len(inside))),
        }

    def sentence_near(self, sentence: int, label: int) -> float:
        if 0 <= sentence < len(self.sentences):
            return clip(self.sentence_logits[sentence][label])
        return -8.0

    def score(self, each: Candidate) -> float:
        """Calibrated probability of a candidate by a linear head."""
        head = self.model.spans
        values = self.span_features(each)
        total = float(head.bias[each.label])
        for place, column in enumerate(head.columns.tolist()):
            total += values[BASIC[column]] * float(head.weights[each.label, place])
        chance = clip(sigmoid(total), 1e-6, 1 - 1e-6)
        slope, intercept = self.model.calibration[each.label].tolist()
        return sigmoid(slope * math.log(chance / (1 - chance)) + intercept)

    def scored(self) -> list[Candidate]:
        """All candidates with their scores."""
        found = list(self.candidates())
        for each in found:
            each.score = self.score(each)
        return found

    def reportable(self, each: Candidate) -> bool:
        """Whether a candidate is the article's own, not a quoted speaker's."""
        label = self.model.schema.labels[each.label]
        inside = sum(self.quoted[each.start : each.end])
        return label.quotation or label.unit == "insert" or inside < (each.end - each.start) / 2

    def spans(self) -> list[Span]:
        """What is reported, in text order."""
        chosen: list[Candidate] = []
        for each in sorted(self.scored(), key=lambda each: (-each.score, each.start, each.end)):
            if each.score < self.model.thresholds[each.label] or not self.reportable(each):
                continue
            if all(each.label != other.label or apart(each, other) for other in chosen):
                chosen.append(each)
        chosen = self.joined_inserts(chosen)
        inserts = [each for each in chosen if self.unit(each) == "insert"]
        kept = [
            each
            for each in chosen
            if self.unit(each) == "insert" or all(apart(each, insert) for insert in inserts)
        ]
        kept.sort(key=lambda each: (each.start, each.end, each.label))
        return [self.as_span(each) for each in kept]

    def unit(self, each: Candidate) -> str:
        return self.model.schema.labels[each.label].unit

    def joined_inserts(self, chosen: list[Candidate]) -> list[Candidate]:
        """Inserts of one label that follow each other directly are one, as sure as the surest."""
        found: list[Candidate] = []
        for each in sorted(chosen, key=lambda each: each.key):
            last = found[-1] if found else None
            follows = last and last.label == each.label and last.end == each.start
            if last and follows and self.unit(each) == "insert":
                found[-1] = Candidate(each.label, last.start, each.end, max(last.score, each.score))
            else:
                found.append(each)
        return found

    def as_span(self, each: Candidate) -> Span:
        start, end = self.tokens[each.start].start, self.tokens[each.end - 1].end
        name = self.model.schema.names[each.label]
        return Span(start, end, name, round(each.score, 4), self.text[start:end])


def apart(one: Candidate, other: Candidate) -> bool:
    return one.end <= other.start or other.end <= one.start


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-clip(logit, -60, 60)))
