"""Index of the words of a generation: document frequencies, foldings, readings, beginnings.

The server cannot say how many living documents hold a term of two fields, what folds to a word or
how often a form stands for a lemma; a document for each term can. They are counted while documents
are written, and put right where documents are added or deleted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from search.analysis.folding import fold, within_one_edit
from search.engines.opensearch.document_packing import completion_key
from search.engines.opensearch.index_mapping import document_id
from search.engines.opensearch.word_counts import TermCounts

#: What is searched for a beginning; more is cut.
MOST_PREFIX_TERMS = 1000
_LETTERS = "abcdefghijklmnopqrstuvwxyz-"
_LONGEST = 40
_SHORTEST = 3
_MOST_SIMILAR = 50


def word_source(counts: TermCounts, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The server's document of a term whose counts change so from what the document ``before`` has.

    None where no document of the generation holds the term any more.
    """
    known = before or {}
    documents = known.get("documents", 0) + counts.documents
    title = known.get("title", 0) + counts.title
    body = known.get("body", 0) + counts.body
    if documents <= 0:
        return None
    readings = Counter(known.get("readings", {}))
    readings.update(counts.readings)
    term, text = counts.term, counts.term[1:]
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
