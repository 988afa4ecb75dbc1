"""Finds short forms of names within an article: without legal form, acronyms, bare head nouns."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.sentence_view import Candidate, SentenceView
from indexer.extract.organisations.token_classes import TokenClassifier

_QUOTES = {ord(sign): None for sign in '„“”"«»'}


@dataclass(frozen=True, slots=True)
class ShortForm:
    """Lower-case words that refer to ``name`` in this article."""

    words: tuple[str, ...]
    name: str


class ShortFormMatcher:
    """Matches short forms in sentences; their last word may be inflected."""

    def __init__(self, names: Iterable[ShortForm]) -> None:
        self._by_first: dict[str, list[ShortForm]] = defaultdict(list)
        for each in dict.fromkeys(names):
            self._by_first[each.words[0]].append(each)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def found(self, view: SentenceView) -> Iterator[Candidate]:
        """Finds mentions by short forms in a sentence."""
        for i, word in enumerate(view.words):
            if not word.capital:
                continue
            for each in self._beginning(word.lower, view.classifier.nominatives(word.text)):
                end = i + len(each.words) - 1
                if _matches(view, i, end, each):
                    yield view.from_words("legal", i, end, (each.name,))

    def _beginning(self, lower: str, nominatives: Sequence[str]) -> Iterable[ShortForm]:
        found = list(self._by_first.get(lower, ()))
        for nominative in nominatives:
            if nominative.lower() != lower:
                found += self._by_first.get(nominative.lower(), ())
        return dict.fromkeys(found)


def _matches(view: SentenceView, i: int, end: int, known: ShortForm) -> bool:
    words = view.words
    if end >= len(words):
        return False
    if any(words[i + k].lower != each for k, each in enumerate(known.words[:-1])):
        return False
    last = words[end]
    if last.lower != known.words[-1] and known.words[-1] not in (
        each.lower() for each in view.classifier.nominatives(last.text)
    ):
        return False
    return end > i or not _is_ambiguous(view, i, known.name)


def _is_ambiguous(view: SentenceView, i: int, name: str) -> bool:
    """True for a word that may be part of another name, or a common noun: „TÜ Puit“."""
    text = view.words[i].text
    if len(name) <= 3 and i + 1 < len(view.words) and view.joined(i) and view.words[i + 1].capital:
        return True
    return (
        i == 0 and not text.isupper() and bool(view.classifier.common(text)) and len(view.words) > 1
    )


def short_forms(
    candidates: Iterable[Candidate], words: TokenClassifier, places: Container[str]
) -> Iterator[ShortForm]:
    """Derives short forms of the candidates: names without legal form, and acronyms.

    ``places`` are names of places, lower case.
    """
    for each in candidates:
        name = each.names[0]
        if each.short is not None:
            yield ShortForm((each.short.lower(),), name)
        part = _distinctive_part(name, words)
        if part is not None and part.lower() not in places and not words.is_place_name(part):
            yield ShortForm((part.lower(),), name)
        if each.kind != "legal" or each.core == name:
            continue
        core = tuple(each.core.translate(_QUOTES).lower().split())
        if core and (len(core) > 1 or _is_distinctive(core[0], each.core, words)):
            yield ShortForm(core, name)


def _distinctive_part(name: str, words: TokenClassifier) -> str | None:
    """Distinctive last word of a name: „FC Levadia“, „Elustiilikeskus Harmoonikum“."""
    *before, last = name.split()
    if not before or not _is_distinctive(last.lower(), last, words) or words.common(last):
        return None
    previous = words.classify_text(before[-1])
    return last if before[-1] in lexicon.CLUB_PREFIXES or previous.head is not None else None


def coreferent_heads(
    candidates: Sequence[Candidate], views: Iterable[SentenceView], words: TokenClassifier
) -> Iterator[Candidate]:
    """Resolves bare head nouns to the only name with that head (coreference): „linnavalitsus“."""
    named: dict[str, set[str]] = defaultdict(set)
    for each in candidates:
        *before, last = each.names[0].split()
        head = words.classify_text(last).head
        if head is None or not before or head.lemma in lexicon.VAGUE_HEADS:
            continue
        # A national body needs a place before it: „Riigikantselei valitsuse …“ is no government.
        if head.lemma not in lexicon.NATIONAL_HEADS or words.is_place(before[0]):
            named[head.lemma].add(each.names[0])
    only = {
        lemma: name
        for lemma, names in named.items()
        if (name := _only_name(lemma, names)) is not None
    }
    if not only:
        return
    for view in views:
        for i, word in enumerate(view.words):
            if word.head is not None and word.head.lemma in only and _stands_alone(view, i):
                yield view.from_words("short", i, i, (only[word.head.lemma],))


def _only_name(lemma: str, names: Collection[str]) -> str | None:
    """The only one of ``names``; of national bodies the Estonian one."""
    if lemma in lexicon.NATIONAL_HEADS and len(names) > 1:
        names = [each for each in names if each.startswith("Eesti ")]
    return next(iter(names)) if len(names) == 1 else None


def _stands_alone(view: SentenceView, i: int) -> bool:
    """False if a neighbour changes the referent: „iga klubi“, „Hiina ülikool“, „klubi Tammed“."""
    if i > 0 and view.joined(i - 1):
        before = view.words[i - 1]
        if view.classifier.is_genitive_noun(before.text):
            return False
        if (before.capital and i > 1) or view.classifier.is_place(before.text):
            return False
        if not lexicon.OTHER_DETERMINERS.isdisjoint(view.classifier.lemmas(before.text)):
            return False
    return not (view.joined(i) and view.words[i + 1].capital) and not view.tokens[i].elliptic


def _is_distinctive(word: str, written: str, words: TokenClassifier) -> bool:
    """True if a one-word name can be recognised by itself."""
    return (
        len(word) > 3
        and word not in lexicon.GIVEN_NAMES
        and not words.is_place(written)
        and not any(each.form for each in words.common(written))
    )
