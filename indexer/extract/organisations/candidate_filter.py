"""Choosing among the candidates of an article, and one name for each."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.extract.gazetteer import name_key
from indexer.extract.organisations.sentence_view import Candidate
from indexer.extract.text_view import Passages

# Unions of states are places in news, and stand in every second sentence.
_NO_VALUES = frozenset(
    {"euroopa liit", "euroopa majanduspiirkond", "nõukogude liit", "vene föderatsioon"}
)


def confirmed(candidates: Sequence[Candidate], things: Collection[str]) -> list[Candidate]:
    """Candidates that are certain, or whose name another, certain one bears too.

    None is called like one of ``things``.
    """
    candidates = [each for each in candidates if each.names[0] not in things]
    certain = {name_key(name) for each in candidates if each.certain for name in each.names}
    return [
        each
        for each in candidates
        if (each.certain or name_key(each.names[0]) in certain)
        and name_key(each.names[0]) not in _NO_VALUES
    ]


def without_overlaps(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The longest of overlapping candidates, in the order of the text."""
    kept: list[Candidate] = []
    taken: dict[str, set[int]] = {"title": set(), "body": set()}
    for each in sorted(candidates, key=lambda c: (c.start - c.end, c.start)):
        span = range(each.start, each.end)
        if not taken[each.part].isdisjoint(span):
            continue
        taken[each.part].update(span)
        kept.append(each)
    return sorted(kept, key=lambda each: (each.part == "body", each.start))


def named(candidates: Sequence[Candidate]) -> list[Candidate]:
    """One nominative for each: the one that explains most forms in the article."""
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


def one_name_each(candidates: Sequence[Candidate], passages: Passages) -> list[Candidate]:
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
