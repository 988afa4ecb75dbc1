"""The words of a generation in an index of their own: how common they are, like which others.

The server cannot say how many living documents hold a term of two fields, what folds to a word or
how often a form stands for a lemma; a document for each term can. They are counted while documents
are written, and put right where documents are added or deleted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.analysis.folding import fold, within_one_edit
from search.analysis.terms import LEMMA, READING, SURFACE
from search.engines.contract import IndexedDocument, IndexedField
from search.engines.opensearch.document_packing import completion_key
from search.engines.opensearch.index_mapping import document_id

#: What is searched for a beginning; more is cut.
MOST_PREFIX_TERMS = 1000
_LETTERS = "abcdefghijklmnopqrstuvwxyz-"
_LONGEST = 40
_SHORTEST = 3
_MOST_SIMILAR = 50


@dataclass(slots=True)
class TermCounts:
    """Documents that hold a term, in any field and in each; at how many places it stands for what.

    ``readings`` are of a surface form, by lemma (with channel).
    """

    documents: int = 0
    title: int = 0
    body: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.documents or self.title or self.body)


class WordCounts:
    """Counts the terms of documents that come, and of documents that go."""

    def __init__(self) -> None:
        self._terms: dict[str, TermCounts] = defaultdict(TermCounts)
        self._readings: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, document: IndexedDocument, sign: int = 1) -> None:
        """Counts a document that comes, or, with a ``sign`` of -1, one that goes."""
        terms = self._terms
        for each in document.title.postings:
            terms[each].title += sign
            terms[each].documents += sign
        for each in document.body.postings:
            terms[each].body += sign
            if each not in document.title.postings:
                terms[each].documents += sign
        for field in (document.title, document.body):
            for surface, lemma in _standing_together(field):
                self._readings[surface][lemma] += sign

    def to_data(self) -> dict[str, Any]:
        """The counts as JSON, for :meth:`add_data` in another process."""
        terms = {
            term: (each.documents, each.title, each.body) for term, each in self._terms.items()
        }
        return {"terms": terms, "readings": self._readings}

    def add_data(self, data: Mapping[str, Any]) -> None:
        """Adds what :meth:`to_data` gave."""
        for term, (documents, title, body) in data["terms"].items():
            known = self._terms[term]
            known.documents += documents
            known.title += title
            known.body += body
        for surface, lemmas in data["readings"].items():
            known_lemmas = self._readings[surface]
            for lemma, count in lemmas.items():
                known_lemmas[lemma] += count

    def changed(self) -> Sequence[str]:
        """The terms whose counts are not what they were."""
        held = {term for term, each in self._terms.items() if not each.is_empty}
        held.update(term for term, each in self._readings.items() if any(each.values()))
        return sorted(held)

    def source(self, term: str, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The server's document of a term; None where no document holds it any more."""
        known = before or {}
        change = self._terms.get(term, TermCounts())
        documents = known.get("documents", 0) + change.documents
        title = known.get("title", 0) + change.title
        body = known.get("body", 0) + change.body
        if documents <= 0:
            return None
        readings = Counter(known.get("readings", {}))
        readings.update(self._readings.get(term, {}))
        text = term[1:]
        return {
            "term": term,
            "text": text,
            "channel": term[:1],
            "folded": fold(text),
            "key": completion_key(text),
            "documents": documents,
            "title": title,
            "body": body,
            "count": max(title, body),
            "readings": {lemma: count for lemma, count in readings.items() if count > 0},
        }


def _standing_together(field: IndexedField) -> Iterator[tuple[str, str]]:
    """Each surface form with each lemma that stands at the same position."""
    lemmas: dict[int, list[str]] = {}
    for term, positions in field.postings.items():
        if term[0] in (LEMMA, READING):
            for position in positions:
                lemmas.setdefault(position, []).append(term)
    for term, positions in field.postings.items():
        if term[0] == SURFACE:
            for position in positions:
                for lemma in lemmas.get(position, ()):
                    yield term, lemma


def edits(word: str) -> Iterator[str]:
    """Every string one edit away, the likelier slips first."""
    cuts = range(len(word))
    yield from (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in cuts[:-1])
    yield from (word[:i] + word[i + 1 :] for i in cuts)
    yield from (word[:i] + c + word[i:] for i in range(len(word) + 1) for c in _LETTERS)
    yield from (word[:i] + c + word[i + 1 :] for i in cuts for c in _LETTERS)


def is_spellable(text: str) -> bool:
    """Is a word neither too short nor too long to be looked for by its letters?"""
    return _SHORTEST <= len(text) <= _LONGEST


def nearest_spellings(text: str, by_folding: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Words within one edit of ``text``; diacritics count only if it has some.

    ``by_folding`` has the words of the index that fold to each of the edits of what it folds to.
    """
    key = fold(text)
    found: dict[str, None] = {}
    for edit in dict.fromkeys((key, *edits(key))):
        for word in by_folding.get(edit, ()):
            if word != text and (key == text or within_one_edit(text, word)):
                found[word] = None
        if len(found) >= _MOST_SIMILAR:
            break
    return tuple(found)


def by_folding(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Words by what they fold to; one that is that itself comes first, the others in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in rows:
        found[each["folded"]].add(each["text"])
    return {
        key: sorted(words, key=lambda word, key=key: "" if word == key else word)  # type: ignore[misc]
        for key, words in found.items()
    }


def word_id(term: str) -> str:
    """The server's id of a term."""
    return document_id(term)
