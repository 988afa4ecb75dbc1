"""Whoosh as in its documentation: schema, groupedby, sortedby and highlights."""

from pathlib import Path
from typing import Any

from whoosh import fields, index, query, sorting
from whoosh.analysis import SpaceSeparatedTokenizer

from benchmarks.rivals.engine import Answer, Mode, Plain, fields_of, prefixes_of
from benchmarks.support.query_set import Asked


def schema() -> fields.Schema:
    words = SpaceSeparatedTokenizer()
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        title=fields.TEXT(analyzer=words, stored=True),
        body=fields.TEXT(analyzer=words, stored=True),
        more=fields.TEXT(analyzer=words, phrase=False),
        published=fields.NUMERIC(sortable=True),
        year=fields.ID(sortable=True),
        focus=fields.KEYWORD(commas=True),
        org=fields.KEYWORD(commas=True),
    )


def values_of(document: Plain) -> dict[str, Any]:
    """Field values for ``add_document`` and ``update_document``."""
    return {
        "id": document.id,
        "title": document.title,
        "body": document.body,
        "more": document.more,
        "published": document.published,
        "year": document.year,
        "focus": ",".join(document.focus),
        "org": ",".join(document.org),
    }


class WhooshRival:
    """Whoosh, filled in one commit, as its documentation advises for many documents."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writer: Any = None
        if not directory.is_dir():  # else it exists and is opened
            directory.mkdir()
            self._writer = index.create_in(directory, schema()).writer(limitmb=256)
        self._searcher: Any = None

    def add(self, document: Plain) -> None:
        self._writer.add_document(**values_of(document))

    def finish(self) -> None:
        self._writer.commit()

    def open(self) -> None:
        self._searcher = index.open_dir(self._directory).searcher()

    def close(self) -> None:
        self._searcher.close()

    def answer(self, mode: Mode, query: Asked) -> Answer:
        wanted = whoosh_query(query)
        if mode == "date":
            found = self._searcher.search(wanted, limit=10, sortedby="published", reverse=True)
            return Answer(shown=found.scored_length())
        if mode == "facets":
            return self._counted(wanted)
        found = self._searcher.search(wanted, limit=10)
        if mode == "snippets":
            for hit in found:
                hit.highlights("body")
        return Answer(shown=found.scored_length())

    def _counted(self, wanted: Any) -> Answer:
        facets = sorting.Facets()
        facets.add_field("year", maptype=sorting.Count)
        for name in ("focus", "org"):
            several = sorting.FieldFacet(name, allow_overlap=True, maptype=sorting.Count)
            facets.add_facet(name, several)
        found = self._searcher.search(wanted, limit=10, groupedby=facets)
        counts = {
            name: {str(value): count for value, count in found.groups(name).items()}
            for name in ("focus", "year", "org")
        }
        return Answer(len(found), counts, found.scored_length())


def whoosh_query(asked: Asked) -> Any:
    if asked.kind == "prefix":
        return query.Or([query.Prefix(*each) for each in prefixes_of(asked)])
    if asked.kind == "phrase":
        words = [word[0] for word in asked.words]
        return query.Or([query.Phrase(field, words) for field in ("title", "body")])
    words = [
        query.Or([query.Term(field, text) for text in word for field in fields_of(text)])
        for word in asked.words
    ]
    if len(words) == 1:
        return words[0]
    return query.And(words) if asked.kind == "and" else query.Or(words).normalize()
