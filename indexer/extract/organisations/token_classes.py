"""Token classes: the roles a word can have in the name of an organisation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexer.extract.organisations import lexicon
from search.analysis import Analyzer, Reading, Token
from search.analysis.acronyms import acronym_base

#: Case endings of acronyms and foreign names.
CASE_ENDING = re.compile(
    r"[-'’]?(?:i|le|l|lt|ga|iga|ile|il|ilt|ist|is|isse|iks|ini|ina|ita|st|s|sse|ks|t|d|de|e|ga|u|"
    r"ule|ul|ult|uga|ust|us)?"
)
_ADVERBIAL = frozenset({"sg in", "sg el", "sg ill", "sg ad", "sg abl", "sg all", "sg kom"})
_GENITIVE = frozenset({"sg g", "pl g"})
#: Ranks of cases of an ambiguous name, the likeliest first: many nominatives end in -i, -s or -l,
#: few in -ga or -le.
_NOMINATIVE_RANKS = {
    **dict.fromkeys(("sg kom", "sg all", "sg ill", "sg abl", "sg tr"), 1),
    "sg el": 1,
    "sg n": 2,
    "pl n": 2,
    "sg in": 3,
    "sg ad": 3,
    "sg ter": 7,
    "sg es": 7,
    "sg g": 4,
    "sg p": 5,
    "adt": 6,
}
_ROLE_LEMMAS = frozenset(
    {
        *lexicon.HEADS,
        *lexicon.STATE_BODIES,
        *lexicon.UNITS,
        *lexicon.APPOSITION_NOUNS,
        *lexicon.MEDIA_NOUNS,
        *lexicon.LEGAL_FORMS,
    }
)
_CACHE_LIMIT = 200_000
_INNER_CAPITAL = re.compile(r"[A-ZÕÄÖÜŠŽ].*[A-ZÕÄÖÜŠŽ]")


@dataclass(frozen=True, slots=True)
class Head:
    """A head noun: its nominative as written, lemma, case, compound or not."""

    nominative: str
    lemma: str
    forms: frozenset[str]
    compound: bool


class TokenClass(NamedTuple):
    """Roles of a word form in names, independent of its context.

    ``legal`` is a legal form as shown, ``acronym`` the acronym without ending. ``introduces_name``
    marks a noun that a name may follow in apposition (klaster, ettevõte), ``introduces_list`` its
    plural, ``unit`` a noun for a part of an organisation (osakond), ``public_body`` a state body
    whose name may be in lower case. With ``may_begin_name``, a sentence in which no other word is
    capitalised may begin with a name.
    """

    text: str
    lower: str
    capital: bool
    legal: str | None = None
    legal_inflected: bool = False
    acronym: str | None = None
    head: Head | None = None
    introduces_name: bool = False
    introduces_list: bool = False
    unit: bool = False
    public_body: bool = False
    may_begin_name: bool = False

    @property
    def suggests_name(self) -> bool:
        """True if the form itself suggests a name."""
        return self.capital or self.public_body


class TokenClassifier:
    """Classifies words for the rules; without an analyzer (other languages) only by spelling."""

    def __init__(self, analyzer: Analyzer | None) -> None:
        self._analyzer = analyzer
        self._words: dict[str, TokenClass] = {}
        self._known: dict[str, bool] = {}
        self._nominatives: dict[str, tuple[str, ...]] = {}

    def classify(self, tokens: Sequence[Token]) -> list[TokenClass]:
        """Classifies ``tokens``."""
        known = self._words.get
        return [
            (known(each.text) or self._new(each.text))
            if each.kind != "address"
            else TokenClass(each.text, each.text.lower(), False)
            for each in tokens
        ]

    def classify_text(self, text: str) -> TokenClass:
        """Classifies a single word."""
        return self._words.get(text) or self._new(text)

    def _new(self, text: str) -> TokenClass:
        if len(self._words) >= _CACHE_LIMIT:
            self._words.clear()
            self._known.clear()
            self._nominatives.clear()
        word = self._words[text] = self._word(text)
        return word

    def _word(self, text: str) -> TokenClass:
        if text.islower() and not self._may_have_role(text):
            return TokenClass(text, text, capital=False)
        legal, inflected = self._legal(text)
        acronym = None if legal else acronym_base(text)
        label = text.isupper() and text.lower() in lexicon.HEADLINE_LABELS
        head = self._head(text) if len(text) > 3 and not label else None
        common = self.common(text)
        return TokenClass(
            text,
            text.lower(),
            capital=text[0].isupper() or bool(_INNER_CAPITAL.match(text)),
            legal=legal,
            legal_inflected=inflected,
            acronym=acronym,
            head=head,
            introduces_name=_is_apposition_noun(common, "sg"),
            introduces_list=_is_apposition_noun(common, "pl"),
            unit=any(each.parts[-1].rpartition("-")[2] in lexicon.UNITS for each in common),
            public_body=head is not None and _is_public_body(head),
            may_begin_name=bool(legal or acronym or head or not common),
        )

    def _may_have_role(self, lower: str) -> bool:
        """Cheap check whether a lower-case word can have a role; nearly none has."""
        if self._analyzer is None:
            return True
        for each in self._analyzer.readings(lower):
            if each.parts[-1] in _ROLE_LEMMAS or each.lemma in _ROLE_LEMMAS:
                return True
        return "-" in lower

    def readings(self, text: str) -> tuple[Reading, ...]:
        """The morphology's readings; none in other languages."""
        return self._analyzer.readings(text) if self._analyzer is not None else ()

    def common(self, text: str) -> tuple[Reading, ...]:
        """Readings other than proper names, if the lexicon has any."""
        if self._analyzer is None:
            return ()
        return tuple(each for each in self._analyzer.readings(text) if each.pos != "H")

    def is_all_caps_word(self, acronym: str) -> bool:
        """True for a word in capitals that is no acronym; short ones are acronyms."""
        if self._analyzer is None or len(acronym) <= 3:
            return False
        known = self._known.get(acronym)
        if known is None:
            known = self._known[acronym] = self._analyzer.is_known(acronym.lower())
        return known

    def is_function_word(self, text: str) -> bool:
        """True if all readings are function words: „KUI“."""
        readings = self.readings(text.lower())
        return bool(readings) and all(each.pos in "DJKP" for each in readings)

    def is_inanimate_noun(self, word: TokenClass) -> bool:
        """True for a singular noun that is no agent noun."""
        return any(
            each.pos == "S"
            and each.form.startswith("sg")
            and each.lemma not in lexicon.NON_NAME_MODIFIERS
            and each.parts[-1] not in lexicon.ROLES
            and not each.lemma.endswith("ja")
            for each in self.common(word.text)
        )

    def is_adverbial(self, text: str) -> bool:
        """True if all its readings are adverbial cases, which are impossible inside a name."""
        readings = self.common(text) or self.readings(text)
        return bool(readings) and all(each.form in _ADVERBIAL for each in readings)

    def lemmas(self, text: str) -> tuple[str, ...]:
        """Lower-case lemmas."""
        return self._analyzer.terms(text).lemmas if self._analyzer is not None else (text.lower(),)

    def is_place(self, text: str) -> bool:
        """True for a genitive of place (Eesti, Tallinna), a word class in Vabamorf."""
        low = text.lower()
        return (
            low in lexicon.COUNTRIES
            or (low.endswith(("maa", "linna", "valla", "saare")) and low not in lexicon.NON_PLACES)
            or any(each.pos == "G" for each in self.readings(text))
        )

    def is_place_name(self, text: str) -> bool:
        """True if the nominative ``text`` has a genitive of place: *Tallinn*, *Tallinna*."""
        return any(self.is_place(text + vowel) for vowel in ("", "a", "i", "e", "u"))

    def is_adverbial_noun(self, text: str) -> bool:
        """True for an adverbial word that agrees with no noun behind it."""
        return self.is_adverbial(text) and any(
            each.pos not in "AUC" for each in self.common(text) or self.readings(text)
        )

    def is_inner(self, word: TokenClass, elliptic: bool, head: Head | None) -> bool:
        """True for a word that can precede the head: genitives and acronyms."""
        if word.acronym is not None:
            return True
        readings = self.readings(word.text)
        if not readings:
            return word.capital
        if elliptic or any(each.pos == "G" for each in readings):
            return True
        # „Kuigi“, „Uudne“: the guesser takes any capitalised word for a name.
        readings = self.common(word.text) or readings
        # An adjective agrees with its head: „Rahvuslik Muuseum“, „Rahvuslikus Muuseumis“.
        forms = head.forms if head is not None else frozenset()
        return any(
            (each.pos in "SHAUCNYO" and each.form in _GENITIVE)
            or (each.pos in "AUC" and each.form in forms)
            for each in readings
        )

    def agreeing_nominative(self, text: str, head: Head, *, next_to: bool) -> str | None:
        """Nominative of an adjective in its head's case, else None.

        A genitive may agree with its head only if it is ``next_to`` it.
        """
        if "sg n" in head.forms and "sg g" not in head.forms:
            return None
        common = self.common(text)
        if not common or any(each.pos not in "AUC" for each in common):
            return None
        for each in common:
            if (next_to and each.form == "sg g") or each.form in head.forms - _GENITIVE:
                return restore_case(text, each.lemma)
        return None

    def nominatives(self, text: str) -> tuple[str, ...]:
        """Possible nominatives of a name's last word, likeliest first; ``text`` if unknown."""
        known = self._nominatives.get(text)
        if known is None:
            known = self._nominatives[text] = self._possible_nominatives(text)
        return known

    def _possible_nominatives(self, text: str) -> tuple[str, ...]:
        acronym = acronym_base(text)
        if acronym is not None:
            return (acronym,)
        certain = self._analyzer.lexicon_readings(text) if self._analyzer is not None else ()
        known = {(each.lemma, each.form) for each in certain if each.pos == "S"}
        ranked: dict[str, int] = {}
        for each in self.readings(text):
            if each.pos not in "SHAY" or each.form not in _NOMINATIVE_RANKS:
                continue
            rank = _NOMINATIVE_RANKS[each.form]
            if (each.lemma, each.form) in known:
                # „Postimehes“ is a case of a noun, not a noun in -s; „Vesiroos“ is one.
                rank = 0 if each.form == "sg n" else min(rank, 1)
            name = text if each.form.endswith(" n") else restore_case(text, each.lemma)
            ranked[name] = min(rank, ranked.get(name, rank))
        return tuple(sorted(ranked, key=ranked.__getitem__)) or (text,)

    def is_genitive_noun(self, text: str) -> bool:
        """True if the word can only be a noun in the genitive."""
        readings = self.common(text)
        return bool(readings) and all(e.pos == "S" and e.form in _GENITIVE for e in readings)

    def can_be_genitive(self, text: str) -> bool:
        """True if a reading is a genitive whose nominative is another word."""
        low = text.lower()
        return any(
            each.form == "sg g" and each.lemma.lower() != low for each in self.readings(text)
        )

    def _legal(self, text: str) -> tuple[str | None, bool]:
        if text in lexicon.LEGAL_FORMS:
            return lexicon.LEGAL_FORMS[text], False
        for size in (2, 3, 4):
            base = text[:size]
            if (
                base.isupper()
                and base in lexicon.LEGAL_FORMS
                and CASE_ENDING.fullmatch(text[size:])
            ):
                return lexicon.LEGAL_FORMS[base], True
        for each in self.common(text) if len(text) >= 8 else ():
            if each.lemma in lexicon.LEGAL_FORMS and each.form.startswith("sg"):
                return lexicon.LEGAL_FORMS[each.lemma], each.form != "sg n"
        return None, False

    def _head(self, text: str) -> Head | None:
        if self._analyzer is None:
            plain = text[0].isupper() and text.lower().endswith(lexicon.FOREIGN_TEXT_HEADS)
            compound = text.lower() not in lexicon.FOREIGN_TEXT_HEADS
            return Head(text, text.lower(), frozenset({"sg n"}), compound) if plain else None
        readings = [
            each for each in self.readings(text) if each.pos in "SH" and each.form[:2] != "pl"
        ]
        nouns = [each for each in readings if each.pos == "S"] or readings
        for each in nouns:
            lemma = each.lemma.lower()
            if not _is_head(lemma, tuple(part.lower() for part in each.parts)):
                continue
            forms = frozenset(r.form for r in nouns if r.lemma.lower() == lemma)
            return Head(restore_case(text, each.lemma), lemma, forms, len(each.parts) > 1)
        return None


