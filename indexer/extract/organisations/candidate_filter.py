"""Filters organisation candidates over the whole article, and merges name variants.

Drops acronyms of words, makes or models, and mentions in funding notes, which are repeated under
every article of a project.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.sentence_view import Candidate, SentenceView
from indexer.extract.organisations.token_classes import TokenClassifier
from indexer.text_view import Sentence, TextRange, TextView
from search.organisation_names import name_key

#: Unions of states are used like places in news, in every second sentence.
_STATE_UNIONS = (
    *("euroopa liit", "euroopa majanduspiirkond", "nõukogude liit", "vene föderatsioon"),
    "euroliit",
)


def certain_candidates(
    candidates: Sequence[Candidate], other_acronyms: Collection[str]
) -> list[Candidate]:
    """Selects certain candidates, and doubtful ones with the name of a certain one.

    Leaves out ``other_acronyms`` and unions of states.
    """
    candidates = [each for each in candidates if each.names[0] not in other_acronyms]
    certain = {name_key(name) for each in candidates if each.certain for name in each.names}
    return [
        each
        for each in candidates
        if (each.certain or name_key(each.names[0]) in certain)
        and not name_key(each.names[0]).endswith(_STATE_UNIONS)
    ]


def doubtful_candidates(
    candidates: Iterable[Candidate], found: Iterable[Candidate], other_acronyms: Collection[str]
) -> list[Candidate]:
    """Selects candidates that only other articles can prove, and that overlap none of ``found``."""
    taken: dict[str, set[int]] = {"title": set(), "body": set()}
    for each in found:
        taken[each.part].update(range(each.start, each.end))
    return [
        each
        for each in candidates
        if not each.certain
        and taken[each.part].isdisjoint(range(each.start, each.end))
        and each.names[0] not in other_acronyms
        and not name_key(each.names[0]).endswith(_STATE_UNIONS)
    ]


def choose_nominatives(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Normalises each candidate to the nominative that explains most forms in the article."""
    votes = Counter(name_key(name) for each in candidates for name in set(each.names))
    found = []
    for each in candidates:
        best = max(votes[name_key(name)] for name in each.names)
        name = next(name for name in each.names if votes[name_key(name)] == best)
        core = each.core
        if each.kind == "legal" and name != each.names[0] and " " in name:
            core = name.split(" ", 1)[1]
        found.append(replace(each, names=(name,), core=core))
    return found


def introduced_aliases(candidates: Sequence[Candidate], text_view: TextView) -> dict[str, str]:
    """Finds aliases that the article defines: short names as written → full names."""
    aliases: dict[str, str] = {}
    for each in candidates:
        if each.short is not None:
            aliases.setdefault(each.short, each.names[0])
    for first, second in pairwise(candidates):
        # „EJKL (Eesti Jäätmekäitlejate Liit)“
        if first.kind == "acronym" and second.part == first.part and second.kind != "acronym":
            text = text_view.part(first.part).text
            if (
                text[first.end : second.start].strip() == "("
                and text[second.end : second.end + 1] == ")"
            ):
                aliases.setdefault(first.names[0], second.names[0])
    return aliases


def merge_names(candidates: Sequence[Candidate], aliases: Mapping[str, str]) -> list[Candidate]:
    """Merges name variants within the article (coreference), so each organisation has one name.

    Variants are ``aliases`` that it introduces, names without their legal form, and spellings in
    capitals.
    """
    same: dict[str, str] = {}
    for short, name in aliases.items():
        same.setdefault(name_key(short), name)
    for each in candidates:
        initials = _initials(each.names[0])
        if each.kind == "head" and len(initials) > 2:
            same.setdefault(initials, each.names[0])
        if each.kind == "legal" and each.core != each.names[0]:
            same.setdefault(name_key(each.core), each.names[0])
    same |= _shortened_names(candidates)
    spelling: dict[str, Counter[str]] = defaultdict(Counter)
    for each in candidates:
        spelling[name_key(each.names[0])][each.names[0]] += 1
    joined = []
    for each in candidates:
        name = same.get(name_key(each.names[0]), each.names[0])
        known = spelling.get(name_key(name))
        if known:
            name = max(known, key=lambda n: (known[n], sum(map(str.isupper, n)), n))
        joined.append(replace(each, names=(name,)))
    return joined


def _shortened_names(candidates: Sequence[Candidate]) -> Mapping[str, str]:
    """Maps shortened names to the only longer name with that end: „Halduskohus“.

    The longer one has a single word more before a name of several.
    """
    longer: dict[str, set[str]] = defaultdict(set)
    for each in candidates:
        if each.kind not in ("head", "tagged"):
            continue
        before, _, last = each.names[0].rpartition(" ")
        if before:
            longer[name_key(last)].add(each.names[0])
        _, _, rest = each.names[0].partition(" ")
        if " " in rest:
            longer[name_key(rest)].add(each.names[0])
    named = {name_key(each.names[0]) for each in candidates}
    return {
        key: next(iter(longer[key]))
        for key in named & longer.keys()
        if len(longer[key]) == 1 and key.endswith(_PLACE_BODY_HEADS)
    }


