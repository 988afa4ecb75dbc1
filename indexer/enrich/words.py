"""What a word can be in the name of an organisation, and its nominative."""

import re
from dataclasses import dataclass

from indexer.enrich.lexicon import (
    APPOSED_TO,
    COUNTRIES,
    HEADS,
    LEGAL_FORMS,
    NARROW_HEADS,
    NO_HEADS,
    PLAIN_HEADS,
)
from search.analysis import Analyzer, Reading, Token
from search.analysis.acronyms import acronym_base

_ENDING = re.compile(
    r"[-'’]?(?:i|le|l|lt|ga|iga|ile|il|ilt|ist|is|isse|iks|ini|ina|ita|st|s|sse|ks|t|d|de|e|ga|u|"
    r"ule|ul|ult|uga|ust|us)?"
)
_ADVERBIAL = frozenset({"sg in", "sg el", "sg ill", "sg ad", "sg abl", "sg all", "sg kom"})
_GENITIVE = frozenset({"sg g", "pl g"})
_CACHE_LIMIT = 200_000
_INNER_CAPITAL = re.compile(r"[A-ZÕÄÖÜŠŽ].*[A-ZÕÄÖÜŠŽ]")


@dataclass(frozen=True, slots=True)
class Head:
    """A noun that can head a name: its nominative as written here, lemma, case, compound or not."""

    nominative: str
    lemma: str
    forms: frozenset[str]
    compound: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What a word form can be in a name, wherever it stands.

    ``legal`` is a legal form as shown, ``acronym`` the acronym without ending, ``introduces`` tells
    a noun that a name may follow (klaster, ettevõte).
    """

    capital: bool
    legal: str | None = None
    legal_inflected: bool = False
    acronym: str | None = None
    head: Head | None = None
    introduces: bool = False


_NOTHING = Form(capital=False)


@dataclass(frozen=True, slots=True)
class Word:
    """A token and its form."""

    token: Token
    text: str
    lower: str
    capital: bool
    legal: str | None
    legal_inflected: bool
    acronym: str | None
    head: Head | None
    introduces: bool


class Words:
    """Classifies tokens. Without an analyzer (other languages) only by their letters."""

    def __init__(self, analyzer: Analyzer | None) -> None:
        self._analyzer = analyzer
        self._forms: dict[str, Form] = {}
        self._known: dict[str, bool] = {}

    def word(self, token: Token) -> Word:
        """What ``token`` can be."""
        text = token.text
        form = _NOTHING if token.kind == "address" else self._forms.get(text)
        if form is None:
            if len(self._forms) >= _CACHE_LIMIT:
                self._forms.clear()
                self._known.clear()
            form = self._forms[text] = self._form(text)
        return Word(
            token,
            text,
            text.lower(),
            form.capital,
            form.legal,
            form.legal_inflected,
            form.acronym,
            form.head,
            form.introduces,
        )

    def _form(self, text: str) -> Form:
        legal, inflected = self._legal(text)
        return Form(
            capital=text[0].isupper() or bool(_INNER_CAPITAL.match(text)),
            legal=legal,
            legal_inflected=inflected,
            acronym=None if legal else acronym_base(text),
            head=self._head(text) if len(text) > 3 else None,
            introduces=any(
                each.pos == "S"
                and each.form.startswith("sg")
                and (each.lemma in APPOSED_TO or each.parts[-1] in APPOSED_TO)
                for each in self.common(text)
            ),
        )

    def readings(self, text: str) -> tuple[Reading, ...]:
        """The morphology's readings; none in other languages."""
        return self._analyzer.readings(text) if self._analyzer is not None else ()

    def common(self, text: str) -> tuple[Reading, ...]:
        """Readings as anything but a proper name, if the lexicon has any."""
        if self._analyzer is None:
            return ()
        return tuple(each for each in self._analyzer.readings(text) if each.pos != "H")

    def is_shouted_word(self, acronym: str) -> bool:
        """Is it a word in capitals rather than an acronym? Short ones are acronyms all the same."""
        if self._analyzer is None or len(acronym) <= 3:
            return False
        known = self._known.get(acronym)
        if known is None:
            known = self._known[acronym] = self._analyzer.is_known(acronym.lower())
        return known

    def is_adverbial(self, text: str) -> bool:
        """Stands the word only in cases that no name has in its middle or at its beginning?"""
        readings = self.readings(text)
        return bool(readings) and all(each.form in _ADVERBIAL for each in readings)

    def lemmas(self, text: str) -> tuple[str, ...]:
        """Lower-case lemmas."""
        return self._analyzer.terms(text).lemmas if self._analyzer is not None else (text.lower(),)

    def is_place(self, text: str) -> bool:
        """Eesti, Tallinna, Võrumaa: a genitive of place, a word class of its own in Vabamorf."""
        low = text.lower()
        return (
            low in COUNTRIES
            or low.endswith(("maa", "linna", "valla", "saare"))
            or any(each.pos == "G" for each in self.readings(text))
        )

    def is_inner(self, word: Word, head: Head | None) -> bool:
        """Can the word stand inside a name, before its head? Genitives and acronyms can."""
        if word.acronym is not None:
            return True
        readings = self.readings(word.text)
        if not readings:
            return word.capital
        if word.token.elliptic or any(each.pos == "G" for each in readings):
            return True
        common = [each for each in readings if each.pos != "H"]
        if common and not any(each.pos in "SAUCNYO" for each in common):
            # „Kuigi“, „Alustame“: the guesser takes any capitalised word for a name.
            return False
        # An adjective agrees with its head: „Rahvuslik Muuseum“.
        agreeing = head is not None and "sg n" in head.forms
        return any(
            (each.pos in "SHAUCNYO" and each.form in _GENITIVE)
            or (agreeing and each.pos in "AUC" and each.form == "sg n")
            for each in readings
        )

    def agreeing_nominative(self, text: str, head: Head) -> str | None:
        """The nominative of an adjective that stands in its head's case, else None."""
        if "sg n" in head.forms and "sg g" not in head.forms:
            return None
        common = self.common(text)
        if not common or any(each.pos not in "AUC" for each in common):
            return None
        for each in common:
            if each.form == "sg g" or each.form in head.forms:
                return restore_case(text, each.lemma)
        return None

    def nominatives(self, text: str) -> tuple[str, ...]:
        """Possible nominatives of a name's last word, likeliest first; ``text`` if unknown."""
        acronym = acronym_base(text)
        if acronym is not None:
            return (acronym,)
        readings = self.readings(text)
        found: dict[str, None] = {}
        if any(each.form == "sg n" or each.form == "pl n" for each in readings) or not readings:
            found[text] = None
        for each in readings:
            if each.pos in "SHAY" and each.form.startswith("sg") and each.form != "sg n":
                found[restore_case(text, each.lemma)] = None
        return tuple(found) or (text,)

    def can_be_genitive(self, text: str) -> bool:
        """Has the word a reading as a genitive whose nominative is another word?"""
        low = text.lower()
        return any(
            each.form == "sg g" and each.lemma.lower() != low for each in self.readings(text)
        )

    def _legal(self, text: str) -> tuple[str | None, bool]:
        if text in LEGAL_FORMS:
            return LEGAL_FORMS[text], False
        for size in (2, 3, 4):
            base = text[:size]
            if base.isupper() and base in LEGAL_FORMS and _ENDING.fullmatch(text[size:]):
                return LEGAL_FORMS[base], True
        for each in self.common(text) if len(text) >= 8 else ():
            if each.lemma in LEGAL_FORMS and each.form.startswith("sg"):
                return LEGAL_FORMS[each.lemma], each.form != "sg n"
        return None, False

    def _head(self, text: str) -> Head | None:
        if self._analyzer is None:
            plain = text[0].isupper() and text.lower().endswith(PLAIN_HEADS)
            compound = text.lower() not in PLAIN_HEADS
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
        if a.lower() != b.lower():
            break
        shared += 1
    return surface[:shared] + lemma[shared:]


def _is_head(lemma: str, parts: tuple[str, ...]) -> bool:
    last = parts[-1] if parts else lemma
    if lemma in NO_HEADS:
        return lemma == last and lemma in HEADS
    narrow = NARROW_HEADS.get(last)
    if narrow and lemma != last:
        return any(lemma.endswith(each) for each in narrow)
    return last in HEADS or lemma in HEADS
