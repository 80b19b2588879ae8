"""Closed classes of English words, written from grammars and style guides.

They say what a word *does* (reports, hedges, judges, joins clauses), never that a
device is there: the models weigh them beside everything else. Sources: Quirk et
al., *A Comprehensive Grammar of the English Language* (1985); Hooper, "On
assertive predicates" (1975); Karttunen, "Implicative verbs" (1971); Hyland,
*Metadiscourse* (2005); Recasens, Danescu-Niculescu-Mizil and Jurafsky (2013).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


def _forms(*verbs: str) -> frozenset[str]:
    """Inflected forms of regular verbs; irregular ones are given as they are."""
    found: set[str] = set()
    for verb in verbs:
        stem = verb[:-1] if verb.endswith("e") else verb
        third = verb[:-1] + "ies" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "s"
        if verb.endswith(("sh", "ch", "ss", "x")):
            third = verb + "es"
        past = verb[:-1] + "ied" if third.endswith("ies") else stem + "ed"
        found |= {verb, third, past, stem + "ing"}
    return frozenset(found)


def _list(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _list(
    "mr mrs ms dr prof gen sen rep gov col lt sgt capt cmdr adm maj rev hon st jr sr vs v sens reps etc inc "
    "ltd co corp dept jan feb mar apr jun jul aug sept sep oct nov dec no mt ft vol fig al approx"
)
STARTERS = _list(
    "the a an he she it they we i you this that these those his her its their our my in on at but "
    "and or so as if when while after before for from with by according there here what who how "
    "why where however meanwhile still yet also although though since because not no some many "
    "most all both one"
)
CLAUSE_WORDS = _list(
    "that which who whom whose where when while as because although though since if unless until "
    "whereas but and or so yet after before despite amid by with without suggesting signaling "
    "signalling underscoring highlighting raising casting prompting leaving making marking"
)

SAYING = _list(
    "say says said saying tell tells told telling write writes wrote written speak speaks spoke "
    "announce announces announced state states stated add adds added note notes noted ask asks "
    "asked reply replied answer answered explain explained report reports reported reporting "
    "quoted according statement comment commented"
)
WARNING = _forms(
    "warn",
    "vow",
    "pledge",
    "promise",
    "threaten",
    "accuse",
    "deny",
    "declare",
    "argue",
    "acknowledge",
    "emphasise",
    "emphasize",
    "maintain",
    "urge",
    "predict",
    "believe",
    "estimate",
    "confirm",
    "recall",
    "suggest",
    "describe",
    "call",
    "respond",
    "tweet",
    "testify",
    "agree",
    "stress",
) | {"denied", "denies"}
LOADED_SAYING = _forms(
    "claim",
    "boast",
    "concede",
    "insist",
    "allege",
    "lash",
    "blast",
    "rail",
    "rant",
    "lecture",
    "whine",
    "lament",
    "gush",
    "scoff",
    "mock",
    "dismiss",
    "portray",
    "frame",
    "paint",
    "label",
    "implore",
    "bemoan",
    "rage",
    "fume",
    "gloat",
    "sneer",
    "snipe",
    "rave",
    "preach",
    "deride",
    "decry",
    "tout",
    "trumpet",
    "crow",
    "bluster",
    "assert",
    "profess",
    "complain",
    "blame",
    "bash",
    "attack",
    "shame",
    "berate",
    "chide",
    "hail",
) | _list(
    "bragged brag brags bragging admitted admit admits admitting slammed slam slams slamming "
    "ripped rips ripping panned grilled doubled doubling cast casts casting brushed tirade "
    "rhetoric narrative defiant outburst diatribe screed"
)
REPORTING = SAYING | WARNING | LOADED_SAYING

HEDGES = _list(
    "may might could would can should perhaps maybe possibly probably apparently seemingly likely "
    "unlikely potentially presumably arguably allegedly reportedly supposedly purportedly "
    "ostensibly appears appear appeared seems seem seemed suggests suggest indicate indicates "
    "expected poised prospect prospects possibility risk risks looming uncertain unclear doubt "
    "doubts whether if threatens hinges brink"
)
FORECAST = _list(
    "will won't expected likely unlikely set poised bound looks could may might forecast "
    "prospect prospects possibility future soon eventually ultimately next"
)
VAGUE_SOURCE = _list(
    "critics experts analysts observers officials sources insiders some many others several "
    "opponents supporters advocates commentators activists fans users people pundits reports "
    "rumours rumors speculation skeptics sceptics detractors researchers scientists economists "
    "historians lawmakers diplomats witnesses allies aides widely reportedly allegedly purportedly "
    "rumored rumoured believed considered seen regarded thought known understood"
)
MENTAL = _list(
    "hope hopes hoped hoping fear fears feared fearing want wants wanted wanting seek seeks sought "
    "seeking aim aims aimed aiming bid attempt attempts effort desperate eager keen anxious "
    "determined intent intends intended intention intentions designed meant calculated trying "
    "tried try afraid angry furious frustrated jealous worried nervous ploy scheme plot motive "
    "agenda knows knew thinks realise realize realised realized refuses refused willing unwilling"
)
BOOSTERS = _list(
    "very extremely utterly totally absolutely completely clearly obviously undoubtedly certainly "
    "indeed truly simply deeply highly hugely massively incredibly remarkably surely of course "
    "literally never always ever every entirely wholly badly sharply starkly plainly blatantly "
    "shockingly stunningly sadly unfortunately tragically predictably ironically hopefully "
    "thankfully amazingly unsurprisingly rightly wrongly"
)
COMMENT = _list(
    "underscores underscore underscored underscoring highlights highlight highlighted highlighting "
    "reflects reflect reflected reflecting marks mark marked marking signals signal signaled "
    "signalled signaling signalling represents shows show showed proves prove proved demonstrates "
    "illustrates exposes reveals means suggests reminder testament proof symbol sign evidence "
    "truth reality fact irony tragedy shame disgrace lesson point"
)
DEONTIC = _list("must should ought need needs shouldn't mustn't deserve deserves cannot can't")
CAUSE = _list(
    "caused causing cause causes led leads leading resulted resulting results because due thanks "
    "sparked triggered fueled fuelled driven drove fuels blamed responsible after behind"
)
INSERT = _list(
    "read more related subscribe newsletter click here follow watch video sign up download app "
    "advertisement sponsored donate join share story continues below see also podcast email "
    "inbox shop buy offer deal listen gallery photos scroll facebook twitter instagram youtube "
    "support comments newsletters trending updates alerts"
)
NEGATION = _list(
    "not no never none nothing neither nor n't without cannot don't doesn't didn't "
    "isn't wasn't aren't won't"
)
FIRST_PERSON = _list("i we us our my me mine ours ourselves i'm we're i've we've you your")
DETERMINERS = _list(
    "the a an this that these those his her its their our my your some any no every each all both"
)
PREPOSITIONS = _list(
    "of in on at by for with from to into over under about against between among "
    "through during before after above below amid despite toward towards upon"
)
BE = _list("is are was were be been being am has have had having do does did")
PRONOUNS = _list(
    "he she it they him her them who which what that this there himself itself themselves"
)

CLOSED: dict[str, frozenset[str]] = {
    "saying": SAYING,
    "warning": WARNING,
    "loaded saying": LOADED_SAYING,
    "hedge": HEDGES,
    "forecast": FORECAST,
    "vague source": VAGUE_SOURCE,
    "mental": MENTAL,
    "booster": BOOSTERS,
    "comment": COMMENT,
    "deontic": DEONTIC,
    "cause": CAUSE,
    "insert": INSERT,
    "negation": NEGATION,
    "first person": FIRST_PERSON,
    "determiner": DETERMINERS,
    "preposition": PREPOSITIONS,
    "be": BE,
    "pronoun": PRONOUNS,
    "clause word": CLAUSE_WORDS,
}
"""Name and members of the closed classes."""


@lru_cache(maxsize=1)
def classes() -> dict[str, frozenset[str]]:
    """Name and members of every class that the models see: closed, and open (`lexicon/`)."""
    found = dict(CLOSED)
    for file in sorted(files("framing").joinpath("lexicon").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".txt"):
            lines = file.read_text(encoding="utf-8").split("\n")
            members = (line.strip() for line in lines if line and not line.startswith("#"))
            found[file.name.removesuffix(".txt").replace("_", " ")] = frozenset(members)
    return found
