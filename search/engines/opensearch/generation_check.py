"""Verifies a generation on the server: its stored documents against its counts and postings.

All stored documents are read. For some hundred terms, sampled by a hash, the document frequencies
by the postings of each field and by the words index are compared with the stored documents.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from search.engines.contract import IndexedDocument
from search.engines.opensearch.cluster_generations import words_of
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.corpus_decisions import DocumentFacts
from search.engines.opensearch.document_packing import unpack_document
from search.engines.opensearch.generation_manifest import GenerationManifest
from search.engines.opensearch.index_mapping import escaped
from search.engines.opensearch.server_documents import ServerDocuments, fetch
from search.engines.opensearch.words_index import word_id

#: Approximate number of terms compared, and number in one request.
_TERMS, _ASKED = 400, 100
#: Limit of reported problems; more would not help.
_MOST = 20
#: The searched fields, with those of the words index that count their documents.
_FIELDS = {"title": "title", "body": "body", "weighted": "body"}


class GenerationCheck:
    """Checks one generation, which must be of this version."""

    def __init__(self, connection: Connection, name: str, manifest: GenerationManifest) -> None:
        self._connection = connection
        self._name = name
        self._manifest = manifest
        self._counts: dict[str, Counter[str]] = {each: Counter() for each in ("title", "body")}
        self._documents: Counter[str] = Counter()

    def problems(self) -> list[str]:
        """A sentence for each of the first problems."""
        found = []
        for each in self._problems():
            found.append(each)
            if len(found) == _MOST:
                break
        return found

    def _problems(self) -> Iterator[str]:
        words = self._connection.request("GET", f"/{words_of(self._name)}/_count").body["count"]
        if self._manifest.articles and not words:
            yield f"{words_of(self._name)} is empty"
        share = max(words // _TERMS, 1)
        count = 0
        documents = ServerDocuments(self._connection, self._name, self._manifest)
        for each in documents.scan(("packed", "facts")):
            count += 1
            try:
                document = unpack_document(each["packed"])
                facts = DocumentFacts.from_json(each["facts"])
            except (ValueError, LookupError, TypeError, OSError):
                yield f"{self._name}: document {count} cannot be read"
                continue
            if (facts.id, facts.digest) != (document.article.id, document.digest):
                yield f"{self._name}: what is known of document {count} is not of it"
            self._note(document, share)
        if count != self._manifest.articles:
            yield f"{self._name} has {count} documents instead of {self._manifest.articles}"
        terms = sorted(self._documents)
        for start in range(0, len(terms), _ASKED):
            yield from self._differing(terms[start : start + _ASKED])

    def _note(self, document: IndexedDocument, share: int) -> None:
        """Counts the sampled terms of a document."""
        fields = {"title": document.title.postings, "body": document.body.postings}
        sampled = {
            name: [each for each in postings if zlib.crc32(each.encode()) % share == 0]
            for name, postings in fields.items()
        }
        for name, terms in sampled.items():
            self._counts[name].update(terms)
        self._documents.update({each for terms in sampled.values() for each in terms})

    def _differing(self, terms: Sequence[str]) -> Iterator[str]:
        known = fetch(
            self._connection,
            words_of(self._name),
            map(word_id, terms),
            ("documents", "title", "body"),
        )
        found = self._found(terms)
        for term, word in zip(terms, known, strict=True):
            counts: Mapping[str, Any] = word or {}
            expected = {name: self._counts[name][term] for name in self._counts}
            if {"documents": self._documents[term], **expected} != dict(counts):
                yield f"{words_of(self._name)}: the counts of {term[1:]} are wrong"
            if any(found[name][term] != expected[field] for name, field in _FIELDS.items()):
                yield f"{self._name}: not all that holds {term[1:]} is found by it"

    def _found(self, terms: Sequence[str]) -> dict[str, dict[str, int]]:
        """Document frequency of each term by the postings of each field."""
        aggs = {
            name: {
                "filters": {
                    "filters": {str(at): {"term": {name: escaped(e)}} for at, e in enumerate(terms)}
                }
            }
            for name in _FIELDS
        }
        body = {"size": 0, "track_total_hits": False, "aggs": aggs}
        counts = self._connection.search(self._name, body)["aggregations"]
        return {
            name: {
                each: counts[name]["buckets"][str(at)]["doc_count"] for at, each in enumerate(terms)
            }
            for name in _FIELDS
        }
