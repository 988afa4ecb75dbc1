"""Names that stand elsewhere in the article in another form: without their legal form, by their
acronym, in short."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.extract.organisations.lexicon import (
    CLUBS,
    GIVEN_NAMES,
    NATIONAL_HEADS,
    OTHERS,
    VAGUE_HEADS,
)
from indexer.extract.organisations.sentence_view import Candidate, Scan
from indexer.extract.organisations.token_classes import Words

_QUOTES = {ord(sign): None for sign in '„“”"«»'}


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name to be looked for as it stands, by its words in lower case."""

    words: tuple[str, ...]
    name: str


class KnownNames:
    """Names to be found in sentences; only their last word may be inflected."""

    def __init__(self, names: Iterable[KnownName]) -> None:
        self._by_first: dict[str, list[KnownName]] = defaultdict(list)
        for each in dict.fromkeys(names):
            self._by_first[each.words[0]].append(each)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def found(self, scan: Scan) -> Iterator[Candidate]:
        """Where the names stand in a sentence."""
        for i, word in enumerate(scan.words):
            if not word.capital:
                continue
            for each in self._beginning(word.lower, scan.lexicon.nominatives(word.text)):
                end = i + len(each.words) - 1
                if _stands(scan, i, end, each):
                    yield scan.from_words("legal", i, end, (each.name,))

    def _beginning(self, lower: str, nominatives: Sequence[str]) -> Iterable[KnownName]:
        found = list(self._by_first.get(lower, ()))
        for nominative in nominatives:
            if nominative.lower() != lower:
                found += self._by_first.get(nominative.lower(), ())
        return dict.fromkeys(found)


def _stands(scan: Scan, i: int, end: int, known: KnownName) -> bool:
    words = scan.words
    if end >= len(words):
        return False
    if any(words[i + k].lower != each for k, each in enumerate(known.words[:-1])):
        return False
    last = words[end]
    if last.lower != known.words[-1] and known.words[-1] not in (
        each.lower() for each in scan.lexicon.nominatives(last.text)
    ):
        return False
    return end > i or not _is_other(scan, i, known.name)


def _is_other(scan: Scan, i: int, name: str) -> bool:
    """A single known word that is something else here: „TÜ Puit“, „Tehnikaülikool“ in a name."""
    text = scan.words[i].text
    if len(name) <= 3 and i + 1 < len(scan.words) and scan.joined(i) and scan.words[i + 1].capital:
        return True
    return i == 0 and not text.isupper() and bool(scan.lexicon.common(text)) and len(scan.words) > 1


def short_names(
    candidates: Iterable[Candidate], words: Words, places: Container[str]
) -> Iterator[KnownName]:
    """Names that have a legal form somewhere, to be recognised without it; and acronyms.

    ``places`` are names of places, lower case.
    """
    for each in candidates:
        name = each.names[0]
        if each.short is not None:
            yield KnownName((each.short.lower(),), name)
        part = _telling_part(name, words)
        if part is not None and part.lower() not in places and not words.is_place_name(part):
            yield KnownName((part.lower(),), name)
        if each.kind != "legal" or each.core == name:
            continue
        core = tuple(each.core.translate(_QUOTES).lower().split())
        if core and (len(core) > 1 or _is_distinct(core[0], each.core, words)):
            yield KnownName(core, name)


def _telling_part(name: str, words: Words) -> str | None:
    """What „FC Levadia“ and „Elustiilikeskus Harmoonikum“ are called for short."""
    *before, last = name.split()
    if not before or not _is_distinct(last.lower(), last, words) or words.common(last):
        return None
    previous = words.of_text(before[-1])
    return last if before[-1] in CLUBS or previous.head is not None else None


def heads_alone(
    candidates: Sequence[Candidate], scans: Iterable[Scan], words: Words
) -> Iterator[Candidate]:
    """„linnavalitsus“, where the article names one and only one: „Tartu linnavalitsus“."""
    named: dict[str, set[str]] = defaultdict(set)
    for each in candidates:
        *before, last = each.names[0].split()
        head = words.of_text(last).head
        if head is not None and before and head.lemma not in VAGUE_HEADS:
            named[head.lemma].add(each.names[0])
    only = {
        lemma: name for lemma, names in named.items() if (name := _only(lemma, names)) is not None
    }
    if not only:
        return
    for scan in scans:
        for i, word in enumerate(scan.words):
            if word.head is not None and word.head.lemma in only and _stands_alone(scan, i):
                yield scan.from_words("short", i, i, (only[word.head.lemma],))


def _only(lemma: str, names: Collection[str]) -> str | None:
    """The only one of ``names``; of governments the Estonian one."""
    if lemma in NATIONAL_HEADS and len(names) > 1:
        names = [each for each in names if each.startswith("Eesti ")]
    return next(iter(names)) if len(names) == 1 else None


def _stands_alone(scan: Scan, i: int) -> bool:
    """No neighbour makes another one of it: „iga klubi“, „Hiina ülikool“, „klubi Tammed“."""
    if i > 0 and scan.joined(i - 1):
        before = scan.words[i - 1]
        if scan.lexicon.is_genitive_noun(before.text):
            return False
        if (before.capital and i > 1) or scan.lexicon.is_place(before.text):
            return False
        if not OTHERS.isdisjoint(scan.lexicon.lemmas(before.text)):
            return False
    return not (scan.joined(i) and scan.words[i + 1].capital) and not scan.tokens[i].elliptic


def _is_distinct(word: str, written: str, words: Words) -> bool:
    """Is a single word name enough to be recognised by itself?"""
    return (
        len(word) > 3
        and word not in GIVEN_NAMES
        and not words.is_place(written)
        and not any(each.form for each in words.common(written))
    )
