"""Index of the words of a generation: document frequencies, foldings, readings, prefixes.

The server does not count documents with a term in either of two fields, the readings of a form, or
what folds to a word; so there is a document for each term. Its counts are made while documents are
written, and corrected when documents are added or deleted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from search.analysis.folding import fold, folded_key
from search.engines.fuzzy_lookup import folding_order
from search.engines.opensearch.index_mapping import document_id
from search.engines.opensearch.word_counts import TermCounts

#: Maximum of terms searched by a prefix query.
MOST_PREFIX_TERMS = 1000


def word_source(counts: TermCounts, before: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The server's document of a term: ``before``, with ``counts`` added.

    None if no document of the generation holds the term any more.
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
        "key": folded_key(text),
        "documents": documents,
        "title": title,
        "body": body,
        "count": max(title, body),
        "readings": {lemma: count for lemma, count in readings.items() if count > 0},
    }


def by_folding(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Words by what they fold to, see :func:`folding_order`."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in rows:
        found[each["folded"]].add(each["text"])
    return {key: folding_order(key, words) for key, words in found.items()}


def word_id(term: str) -> str:
    """The server's id of a term."""
    return document_id(term)
