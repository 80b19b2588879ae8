"""Words that tell whether a sentence reports what somebody said: `framing.attribution` reads them.

The verbs are grouped by what has to follow for them to report something: Quirk et al., *A
Comprehensive Grammar of the English Language* (1985), 16.30 to 16.33, 16.44 to 16.46 and 16.63.
"""

from __future__ import annotations

from enum import IntFlag


class Role(IntFlag):
    """What a word may do in a sentence that reports something."""

    # cues, by what they report
    SAY = 1 << 0  # whatever follows
    TELL = 1 << 1  # a clause, an infinitive, quoted words
    UTTER = 1 << 2  # a clause with *that*, quoted words
    STANCE = 1 << 3  # a clause with *that*, an infinitive, quoted words
    COMMIT = 1 << 4  # whatever follows but a preposition: vow revenge
    NAME = 1 << 5  # what follows *as*, quoted words
    CALL = 1 << 6  # quoted words, what follows *for* or *on*
    NOUN = 1 << 7  # a clause, an infinitive, what follows *of* or *for*
    ADVERB = 1 << 8
    ACCORDING = 1 << 9
    # what else a cue may be
    EITHER = 1 << 10  # a noun or a verb
    ADDRESSED = 1 << 11  # whom it is said to stands after it
    # words around them
    BE = 1 << 12
    AUXILIARY = 1 << 13
    PAST = 1 << 14  # a finite verb that is no auxiliary
    ING = 1 << 15
    LIGHT = 1 << 16  # a noun follows: take note
    WITHHOLD = 1 << 17  # declined to say
    YOU = 1 << 18  # the reader
    SELF = 1 << 19  # the writer
    PERSON = 1 << 20
    EMPTY = 1 << 21  # says nothing
    DETERMINER = 1 << 22
    THAT = 1 << 23
    RELATIVE = 1 << 24
    JOINS = 1 << 25  # begins a clause
    PREPOSITION = 1 << 26
    TO = 1 << 27
    AS = 1 << 28
    OF = 1 << 29  # of, for, against
    ON = 1 << 30  # on, for


def _forms(verbs: str) -> str:
    """Verbs and their regular forms."""
    found = verbs.split()
    for verb in verbs.split():
        stem = verb.removesuffix("e")
        soft = verb.endswith("y") and verb[-2] not in "aeiou"
        third = "es" if verb.endswith(("sh", "ch", "ss", "x")) else "s"
        found += [verb[:-1] + "ies" if soft else verb + third, stem + "ing"]
        found.append(verb[:-1] + "ied" if soft else stem + "ed")
    return " ".join(found)


