"""Organisations of an article: their mentions, and the values of the facet.

Mentions are what the text alone says, in the nominative. Values are formed from mentions by the
gazetteer and the owner's corrections, so they can be formed again without the text's analysis.
"""

import re
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from indexer.enrich.gazetteer import Gazetteer, name_key
from indexer.enrich.lexicon import FUNDED, FUNDING, GIVEN_NAMES
from indexer.enrich.names import NameFinder
from indexer.enrich.overrides import Overrides
from indexer.enrich.passages import Passages, Sentence, TextPart
from indexer.enrich.scan import Candidate
from indexer.enrich.words import Words
from search.analysis import ESTONIAN, Analyzer
from search.article import Evidence, Extracted, Mention

_MAX_EVIDENCE = 3
_TITLE_WORTH = 3.0
# A union of states is a place in news, and stands in every second sentence.
_NO_VALUES = frozenset({"euroopa liit", "euroopa majanduspiirkond"})
# Structural funds and their likes name themselves under everything they pay for.
_PUBLIC_MONEY = re.compile(
    r"Euroopa\s(?:Liidu|Regionaal|Sotsiaal|Põllumajandus|Majanduspiirkonna|Ühtekuuluvus)|"
    r"struktuurifon|struktuuritoet|ühtekuuluvusf|maaelu arengu|Norra (?:toetus|rahast)|"
    r"\bERAF|\bERDF|European (?:Regional|Social|Union)",
    re.IGNORECASE,
)
_MAYBE_FUNDING = re.compile(r"rahasta|rahastu|finantseeri|toet|toel\b", re.IGNORECASE)
_SMALL_PRINT_WORDS = 16


@dataclass(frozen=True, slots=True)
class _Known:
    """A name to be looked for as it stands, by its words in lower case."""

    words: tuple[str, ...]
    name: str


class OrganisationFinder:
    """Finds the mentions of organisations. Holds the gazetteer's names, prepared."""

    def __init__(self, analyzer: Analyzer, gazetteer: Gazetteer) -> None:
        self._estonian = Words(analyzer)
        self._other = Words(None)
        names = [name for entry in gazetteer.entries for name in entry.names]
        self._gazetteer = _by_first_word(
            _Known(tuple(name.lower().split()), name) for name in dict.fromkeys(names)
        )

    def mentions(self, passages: Passages, language: str) -> tuple[Mention, ...]:
        """Every mention that counts, in order, none overlapping another."""
        words = self._estonian if language == ESTONIAN else self._other
        finder = NameFinder(words)
        small_print = _small_print(passages, words)
        candidates: list[Candidate] = []
        for sentence in passages.sentences:
            candidates += self._known(sentence, words, self._gazetteer)
            candidates += finder.candidates(sentence)
        chosen = _without_overlaps(_confirmed(candidates))
        chosen = _named(chosen)
        repeats = _by_first_word(_cores(chosen, words))
        if repeats:
            for sentence in passages.sentences:
                chosen += self._known(sentence, words, repeats)
            chosen = _without_overlaps(chosen)
        chosen = _one_name_each(chosen, passages)
        return tuple(
            Mention("organisation", each.names[0], each.part, each.start, each.end)
            for each in chosen
            if not _inside(each, small_print)
        )

    def _known(
        self, sentence: Sentence, words: Words, known: dict[str, list[_Known]]
    ) -> Iterator[Candidate]:
        """Names of ``known`` in the sentence; only their last word may be inflected."""
        tokens = sentence.tokens
        for i, token in enumerate(tokens):
            if not token.text[:1].isupper() or token.kind == "address":
                continue
            firsts = [token.text.lower(), *(n.lower() for n in words.nominatives(token.text))]
            for each in {k.words: k for first in firsts for k in known.get(first, ())}.values():
                end = i + len(each.words) - 1
                if end >= len(tokens):
                    continue
                inner = tuple(t.text.lower() for t in tokens[i:end])
                last = tokens[end].text
                if inner != each.words[:-1]:
                    continue
                if last.lower() != each.words[-1] and each.words[-1] not in (
                    n.lower() for n in words.nominatives(last)
                ):
                    continue
                if len(each.words) == 1 and _is_other(sentence, i, words, each.name):
                    continue
                names = (each.name,)
                yield Candidate(
                    "legal", sentence.part, token.start, tokens[end].end, names, each.name
                )


def organisation_values(
    mentions: Sequence[Mention], passages: Passages, gazetteer: Gazetteer, overrides: Overrides
) -> tuple[Extracted[str], ...]:
    """The facet's values: mentions under their shown names, the most prominent first."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    shown: dict[str, str] = {}
    for mention in mentions:
        name = overrides.organisation(gazetteer.shown(mention.name))
        if name is not None and (overrides.organisation(mention.name)) is not None:
            key = name_key(name)
            groups[key].append(mention)
            shown.setdefault(key, name)
    values = []
    for key, group in groups.items():
        score = sum(_TITLE_WORTH if each.part == "title" else 1.0 for each in group)
        evidence = tuple(_evidence(passages, each) for each in group[:_MAX_EVIDENCE])
        values.append(Extracted(shown[key], "found", evidence, score))
    return tuple(sorted(values, key=lambda value: -value.score))


def _evidence(passages: Passages, mention: Mention) -> Evidence:
    part: TextPart = "title" if mention.part == "title" else "body"
    return passages.evidence(part, mention.start, mention.end)


def _is_other(sentence: Sentence, i: int, words: Words, name: str) -> bool:
    """A single known word that is something else here: „TÜ Puit“, „Tehnikaülikool“ in a name."""
    tokens = sentence.tokens
    text = tokens[i].text
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    joined = following is not None and following.start - tokens[i].end <= 2
    if len(name) <= 3 and joined and following is not None and following.text[:1].isupper():
        return True
    return i == 0 and not text.isupper() and bool(words.common(text)) and len(tokens) > 1


def _confirmed(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates that are certain, or whose name another, certain one bears too."""
    certain = {name_key(name) for each in candidates if each.certain for name in each.names}
    return [
        each
        for each in candidates
        if (each.certain or name_key(each.names[0]) in certain)
        and name_key(each.names[0]) not in _NO_VALUES
    ]


