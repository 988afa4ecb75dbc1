"""Filters the spans of the CRF tagger by rules: organisation candidates."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.headed_names import nominative_name
from indexer.extract.organisations.rules import is_thing
from indexer.extract.organisations.sentence_view import Candidate, SentenceView
from indexer.extract.organisations.tagger import TaggedSpan
from indexer.extract.organisations.token_classes import restore_case

#: Least confidence of the tagger in a name without other evidence.
_MIN_CONFIDENCE_WORD = 0.95
_MIN_CONFIDENCE_PHRASE = 0.9
_MIN_CONFIDENCE_NOUN = 0.98
_MIN_CONFIDENCE_ACRONYM = 0.9
#: Nouns of places and facilities, which head no organisation's name.
_PLACE_NOUNS = lexicon.NON_HEADS - lexicon.HEADS
_BEFORE_TRANSLATION = frozenset({"(", "-", "–", "—", "/", "="})
#: Endings of outer cases, in which the last of two names is another entity.
_OUTER_CASES = ("ile", "ilt", "iga", "ale", "alt", "ele", "elt")
_NUMERALS = frozenset("IVX")
_SEPARATORS = frozenset(",;:()/–—")
_NEVER_IN_NAMES = frozenset({"ega", "või", "kui", "nii"})
#: „tegevjuhtMargit“: a blank is missing before another entity.
_MISSING_BLANK = re.compile(r"[a-zõäöüšž]{3,}[A-ZÕÄÖÜŠŽ][a-zõäöüšž]")


class TaggerVotes:
    """Counts the tagger's labels of each name over the whole article."""

    def __init__(
        self, views: Sequence[SentenceView], spans: Sequence[Sequence[TaggedSpan]]
    ) -> None:
        self._votes: Counter[str] = Counter()
        self._persons: set[str] = set()
        for view, tagged in zip(views, spans, strict=True):
            for span in tagged:
                names = _keys(view, span.last)
                if span.first == span.last:
                    for name in names:
                        self._votes[name] += 1 if span.label == "ORG" else -1
                elif span.label == "PER":
                    self._persons |= names

    def denies(self, view: SentenceView, first: int, last: int) -> bool:
        """True if the name is mostly a person's or place's, or part of a person's name."""
        keys = _keys(view, last)
        if first < last:
            return not keys.isdisjoint(self._persons)
        return any(key in self._persons or self._votes[key] < 0 for key in keys)


def _keys(view: SentenceView, last: int) -> set[str]:
    return {each.lower() for each in view.classifier.nominatives(view.words[last].text)}


def tagged_names(
    view: SentenceView, spans: Sequence[TaggedSpan], votes: TaggerVotes
) -> Iterator[Candidate]:
    """Selects candidates of a sentence from the spans of the tagger."""
    for span in spans:
        if span.label != "ORG":
            continue
        for first, last in _split_at_boundaries(view, span.first, span.last):
            extent = _trimmed(view, first, last)
            if extent is None or _is_other_entity(view, *extent):
                continue
            entity_types = span.entity_types if extent[0] == span.first else ()
            if not _may_be_name(view, *extent) or _is_person_or_place(view, *extent, entity_types):
                continue
            named = _suggests_organisation(view, *extent)
            if named or _is_confident(view, *extent, span.confidence, votes):
                yield view.from_words("tagged", *extent, _names(view, *extent))
            elif not _is_ruled_out(view, *extent, votes):
                yield view.from_words("tagged", *extent, _names(view, *extent), certain=False)
    yield from _unlabelled_names(view, spans)


def _unlabelled_names(view: SentenceView, spans: Sequence[TaggedSpan]) -> Iterator[Candidate]:
    """Doubtful candidates: capitalised words unknown to the lexicon that have no label."""
    tagged = {i for span in spans for i in range(span.first, span.last + 1)}
    i = 0
    while i < len(view.words):
        if i in tagged or not _is_unknown(view, i):
            i += 1
            continue
        last = i
        while last + 1 not in tagged and view.joined(last) and view.words[last + 1].capital:
            last += 1
        plain = not _is_other_entity(view, i, last) and not _is_person_or_place(view, i, last, ())
        if plain and _may_be_name(view, i, last):
            yield view.from_words("tagged", i, last, _names(view, i, last), certain=False)
        i = last + 1


def _is_unknown(view: SentenceView, i: int) -> bool:
    """True for a capitalised word that is no common one, no acronym and no given name."""
    word = view.words[i]
    return (
        word.capital
        and word.acronym is None
        and word.legal is None
        and view.tokens[i].kind == "word"
        and word.lower not in lexicon.GIVEN_NAMES
        and not view.classifier.common(word.text)
    )


def contradicts(view: SentenceView, spans: Sequence[TaggedSpan], candidate: Candidate) -> bool:
    """True if the tagger rules out a candidate of the rules.

    An acronym lies within a person or a place; or there are two organisations where the rules see
    one.
    """
    inside = 0
    for span in spans:
        start, end = view.tokens[span.first].start, view.tokens[span.last].end
        if span.label != "ORG":
            covers = start <= candidate.start and candidate.end <= end
            if covers and candidate.kind == "acronym":
                return True
        elif candidate.start <= start and end <= candidate.end:
            last = view.words[span.last]
            inside += last.head is not None or last.acronym is not None
    return inside > 1