def restore_case(surface: str, lemma: str) -> str:
    """``lemma`` with the capitals of ``surface``: Kaubandus-Tööstuskoja → Kaubandus-Tööstuskoda."""
    shared = 0
    for a, b in zip(surface, lemma, strict=False):
        if a.lower() != b.lower() and not (a in "'’" and b in "'’"):
            break
        shared += 1
    return surface[:shared] + lemma[shared:]


def _is_apposition_noun(readings: Sequence[Reading], number: str) -> bool:
    return any(
        each.pos == "S"
        and each.form.startswith(number)
        and (
            each.lemma in lexicon.APPOSITION_NOUNS
            or each.lemma in lexicon.MEDIA_NOUNS
            or each.parts[-1] in lexicon.APPOSITION_NOUNS
        )
        for each in readings
    )


def _is_public_body(head: Head) -> bool:
    return head.lemma in lexicon.STATE_BODIES or (
        head.compound and head.lemma.endswith("ministeerium")
    )


def _is_head(lemma: str, parts: tuple[str, ...]) -> bool:
    last = parts[-1] if parts else lemma
    if lemma in lexicon.STATE_BODIES:
        return True
    if lemma in lexicon.NON_HEADS:
        return lemma in lexicon.HEADS
    narrow = lexicon.NARROW_HEADS.get(last)
    if narrow and lemma != last:
        return any(lemma.endswith(each) for each in narrow)
    return last in lexicon.HEADS or lemma in lexicon.HEADS