def _initials(name: str) -> str:
    """„Eesti Disainerite Liit“ → ``edl``."""
    return "".join(word[0] for word in name.split() if word[0].isupper()).casefold()


_PLACE_BODY_HEADS = tuple(sorted(lexicon.SHARED_HEADS | lexicon.LOCAL_HEADS))
_FORMULA_SIGNS = frozenset("/+=<>[]")
_BEFORE_EXPLANATION = frozenset({"(", "-", "–", "—", "=", ":"})


def non_organisation_acronyms(views: Iterable[SentenceView]) -> set[str]:
    """Finds acronyms that the article uses for words, makes or models."""
    return {name for view in views for name in _other_acronyms(view)}


def _other_acronyms(view: SentenceView) -> Iterator[str]:
    for i, word in enumerate(view.words):
        if word.acronym is not None and (
            _is_part_of_formula(view, i)
            or _is_product_model(view, i)
            or _abbreviates_words(view, i)
        ):
            yield word.acronym


def _is_part_of_formula(view: SentenceView, i: int) -> bool:
    """True for a piece of a formula or compound: „TCP/IP“, „RISC- ja VLIW-arhitektuur“."""
    before, after = view.gap(i - 1) if i > 0 else "", view.gap(i)
    return (
        view.tokens[i].elliptic
        or bool(_FORMULA_SIGNS.intersection(before[-1:]))
        or bool(_FORMULA_SIGNS.intersection(after[:1]))
    )


def _is_product_model(view: SentenceView, i: int) -> bool:
    """True for a product model: „LAZ 697R“."""
    if not view.joined(i):
        return False
    following = view.words[i + 1].text
    return following[0].isdigit() and following[-1].isupper()


def _abbreviates_words(view: SentenceView, i: int) -> bool:
    """True if the acronym is explained by words for no organisation: „kiibivõrk (NoC)“."""
    letters = view.words[i].acronym or ""
    if i > 0 and view.gap(i - 1).strip() == "(":
        before = view.words[i - 1]
        if not before.capital:
            return before.head is None and not before.unit
        return _has_initials(view, range(max(0, i - len(letters)), i), letters)
    if i + 1 < len(view.words) and view.gap(i).strip() in _BEFORE_EXPLANATION:
        last = min(i + 2 * len(letters), len(view.words))
        return _has_initials(view, range(i + 1, last), letters)
    return False


def _has_initials(view: SentenceView, words: Sequence[int], letters: str) -> bool:
    """True if ``words`` have the initials ``letters`` and none is a head noun of organisations."""
    initials = ""
    for k in words:
        word = view.words[k]
        if word.head is not None or word.unit or word.lower in lexicon.ENGLISH_HEADS:
            return False
        if word.lower not in lexicon.ENGLISH_LINKS:
            initials += word.lower[0]
    return initials.startswith(letters.lower()) or initials.endswith(letters.lower())


# Public funds require to be credited in everything that they finance.
_PUBLIC_FUNDS = re.compile(
    r"Euroopa\s(?:Liidu|Regionaal|Sotsiaal|Põllumajandus|Majanduspiirkonna|Ühtekuuluvus)|"
    r"struktuurifon|struktuuritoet|ühtekuuluvusf|maaelu arengu|Norra (?:toetus|rahast)|"
    r"\bERAF|\bERDF|European (?:Regional|Social|Union)",
    re.IGNORECASE,
)
_FUNDING_STEMS = ("rahasta", "rahastu", "finantseeri", "toet", "toel")
_MOST_NOTE_WORDS = 16
_ONLY_SUPPORT = frozenset({"toetama", "toetus"})


def funding_notes(text_view: TextView, classifier: TokenClassifier) -> tuple[TextRange, ...]:
    """Finds funding notes: sentences that name the funder of a project, in order."""
    body = text_view.body
    if not _may_be_about_funding(body.text):
        return ()
    return tuple(
        (each.part, each.start, each.end)
        for each in body.sentences
        if _may_be_about_funding(each.text)
        and _is_funding_note(each, classifier, each.paragraph == body.sentences[-1].paragraph)
    )


def _may_be_about_funding(text: str) -> bool:
    lower = text.lower()
    return any(each in lower for each in _FUNDING_STEMS)


def _is_funding_note(
    sentence: Sentence, classifier: TokenClassifier, in_last_paragraph: bool
) -> bool:
    lemmas = [
        frozenset(classifier.lemmas(token.text) if token.kind == "word" else ())
        for token in sentence.tokens
    ]
    every = frozenset().union(*lemmas)
    if lexicon.FUNDING.isdisjoint(every) and "toel" not in sentence.text:
        return False
    if _PUBLIC_FUNDS.search(sentence.text):
        return True
    is_formula = len(lemmas) <= _MOST_NOTE_WORDS and bool(lemmas[0] & lexicon.FUNDED_NOUNS)
    return in_last_paragraph and is_formula and bool((lexicon.FUNDING - _ONLY_SUPPORT) & every)
