"""Derivational families: *rahastama*, *rahastamine*, *rahastus*, *rahastaja*, *rahastatud*.

A family is a verb with its derivatives, or an adjective with its base noun (*keemiline*, *keemia*),
its abstract noun and its factitive verb (*digitaalne*, *digitaalsus*, *digitaliseerima*). The rules
only propose words: the lexicon has to confirm each with its part of speech. Pairs of different
meaning (*teadus* is no *teadma*) are excluded by a reviewed list, irregular ones added by another.
Of a compound the last part is derived: *energiatõhusus*, *energiatõhus*.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from search.analysis.morphology import Reading

_VERB, _NOUN, _ADJECTIVE = "V", "S", "A"
#: Parts of speech of words in the reviewed list.
_ANY = "VSA"
#: Of regular forms, which every verb has and nothing needs to confirm.
_NO_POS = ""
_VOWELS = "aeiouõäöü"
_SHORTEST = 3
_SHORTEST_LOAN = 5
_PERSONS = ("aat", "eeg", "eet", "ist", "oof", "oog", "oom", "urg")
_PARTICIPLES = ("tud", "nud", "tav", "v")
#: Readings of a form in the lexicon.
Lookup = Callable[[str], Sequence[Reading]]
#: Past passive participles of a verb of the lexicon, which have the weak stem.
Passive = Callable[[str], Sequence[str]]
#: A simple word and its part of speech.
_Word = tuple[str, str]


#: A word of a family, its part of speech, and the verb that must not be in the lexicon, if any.
_Proposed = tuple[str, str, str]


# Different in meaning: a verb or an adjective, and what a rule would derive from it.
_EXCLUDED = frozenset(
    tuple(pair.split("|"))
    for pair in """
    alluma|alluvus arbuma|arbuus asutama|asutus avama|avaus deviseerima|deviis energiline|energia
    friseerima|friis füüsiline|füüsika harima|haridus hoovama|hoovus huvitama|huvitav
    istuma|istung juhtima|juhtiv jäätama|jäätis kaasama|kaasus kaasuma|kaasus karjuma|karjus
    kasutu|kasutus katma|katus kauplema|kauplus kogema|kogus koguma|kogus kogu|kogudus
    kohama|kohus kohuma|kohus koondama|koondis koostama|koostis korpuma|korpus krooniline|kroonika
    kõrguma|kõrgus kütma|kütus laiama|laius laiuma|laius lai|laius lugema|loeng luksuma|luksus
    lõpma|lõpus magama|magus majandama|majandus manama|manus matma|matus mustama|mustus
    mustuma|mustus must|mustus mõistma|mõistus nimetu|nimetus näitama|näitus nõutama|nõutus
    ohutama|ohutus oma|omadus otsama|otsus panema|pang panema|panus pettuma|pettus pidama|pidaja
    pikk|pikkus puhkama|puhang pärima|päring pärinema|päring põhjama|põhjus püha|pühadus
    raketama|raketis rase|rasedus rikkuma|rikkus saatma|saatus seadma|seadus seaduma|seadus
    siga|sigadus siirma|siirus silmama|silmus sulama|sulus suur|suurus sügama|sügis süütama|süütus
    teadma|teadus teadma|teatud teatama|teatav teatama|teatud tegev|tegevus toetuma|toetus
    toimetama|toimetus tundma|tuntud tänama|tänav töötama|töötus uhkama|uhkus ulatama|ulatus
    ulatuma|ulatus ulatuslik|ulatus vaba|vabadus vahetu|vahetus valguma|valgus valitsema|valitsus
    vana|vanadus vanuma|vanus viirama|viirus viruma|virus väärama|väärus väärt|väärtus
    õnnetu|õnnetus ühendama|ühendus ühenduma|ühendus ühinema|ühing üritama|üritus
    """.split()
)
# Nouns that are the stem of their verb: *ost, ostma*; *kontroll, kontrollima*.
_WITH_MA = frozenset(
    """jooks kadu kaitse kulu laul leid luba mõju naer ost ravi sõit sääst tõus valve
    võit""".split()
)
_WITH_IMA = frozenset(
    """analüüs boikott diagnoos disain eksport film import kink kontroll käsk lihv loos maal mäng
    plaan prognoos protest reform reis reklaam remont rent risk rööv soov sport start streik sund
    sõlm sünd süst tants test trahv transport trükk värv üür""".split()
)
# Families that no rule gives, each after its verb or adjective.
_REVIEWED = """
    aitama: abi abistama
    algama: algus
    digitaalne: digi digitaliseerima
    hankima: hange
    hüppama: hüpe
    jooma: jook joodik
    kahjustama: kahju
    kaklema: kaklus
    kasvama: kasv
    keelama: keeld keelustama
    kuluma: kulutama
    kutsuma: kutse
    kõnelema: kõne
    kärpima: kärbe
    kütma: küte
    laenama: laen
    lekkima: leke
    lendama: lend
    leppima: lepe
    levima: levik levitama
    looma: looming
    lööma: löök
    minema: minek
    muutma: muutuma
    mõjutama: mõju mõjuma
    mõrvama: mõrv
    mõtlema: mõte
    müüma: müük
    nõudma: nõue
    ohustama: oht
    otsustama: otsus
    panema: panek
    petma: petis pettur
    pöörama: pööre
    püüdma: püük
    raiuma: raie
    riiklik: riik
    rikkuma: rike
    ründama: rünnak rünne
    rändama: ränne
    surema: surm
    sööma: söök
    teatama: teade teavitama
    tekkima: teke tekitama
    tootma: toodang
    tulema: tulek
    tõlkima: tõlge
    tõrjuma: tõrje
    valima: valik
    varastama: vargus varas
    vedama: vedu
    viitama: viide
    väitma: väide
    õppima: õpe