def _without_overlaps(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The longest of overlapping candidates, in the order of the text."""
    kept: list[Candidate] = []
    taken: dict[str, set[int]] = {"title": set(), "body": set()}
    for each in sorted(candidates, key=lambda c: (c.start - c.end, c.start)):
        span = range(each.start, each.end)
        if not taken[each.part].isdisjoint(span):
            continue
        taken[each.part].update(span)
        kept.append(each)
    return _ordered(kept)


def _ordered(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: (each.part == "body", each.start))


def _named(candidates: list[Candidate]) -> list[Candidate]:
    """One nominative for each: the one that explains most forms in the article."""
    votes = Counter(name_key(name) for each in candidates for name in set(each.names))
    named = []
    for each in candidates:
        best = max(votes[name_key(name)] for name in each.names)
        name = next(name for name in each.names if votes[name_key(name)] == best)
        core = each.core
        if each.kind == "legal" and name != each.names[0] and " " in name:
            core = name.split(" ", 1)[1]
        named.append(replace(each, names=(name,), core=core))
    return named


def _cores(candidates: list[Candidate], words: Words) -> Iterator[_Known]:
    """Names that have a legal form somewhere, to be recognised without it; and short forms."""
    for each in candidates:
        name = each.names[0]
        if each.short is not None:
            yield _Known((each.short.lower(),), name)
        if each.kind != "legal" or each.core == name:
            continue
        core = tuple(each.core.translate({ord(c): None for c in '„“”"«»'}).lower().split())
        if not core or (len(core) == 1 and not _is_distinct(core[0], each.core, words)):
            continue
        yield _Known(core, name)


def _is_distinct(word: str, written: str, words: Words) -> bool:
    """Is a single word name enough to be recognised by itself?"""
    return (
        len(word) > 3
        and word not in GIVEN_NAMES
        and not words.is_place(written)
        and not any(each.form for each in words.common(written))
    )


def _one_name_each(candidates: list[Candidate], passages: Passages) -> list[Candidate]:
    """Join what the article itself says is one: acronyms in parentheses, cores, capitals."""
    same: dict[str, str] = {}
    for each in candidates:
        if each.short is not None:
            same.setdefault(name_key(each.short), each.names[0])
    for first, second in pairwise(candidates):
        # „EJKL (Eesti Jäätmekäitlejate Liit)“
        if first.kind == "acronym" and second.part == first.part and second.kind != "acronym":
            text = passages.text(first.part)
            if (
                text[first.end : second.start].strip() == "("
                and text[second.end : second.end + 1] == ")"
            ):
                same.setdefault(name_key(first.names[0]), second.names[0])
    for each in candidates:
        initials = _initials(each.names[0])
        if each.kind == "head" and len(initials) > 2:
            same.setdefault(initials, each.names[0])
        if each.kind == "legal" and each.core != each.names[0]:
            same.setdefault(name_key(each.core), each.names[0])
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


def _initials(name: str) -> str:
    """„Eesti Disainerite Liit“ → ``edl``."""
    return "".join(word[0] for word in name.split() if word[0].isupper()).casefold()


def _by_first_word(known: Iterable[_Known]) -> dict[str, list[_Known]]:
    index: dict[str, list[_Known]] = defaultdict(list)
    for each in dict.fromkeys(known):
        index[each.words[0]].append(each)
    return dict(index)


def _small_print(passages: Passages, words: Words) -> list[tuple[TextPart, int, int]]:
    """Sentences that say who pays: the same words stand under every article of a project."""
    last = max((each.paragraph for each in passages.sentences), default=0)
    found: list[tuple[TextPart, int, int]] = []
    for sentence in passages.sentences:
        if sentence.part == "title" or not _MAYBE_FUNDING.search(sentence.text):
            continue
        lemmas = [
            set(words.lemmas(token.text)) if token.kind == "word" else set()
            for token in sentence.tokens
        ]
        if FUNDING.isdisjoint(set().union(*lemmas)) and "toel" not in sentence.text:
            continue
        formula = (
            sentence.paragraph == last
            and len(lemmas) <= _SMALL_PRINT_WORDS
            and bool(lemmas[0] & FUNDED)
            and bool((FUNDING - {"toetama", "toetus"}).intersection(set().union(*lemmas)))
        )
        if formula or _PUBLIC_MONEY.search(sentence.text):
            found.append((sentence.part, sentence.start, sentence.end))
    return found


def _inside(candidate: Candidate, places: list[tuple[TextPart, int, int]]) -> bool:
    at = bisect_right(places, (candidate.part, candidate.start, sys.maxsize)) - 1
    return at >= 0 and places[at][0] == candidate.part and candidate.start < places[at][2]