_WORDS: tuple[tuple[Role, str], ...] = (
    (Role.SAY, "say says said saying quipped conceding"),
    (
        Role.SAY,
        _forms(
            "claim insist argue quip assert contend opine exclaim shout tweet concede whine gush "
            "scoff lament counter interject reiterate hope"
        ),
    ),
    (
        Role.TELL,
        (
            "tell tells told telling write writes wrote written writing thinks thought thinking felt "
            "admitted admitting implies implied denied denies sang begged cried questioned questioning "
            "expects expecting forecast foresees allege alleges alleging commented commenting requested "
            "requesting notified notifies"
        ),
    ),
    (
        Role.TELL,
        _forms(
            "announce note ask reply explain report reveal confirm admit acknowledge emphasise "
            "emphasize recall suggest testify agree stress respond believe think fear expect boast "
            "complain recount clarify imply scream yell chant sing assure remind inform caution "
            "estimate hint conjecture speculate worry suspect feel retort mutter whisper reckon "
            "propose recommend advise beg murmur sigh muse attest profess proclaim elaborate "
            "articulate predict wonder indicate reassure notify"
        ),
    ),
    (
        Role.UTTER,
        (
            "alleged remarked remarking pointed pointing posted posting shared sharing talked talking "
            "swore sworn swears bragged bragging"
        ),
    ),
    (
        Role.UTTER,
        _forms(
            "continue thank congratulate echo dare state declare quote read add answer maintain "
            "observe conclude repeat disclose affirm caption joke assume determine calculate "
            "preach rule confess theorise theorize grumble insinuate stipulate fume rant"
        ),
    ),
    (Role.STANCE, _forms("express outline describe voice order encourage instruct")),
    (
        Role.COMMIT,
        _forms("vow pledge promise threaten urge warn accuse deny blame praise credit criticise")
        + " "
        + _forms("criticize estimate hint demand label")
        + " labelled labelling",
    ),
    (
        Role.NAME,
        _forms(
            "describe label portray brand regard view depict characterise characterize frame dismiss "
            "denounce condemn declare paint hail blast assail deride mock decry consider deem"
        )
        + " see sees saw seen slam slams slammed slamming dub dubs dubbed dubbing "
        "refer refers referred referring",
    ),
    (Role.CALL, _forms("call")),
    (
        Role.NOUN,
        (
            "claim claims allegation allegations accusation accusations suggestion suggestions "
            "speculation rumor rumour rumors rumours report reports statement complaint belief fear "
            "fears hope hopes promise promises pledge pledges vow vows threat threats warning warnings "
            "call calls plea pleas criticism charge charges description assertion "
            "argument admission denial prediction assurance assurances contention insistence advice "
            "proposal proposals announcement announcements"
        ),
    ),
    (Role.ADVERB, "reportedly allegedly purportedly supposedly purported"),
    (Role.ACCORDING, "according"),
    (
        Role.EITHER,
        (
            "claim claims report reports state states note notes promise promises pledge pledges "
            "vow vows threat threats estimate estimates charge charges call calls answer answers "
            "reply replies boast boasts order orders label labels brand brands hope hopes fear "
            "fears forecast forecasts complaint tweet tweets joke jokes stress quote quotes blame "
            "praise view views credit credits blast whisper recall shout shouts voice voices frame "
            "frames worry worries scream screams spread caution counter thought suspect suspects "
            "sigh sighs yell yells echo echoes repeat repeats retort retorts rule rules"
        ),
    ),
    (Role.ADDRESSED, "tell tells told telling " + _forms("inform assure remind urge ask")),
    (Role.BE, "is are was were be been being"),
    (
        Role.AUXILIARY,
        (
            "is are was were be been am has have had do does did will would can could may might should "
            "must shall won't wouldn't can't couldn't isn't aren't wasn't weren't don't doesn't didn't "
            "hasn't haven't hadn't not never it's he's she's they're there's i'm we're that's"
        ),
    ),
    (
        Role.PAST,
        (
            "went came took gave got made began became left kept led lost met ran saw sent stood won "
            "broke brought built bought caught chose fell found held knew paid put rose sat sold spent "
            "taught threw wore said told wrote says tells hates wants needs lacks means makes remains "
            "seems goes comes takes gives gets shows knows keeps loves likes hopes encourages supports "
            "represents threatens"
        ),
    ),
    (Role.LIGHT, "take takes took taking face faces faced make makes made issue issued give gave"),
    (Role.WITHHOLD, _forms("decline refuse")),
    (Role.YOU, "you"),
    (Role.SELF, "i we i've we've i'm we're i'd we'd"),
    (Role.PERSON, "he she it they there i we you"),
    (Role.EMPTY, "nothing little so"),
    (
        Role.DETERMINER,
        (
            "the a an his her its their our my your no every each this these such any another recent "
            "new other many member"
        ),
    ),
    (Role.THAT, "that whether if how why what when where"),
    (Role.RELATIVE, "who which whom whose where"),
    (
        Role.JOINS,
        (
            "and but or while as after before when if because although though since until that so yet "
            "whilst once unless who which even"
        ),
    ),
    (
        Role.PREPOSITION,
        (
            "of in on at by for with from into over under about against between among through during "
            "amid despite toward towards upon without following to"
        ),
    ),
    (Role.TO, "to"),
    (Role.AS, "as"),
    (Role.OF, "of for against"),
    (Role.ON, "on for"),
)


def _known() -> dict[str, int]:
    """Roles of each word that has any but by its ending."""
    found: dict[str, int] = {}
    for role, members in _WORDS:
        for word in members.split():
            found[word] = found.get(word, 0) | int(role)
    return found


_KNOWN = _known()
_ENDINGS = (
    ("ed", int(Role.PAST)),
    ("ing", int(Role.ING)),
    ("'s", int(Role.DETERMINER)),  # the mayor's claim
)
_ENDED = tuple(ending for ending, _ in _ENDINGS)


def roles(word: str) -> int:
    """`Role` bits of a word."""
    lower = word.lower().replace("’", "'")
    found = 0 if word == "May" else _KNOWN.get(lower, 0)
    if lower.endswith(_ENDED):
        return found | next(role for ending, role in _ENDINGS if lower.endswith(ending))
    return found