def with_acronym_confidence(
    view: SentenceView, spans: Sequence[TaggedSpan], candidate: Candidate
) -> Candidate:
    """Makes ``candidate`` doubtful if it is an acronym without a confident organisation label.

    At the beginning of a sentence the tagger has too little context to decide.
    """
    begins = candidate.start == view.tokens[0].start and len(view.tokens) > 1
    if (
        candidate.kind != "acronym"
        or begins
        or any(
            span.label == "ORG"
            and span.confidence >= _MIN_CONFIDENCE_ACRONYM
            and view.tokens[span.first].start < candidate.end
            and candidate.start < view.tokens[span.last].end
            for span in spans
        )
    ):
        return candidate
    return replace(candidate, certain=False)


def _split_at_boundaries(view: SentenceView, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Splits a span at punctuation, conjunctions and cases that end names."""
    begin = first
    for i in range(first, last):
        if view.tokens[i].elliptic:
            continue
        word = view.words[i]
        if word.lower in _NEVER_IN_NAMES or _MISSING_BLANK.match(word.text):
            yield begin, i - 1
            begin = i + 1
        elif (
            _SEPARATORS.intersection(view.gap(i))
            or (view.classifier.is_adverbial_noun(word.text) and not _agrees(view, i))
            or _ends_in_nominative(view, begin, i)
        ):
            yield begin, i
            begin = i + 1
    yield begin, last


def _agrees(view: SentenceView, i: int) -> bool:
    """True for an adjective in the case of the noun behind it: „Valges Majas“."""
    adjectives = {
        each.form for each in view.classifier.common(view.words[i].text) if each.pos in "AUC"
    }
    return any(each.form in adjectives for each in view.classifier.readings(view.words[i + 1].text))


def _ends_in_nominative(view: SentenceView, begin: int, i: int) -> bool:
    """True for a head in the nominative, which ends a name: „Rapla Kutsekeskus Kuldne …“."""
    word, following = view.words[i], view.words[i + 1]
    if following.public_body and word.acronym is not None:
        return True  # „EKRE Riigikogu“
    club = word.text in lexicon.CLUB_PREFIXES
    if i == begin and word.text == word.acronym and following.head is None and not club:
        return following.text.lower().endswith(_OUTER_CASES)  # „WTO Airbusile“
    if word.head is not None and not word.capital and following.head is not None:
        # „Narva linnavolikogu Keskerakonna …“
        return following.capital and not view.classifier.is_place(following.text)
    return (
        i > begin
        and word.head is not None
        and word.head.forms == {"sg n"}
        and following.capital
        and following.legal is None
        and following.acronym is None
    )


def _trimmed(view: SentenceView, first: int, last: int) -> tuple[int, int] | None:
    """Trims a span to begin with a capital and end with a capital or a head noun."""
    while first <= last and not _may_begin(view, first):
        first += 1
    while last >= first and not _may_end(view, last):
        last -= 1
    while first < last and first == 0 and _is_outside_name(view, first):
        first += 1
    return (first, last) if first <= last else None


def _may_begin(view: SentenceView, i: int) -> bool:
    word = view.words[i]
    return word.suggests_name and not (
        word.text.isupper() and word.lower in lexicon.HEADLINE_LABELS
    )


def _is_outside_name(view: SentenceView, i: int) -> bool:
    """True for a sentence's first word outside the name: „Laupäevane Isamaaliidu …“."""
    word = view.words[i]
    if word.head is not None or word.acronym is not None:
        return False
    common = view.classifier.common(word.text)
    return bool(common) and not any(
        each.pos == "G"
        or each.form in ("sg g", "pl g")
        or (each.pos == "S" and each.form == "sg n")
        for each in common
    )


def _may_end(view: SentenceView, i: int) -> bool:
    word = view.words[i]
    if word.text in _NUMERALS:
        return False
    return word.suggests_name or word.head is not None or view.classifier.is_inanimate_noun(word)


def _is_other_entity(view: SentenceView, first: int, last: int) -> bool:
    """True for streets, products, events, venues, and persons by their role."""
    if _is_street_name(view, last) or is_thing(view, first, last):
        return True
    if first == last:
        return _has_number(view, last)
    ending = view.words[last]
    if ending.lower in lexicon.EVENT_NOUNS:
        return True
    if ending.head is not None and ending.head.lemma in lexicon.NATIONAL_HEADS:
        # „Erdogani valitsus“ is a person's, not a country's.
        return not ending.capital and not view.classifier.is_place(view.words[first].text)
    if not ending.capital and any(
        each.parts[-1] in lexicon.VENUES for each in view.classifier.common(ending.text)
    ):
        return True
    if not ending.capital and not _PLACE_NOUNS.isdisjoint(view.classifier.lemmas(ending.text)):
        return True
    common = view.classifier.common(view.words[first].text)
    return bool(common) and all(each.parts[-1] in lexicon.ROLES for each in common)


def _has_number(view: SentenceView, last: int) -> bool:
    """True for an address or a model: „Lennuki 22“."""
    if last + 1 >= len(view.words) or not view.gap(last).isspace():
        return False
    if view.classifier.is_adverbial(view.words[last].text):
        return False
    following = view.words[last + 1].text
    return following[0].isdigit() and len(following) < 4 and view.words[last].head is None


def _is_street_name(view: SentenceView, last: int) -> bool:
    """True for the name of a street or square: „Vabaduse väljak“."""
    if not view.joined(last) or view.words[last].head is not None:
        return False
    following = view.words[last + 1]
    return not following.capital and any(
        each.parts[-1] in lexicon.GEOGRAPHIC_NOUNS
        for each in view.classifier.common(following.text)
    )


def _is_person_or_place(
    view: SentenceView, first: int, last: int, entity_types: Sequence[str]
) -> bool:
    """True for a place alone, or a person: a given name or initial and a surname."""
    word = view.words[first]
    if any(view.words[k].head or view.words[k].acronym for k in range(first, last + 1)):
        return False
    if first == last:
        return ("loc" in entity_types and "org" not in entity_types) or view.classifier.is_place(
            word.text
        )
    if last - first > 1:
        return False
    initial = len(word.text) == 1 and view.gap(first)[:1] == "."
    return initial or word.lower in lexicon.GIVEN_NAMES or entity_types == ("per",)


def _suggests_organisation(view: SentenceView, first: int, last: int) -> bool:
    """True if the words themselves suggest an organisation."""
    return any(
        each.head is not None or each.legal is not None or each.public_body
        for each in view.words[first : last + 1]
    )


def _is_confident(
    view: SentenceView, first: int, last: int, confidence: float, votes: TaggerVotes
) -> bool:
    """True if the tagger's probability suffices without other evidence."""
    if _is_ruled_out(view, first, last, votes):
        return False
    words = view.words[first : last + 1]
    if first < last:
        excluded = words[0].lower in lexicon.TITLES or _translates(view, first)
        return not excluded and confidence >= _MIN_CONFIDENCE_PHRASE
    word = words[0]
    noun = word.acronym is None and bool(view.classifier.common(word.text))
    return confidence >= (_MIN_CONFIDENCE_NOUN if noun else _MIN_CONFIDENCE_WORD)


def _is_ruled_out(view: SentenceView, first: int, last: int, votes: TaggerVotes) -> bool:
    """True for names with other labels in the article, codes, headings and platforms."""
    words = view.words[first : last + 1]
    if votes.denies(view, first, last) or all(len(each.text) < 2 for each in words):
        return True
    if any(_is_code_or_heading(view, each.text) for each in words):
        return True
    if first < last and words[0].lower in lexicon.PLATFORMS and len(words[-1].text) < 2:
        return True  # „Instagram. A post“
    return first == last and (
        words[0].lower in lexicon.PLATFORMS
        or not lexicon.PLATFORMS.isdisjoint(
            each.lower() for each in view.classifier.nominatives(words[0].text)
        )
    )


def _translates(view: SentenceView, first: int) -> bool:
    """True for a translation: „muutmälu (Random Access Memory)“."""
    if first == 0 or view.gap(first - 1).strip() not in _BEFORE_TRANSLATION:
        return False
    before = view.words[first - 1]
    return before.head is None and (not before.capital or before.acronym is not None)


def _is_code_or_heading(view: SentenceView, text: str) -> bool:
    """True for codes („MSP430“) and headings („KOKKUVÕTE“)."""
    if not text.isalpha():
        return any(map(str.isdigit, text)) and any(map(str.isalpha, text))
    return text.isupper() and len(text) > 3 and view.classifier.is_all_caps_word(text)


def _may_be_name(view: SentenceView, first: int, last: int) -> bool:
    word = view.words[first]
    if first < last or word.public_body:
        return view.words[last].acronym not in lexicon.OTHER_ACRONYMS
    if word.lower in lexicon.GIVEN_NAMES or len(word.text) < 2:
        return False
    if word.acronym is not None:
        return word.acronym not in lexicon.OTHER_ACRONYMS
    if word.legal is not None:
        return False
    common = view.classifier.common(word.text)
    if first == 0 and common and not any(each.pos in "SG" for each in common):
        return False
    head = word.head
    return head is None or (head.compound and head.lemma not in lexicon.GENERIC_NAMES)


def _names(view: SentenceView, first: int, last: int) -> tuple[str, ...]:
    if view.words[last].head is not None:
        return (nominative_name(view, first, last),)
    inner = view.slice(view.tokens[first].start, view.tokens[last].start)
    if last - first == 1 and _agrees(view, first):
        adjective = next(
            e for e in view.classifier.common(view.words[first].text) if e.pos in "AUC"
        )
        inner = restore_case(view.words[first].text, adjective.lemma) + view.gap(first)
    before = " ".join(inner.split())
    before += " " if before and view.gap(last - 1).isspace() else ""
    return tuple(before + each for each in view.nominatives(last))