"""


class Relative(NamedTuple):
    """A proposed word of a family: ``lemma``, whose last part ``head`` has to be a ``pos``.

    Without ``pos`` it needs no confirmation. It is of another family if the lexicon has the verb
    ``unless``.
    """

    lemma: str
    head: str
    pos: str
    unless: str = ""


def relatives_of(
    lemma: str, readings: Iterable[Reading], lookup: Lookup, passive: Passive
) -> tuple[Relative, ...]:
    """Proposes the words of the families of ``lemma``, likeliest first, without itself.

    ``readings`` are those of the lemma.
    """
    found: dict[str, Relative] = {}
    participles: dict[str, Sequence[str]] = {}

    def known_passive(verb: str) -> Sequence[str]:
        if verb not in participles:
            participles[verb] = passive(verb)
        return participles[verb]

    for reading in readings:
        if reading.lemma.lower() != lemma:
            continue
        head = _head(lemma, reading)
        before = lemma[: len(lemma) - len(head)]
        for word, pos, unless in _family((head, reading.pos), lookup, known_passive):
            if word == head or len(word) < _SHORTEST:
                continue
            whole = before + word
            known = found.get(whole)
            if known is None or (known.unless and not unless):
                found[whole] = Relative(whole, word, pos, unless)
    return tuple(found.values())


def words_to_confirm(relatives: Iterable[Relative]) -> Iterator[str]:
    """The words that :func:`is_confirmed` looks up."""
    for each in relatives:
        if each.pos:
            yield each.head
        if each.unless:
            yield each.unless


def is_confirmed(relative: Relative, lookup: Lookup) -> bool:
    """True if the lexicon has ``relative`` with its part of speech, in this family."""
    if relative.unless and _has_reading(relative.unless, _VERB, lookup):
        return False
    return not relative.pos or _has_reading(relative.head, relative.pos, lookup)


def _has_reading(text: str, pos: str, lookup: Lookup) -> bool:
    return any(each.pos in pos and each.lemma == text for each in lookup(text))


def _head(lemma: str, reading: Reading) -> str:
    """The last part of a compound as a lemma; any other word as it is."""
    if "-" in lemma:
        return lemma.rpartition("-")[2]
    return lemma[sum(map(len, reading.parts[:-1])) :]


def _family(word: _Word, lookup: Lookup, passive: Passive) -> Iterator[_Proposed]:
    text, _ = word
    for verb in dict.fromkeys(_verbs_of(word, lookup, passive)):
        if (verb, text) not in _EXCLUDED:
            yield verb, _NO_POS, ""
            for each in _derived_from_verb(verb, passive):
                if (verb, each[0]) not in _EXCLUDED:
                    yield each
            for loan, pos in _loan_bases(verb):
                yield loan, pos, ""
    for other, pos in _related_to_nominal(word):
        if (text, other) not in _EXCLUDED and (other, text) not in _EXCLUDED:
            yield other, pos, ""
    for base in (text, *_BASES.get(text, ())):
        yield base, _ANY, ""
        for other in _REVIEWED_RELATIVES.get(base, ()):
            yield other, _ANY, ""


def _verbs_of(word: _Word, lookup: Lookup, passive: Passive) -> Iterator[str]:
    """A verb itself; of a noun or an adjective, verbs of the lexicon that it is derived from."""
    text, pos = word
    if pos == _VERB:
        yield text
        return
    if pos == _ADJECTIVE:
        other = _homonymous_verb(text)
        forms = ("v",) if other and _has_reading(other, _VERB, lookup) else _PARTICIPLES
        yield from (e.lemma for e in lookup(text) if e.pos == _VERB and e.form in forms)
        return
    yield from (each for each in _BASES.get(text, ()) if each.endswith("ma"))
    for stem in _stems_of(text):
        # Forms are made of every verb of the lexicon, and of no other word.
        if len(stem) > 1 and passive(stem + "ma"):
            yield stem + "ma"
    if text.endswith("ng"):  # behind the weak stem: *hinnang* as *hinnatud*
        yield from (
            e.lemma for e in lookup(text[:-2] + "tud") if e.pos == _VERB and e.form == "tud"
        )


def _stems_of(noun: str) -> Iterator[str]:
    """Stems of verbs from which a rule makes ``noun``."""
    if noun.endswith("mine"):
        yield noun[:-4]
    elif noun.endswith("ja"):
        yield noun[:-2]
        if noun.endswith("ija"):
            yield noun[:-3] + "e"
    elif noun.endswith("us"):
        stem = noun[:-2]
        yield from (stem + "a", stem + "e", stem + "u", stem)
        if stem[-2:-1] == stem[-1:]:
            yield stem[:-1]
    elif noun.endswith("is"):
        yield noun[:-2] + "a"
    elif noun.endswith("ng"):
        yield noun[:-1] + "e"
    if noun in _WITH_MA:
        yield noun
    elif noun in _WITH_IMA:
        yield noun + "i"


def _derived_from_verb(verb: str, passive: Passive) -> Iterator[_Proposed]:
    """Words that may be derived from ``verb``."""
    stem = verb[:-2]
    yield stem + "mine", _NO_POS, ""
    for noun in _nouns_of(stem):
        yield noun, _NOUN, ""
    yield stem + "nud", _NO_POS, ""
    yield (stem if stem[-1:] in _VOWELS else stem + "e") + "v", _NO_POS, ""
    for participle in passive(verb):
        yield participle, _NO_POS, ""
        present = participle[:-2] + "av"
        yield present, _NO_POS, _homonymous_verb(present)
        yield participle[:-3] + "ng", _NOUN, ""
    for reviewed in _REVIEWED_RELATIVES.get(verb, ()):
        yield reviewed, _ANY, ""


def _homonymous_verb(participle: str) -> str:
    """The possible verb of which it is the active participle: *puudutav* is of *puudutama*, not of
    *puuduma*.
    """
    return participle[:-1] + "ma" if participle.endswith(("etav", "itav", "utav")) else ""


def _nouns_of(stem: str) -> Iterator[str]:
    last = stem[-1:]
    yield stem + "ja"
    if last == "e":
        yield stem[:-1] + "ija"
    if stem.endswith("ne"):
        yield stem[:-1] + "g"
    if last in ("a", "e", "u"):
        yield stem[:-1] + "us"
    elif last not in _VOWELS:
        yield from (stem + "us", stem + last + "us")
    if last == "a":
        yield stem[:-1] + "is"
    if stem in _WITH_MA:
        yield stem
    elif last == "i" and stem[:-1] in _WITH_IMA:
        yield stem[:-1]


def _related_to_nominal(word: _Word) -> Iterator[_Word]:
    """Nouns of an adjective or adjectives of a noun, and factitive verbs."""
    text, pos = word
    if pos == _ADJECTIVE:
        yield from ((each, _NOUN) for each in _nouns_of_quality(text))
        yield from ((each, _NOUN) for each in _nouns_of_relation(text))
        yield from _loan_verbs(text.removesuffix("ne"))
    elif pos == _NOUN:
        yield from ((each, _ADJECTIVE) for each in _adjectives_of(text))
        yield from ((each, _ADJECTIVE) for each in _adjectives_of_relation(text))
        yield from _loan_verbs(text)


def _loan_bases(verb: str) -> Iterator[_Word]:
    """Bases of a verb in *-eerima*: *digitaalne* of *digitaliseerima*, *vaktsiin*."""
    stem = verb.removesuffix("eerima")
    if stem != verb and len(stem) >= _SHORTEST_LOAN:
        for each in map(_with_long_vowel, (stem, stem.removesuffix("is"))):
            yield from ((each, _NOUN), (each + "ne", _ADJECTIVE))


def _nouns_of_quality(adjective: str) -> Iterator[str]:
    if adjective.endswith("ne"):
        yield adjective[:-2] + "sus"
    elif adjective.endswith("lik"):
        yield adjective + "kus"
    elif adjective.endswith("tu"):
        yield adjective + "s"
    else:
        yield from (adjective + "us", adjective + "dus")


def _adjectives_of(noun: str) -> Iterator[str]:
    if noun.endswith("likkus"):
        yield noun[:-3]
    elif noun.endswith("us"):
        yield noun[:-2]
        if noun.endswith("sus"):
            yield noun[:-3] + "ne"
        elif noun.endswith("dus"):
            yield noun[:-3]
        elif noun.endswith("tus"):
            yield noun[:-1]


def _nouns_of_relation(adjective: str) -> Iterator[str]:
    """Base nouns of a relational adjective: *tööstuslik*, *keemiline*, *poliitiline*."""
    if adjective.endswith(("uslik", "kondlik")):
        yield adjective[:-3]
    elif adjective.endswith("iline"):
        stem = adjective[:-5]
        yield from (stem + "ia", stem + "ika")
        if stem.endswith("r"):
            yield stem[:-1] + "er"
        if _is_inanimate(stem):
            yield stem


def _adjectives_of_relation(noun: str) -> Iterator[str]:
    if noun.endswith(("us", "kond")):
        yield noun + "lik"
    elif noun.endswith("ia"):
        yield noun[:-1] + "line"
    elif noun.endswith("ika"):
        yield noun[:-2] + "line"
    elif noun.endswith("er"):
        yield noun[:-2] + "riline"
    elif _is_inanimate(noun):
        yield noun + "iline"


def _is_inanimate(noun: str) -> bool:
    """True for *kultuur*; *tehnoloogiline* is of *tehnoloogia*, not of a *tehnoloog*."""
    return len(noun) >= _SHORTEST_LOAN and noun[-1] not in _VOWELS and not noun.endswith(_PERSONS)


def _loan_verbs(stem: str) -> Iterator[_Word]:
    """Verbs in *-eerima*: *digitaalne*, *digitaliseerima*; *vaktsiin*, *vaktsineerima*."""
    at = max(map(stem.rfind, _VOWELS))
    if len(stem) >= _SHORTEST_LOAN and at > 0 and stem[at - 1] == stem[at]:
        short = stem[:at] + stem[at + 1 :]
        for verb in (short + "eeri", short + "iseeri"):
            yield from ((verb + "ma", _VERB), (verb + "mine", _NOUN))


def _with_long_vowel(stem: str) -> str:
    at = max(map(stem.rfind, _VOWELS))
    return stem[: at + 1] + stem[at:]


def _reviewed_relatives(text: str) -> Mapping[str, tuple[str, ...]]:
    rows = (line.split(":") for line in text.strip().splitlines())
    return MappingProxyType({base.strip(): tuple(others.split()) for base, others in rows})


def _bases(reviewed: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for base, others in reviewed.items():
        for each in others:
            found[each] = (*found.get(each, ()), base)
    return MappingProxyType(found)


_REVIEWED_RELATIVES = _reviewed_relatives(_REVIEWED)
_BASES = _bases(_REVIEWED_RELATIVES)
