"""tantivy through its Python binding, with its aggregations, fast fields and snippets."""

import re
from pathlib import Path
from typing import Any

import tantivy

from benchmarks.rivals.engine import Answer, Mode, Plain, fields_of, prefixes_of
from benchmarks.support.query_set import Asked

_HEAP = 256_000_000
_FACETS = ("focus", "year", "org")
_AGGREGATIONS = {name: {"terms": {"field": name, "size": 10_000}} for name in _FACETS}


class TantivyRival:
    """tantivy, filled by one thread in one commit."""

    def __init__(self, directory: Path) -> None:
        builder = tantivy.SchemaBuilder()
        for name in ("title", "body"):
            builder.add_text_field(name, stored=True, tokenizer_name="whitespace")
        builder.add_text_field("more", tokenizer_name="whitespace", index_option="freq")
        for name in _FACETS:
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_integer_field("published", fast=True)
        self._schema = builder.build()
        self._directory = str(directory)
        self._writer: Any = None
        self._searcher: Any = None
        if not directory.is_dir():  # else it exists and is opened
            directory.mkdir()
            index = tantivy.Index(self._schema, path=self._directory)
            self._writer = index.writer(heap_size=_HEAP, num_threads=1)

    def add(self, document: Plain) -> None:
        values = {
            "title": document.title,
            "body": document.body,
            "more": document.more,
            "published": document.published,
            "year": document.year,
            "focus": list(document.focus),
            "org": list(document.org),
        }
        self._writer.add_document(tantivy.Document(**values))

    def finish(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()

    def open(self) -> None:
        self._searcher = tantivy.Index.open(self._directory).searcher()

    def close(self) -> None:
        self._searcher = None

    def answer(self, mode: Mode, query: Asked) -> Answer:
        wanted = self._query(query)
        if mode == "date":
            found = self._searcher.search(wanted, 10, count=False, order_by_field="published")
            return Answer(shown=len(found.hits))
        if mode == "facets":
            found = self._searcher.search(wanted, 10)
            counted = self._searcher.aggregate(wanted, _AGGREGATIONS)
            counts = {
                name: {each["key"]: each["doc_count"] for each in counted[name]["buckets"]}
                for name in _FACETS
            }
            return Answer(found.count, counts, len(found.hits))
        found = self._searcher.search(wanted, 10, count=False)
        if mode == "snippets":
            make = tantivy.SnippetGenerator.create(self._searcher, wanted, self._schema, "body")
            for _, address in found.hits:
                make.snippet_from_doc(self._searcher.doc(address)).to_html()
        return Answer(shown=len(found.hits))

    def _query(self, asked: Asked) -> tantivy.Query:
        any_of, schema = self._any, self._schema
        if asked.kind == "prefix":
            return any_of(
                tantivy.Query.regex_query(schema, field, re.escape(begin) + ".*")
                for field, begin in prefixes_of(asked)
            )
        if asked.kind == "phrase":
            words: Any = [word[0] for word in asked.words]
            return any_of(
                tantivy.Query.phrase_query(schema, field, words) for field in ("title", "body")
            )
        words = [
            any_of(
                tantivy.Query.term_query(schema, field, text, "freq")
                for text in word
                for field in fields_of(text)
            )
            for word in asked.words
        ]
        if asked.kind != "and":
            return words[0] if len(words) == 1 else any_of(words)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, each) for each in words])

    def _any(self, queries: Any) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in queries])
