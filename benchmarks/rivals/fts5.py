"""SQLite FTS5 as in its manual: facets in tables, counted by one statement."""

import sqlite3
from pathlib import Path

from benchmarks.rivals.engine import Answer, Mode, Plain
from benchmarks.support.query_set import Asked

# All characters but blanks are word characters; a prefix index for the shortest prefix queried.
_TABLES = """
CREATE VIRTUAL TABLE words USING fts5(
    title, body, more, prefix='5',
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co'"
);
CREATE TABLE article (id INTEGER PRIMARY KEY, name TEXT, published INTEGER, year TEXT);
CREATE TABLE focus (article INTEGER, value TEXT, PRIMARY KEY (article, value)) WITHOUT ROWID;
CREATE TABLE org (article INTEGER, value TEXT, PRIMARY KEY (article, value)) WITHOUT ROWID;
"""
_TOP = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT 10"
_DATE = """
SELECT article.id FROM words JOIN article ON article.id = words.rowid
WHERE words MATCH ? ORDER BY article.published DESC LIMIT 10
"""
_SNIPPETS = """
SELECT rowid, snippet(words, 1, '<b>', '</b>', '…', 30) FROM words
WHERE words MATCH ? ORDER BY rank LIMIT 10
"""
_FACETS = """
WITH found AS MATERIALIZED (SELECT rowid AS id FROM words WHERE words MATCH ?)
SELECT '', '', count(*) FROM found
UNION ALL SELECT 'year', year, count(*) FROM found JOIN article USING (id) GROUP BY year
UNION ALL SELECT 'focus', value, count(*) FROM found JOIN focus ON article = id GROUP BY value
UNION ALL SELECT 'org', value, count(*) FROM found JOIN org ON article = id GROUP BY value
"""


class Fts5Rival:
    """SQLite FTS5, filled in one transaction and optimised."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "fts5.db"
        if not directory.is_dir():  # else it exists and is opened
            directory.mkdir()
            self._database = sqlite3.connect(self._file)
            self._database.executescript(_TABLES)

    def add(self, document: Plain) -> None:
        run = self._database.execute
        number, texts = document.number, (document.title, document.body, document.more)
        run("INSERT INTO words(rowid, title, body, more) VALUES (?, ?, ?, ?)", (number, *texts))
        row = (number, document.id, document.published, document.year)
        run("INSERT INTO article VALUES (?, ?, ?, ?)", row)
        for table, values in (("focus", document.focus), ("org", document.org)):
            rows = [(number, each) for each in values]
            self._database.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)  # noqa: S608

    def finish(self) -> None:
        self._database.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._database.commit()
        self._database.execute("ANALYZE")
        self._database.close()

    def open(self) -> None:
        self._database = sqlite3.connect(self._file)
        # The same size as other engines' caches; the default of 2 MB is for phones.
        self._database.execute("PRAGMA cache_size = -65536")
        self._database.execute("PRAGMA mmap_size = 4000000000")

    def close(self) -> None:
        self._database.close()

    def answer(self, mode: Mode, query: Asked) -> Answer:
        match = fts5_query(query)
        if mode == "facets":
            best = self._database.execute(_TOP, (match,)).fetchall()
            counts: dict[str, dict[str, int]] = {"focus": {}, "year": {}, "org": {}}
            total = 0
            for facet, value, count in self._database.execute(_FACETS, (match,)):
                if facet:
                    counts[facet][value] = count
                else:
                    total = count
            return Answer(total, counts, len(best))
        statement = {"top10": _TOP, "date": _DATE, "snippets": _SNIPPETS}[mode]
        return Answer(shown=len(self._database.execute(statement, (match,)).fetchall()))


def fts5_query(asked: Asked) -> str:
    if asked.kind == "prefix":
        begin = asked.text.removesuffix("*")
        return f'"l{begin}" * OR "s{begin}" *'
    if asked.kind == "phrase":
        words = " ".join(word[0] for word in asked.words)
        return f'{{title body}} : "{words}"'
    joint = " AND " if asked.kind == "and" else " OR "
    return joint.join(f"({' OR '.join(map(_quoted, word))})" for word in asked.words)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
