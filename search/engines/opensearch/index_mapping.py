"""Mapping and settings of the server's indices: documents, and the words of a generation.

A document's fields hold terms with their channel, alternatives at one position joined by ``|`` and
a position without any as ``_``: ``lkoosolek|skoosolekul lpidama|lpeet|speeti _ lleile``. Words are
analysed before; the server only splits the terms.

| field | holds | for |
|---|---|---|
| ``title``, ``body`` | terms at positions | matching, phrases, proximity; times in the title |
| ``early`` | those of the first positions of the body | phrases at early positions |
| ``weighted`` | ``term|n``, n = times in the body + times early in it | scores of words |
| ``vectors`` | vectors of the passages, with the digest of their ``model`` | nearness in meaning |
| ``cluster`` | id of the representative of its near-duplicates, else its own | one hit a cluster |
| ``clustered`` | whether the cluster has several documents | counts |
| ``cluster_rank`` | 0 for the representative, 1 for others | ties, samples |
| ``facet_values`` | ``facet:value`` in lower case | facets named in the query |
| ``decision`` | decision from all documents about this one | names and duplicates shown |
"""

import hashlib
from typing import Any

#: Raised whenever the stored format changes.
SCHEMA_VERSION = 4
#: Maximum frequency of a word in a body, as the frequencies of all fields share one number.
MOST_TIMES = 4095
#: Last hit that a page can show.
RESULT_WINDOW = 100_000
#: The character between terms at one position, and the text of a position without terms.
ALTERNATIVE = "|"
HOLE = "_"
_ESCAPED = {ord(each): f"%{ord(each):02x}" for each in (ALTERNATIVE, "%")}
_LONGEST_ID = 500

_KEYWORD = {"type": "keyword"}
_STORED = {"type": "keyword", "index": False, "doc_values": False}
_POSITIONS = {
    "type": "text",
    "analyzer": "positions",
    "search_analyzer": "keyword",
    "norms": False,
    "similarity": "times",
}

_ANALYSIS = {
    "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": 1_000_000}},
    "filter": {
        "alternatives": {
            "type": "pattern_capture",
            "preserve_original": False,
            "patterns": ["([^|]+)"],
        },
        "holes": {"type": "stop", "stopwords": [HOLE]},
        "frequency": {"type": "delimited_term_freq", "delimiter": ALTERNATIVE},
    },
    "analyzer": {
        "positions": {
            "type": "custom",
            "tokenizer": "blanks",
            "filter": ["alternatives", "holes"],
        },
        "frequencies": {"type": "custom", "tokenizer": "blanks", "filter": ["frequency"]},
    },
}
#: The server scores a term by its frequency; ``term_scoring.py`` does the rest of BM25F.
_TIMES = {"type": "scripted", "script": {"source": "return query.boost * doc.freq;"}}


def documents_body(shards: int, replicas: int) -> dict[str, Any]:
    """Body that creates an index of documents."""
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                "refresh_interval": "-1",
                "max_result_window": RESULT_WINDOW,
                "max_terms_count": 200_000,
                "similarity": {"times": _TIMES},
            },
            "analysis": _ANALYSIS,
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": ["listing", "facts", "decision", "packed"]},
            "properties": {
                "title": _POSITIONS,
                "body": _POSITIONS,
                "early": _POSITIONS,
                "weighted": {
                    "type": "text",
                    "analyzer": "frequencies",
                    "search_analyzer": "keyword",
                    "index_options": "freqs",
                    "norms": False,
                    "similarity": "times",
                },
                "title_length": {"type": "integer"},
                "body_length": {"type": "integer"},
                "id": _KEYWORD,
                "spread": {"type": "integer", "index": False},
                "foreign": {"type": "byte"},
                "cluster": _KEYWORD,
                "clustered": {"type": "boolean"},
                "cluster_rank": {"type": "byte"},
                "published": {"type": "integer"},
                "first_day": {"type": "integer"},
                "last_day": {"type": "integer"},
                "age": {"type": "double", "index": False},
                "added": {"type": "long"},
                "year_number": {"type": "short"},
                "focus": _KEYWORD,
                "year": _KEYWORD,
                "org": _KEYWORD,
                "source": _KEYWORD,
                "language": _KEYWORD,
                "month": _KEYWORD,
                "facet_values": _KEYWORD,
                "headline": _KEYWORD,
                "title_words": {"type": "text", "analyzer": "whitespace", "norms": False},
                "model": _KEYWORD,
                "vectors": {"type": "binary", "doc_values": True},
                "passages": {"type": "keyword", "doc_values": False},
                "passage_count": {"type": "integer", "index": False},
                "vector_bytes": {"type": "integer", "index": False},
                "listing": _STORED,
                "facts": _STORED,
                "decision": _STORED,
                "packed": _STORED,
            },
        },
    }


def words_body(shards: int, replicas: int) -> dict[str, Any]:
    """Body that creates the index of the words of a generation."""
    return {
        "settings": {
            "index": {
                "number_of_shards": shards,
                "number_of_replicas": replicas,
                "refresh_interval": "-1",
                "max_result_window": RESULT_WINDOW,
            }
        },
        "mappings": {
            "dynamic": "strict",
            "properties": {
                "term": _KEYWORD,
                "text": _KEYWORD,
                "channel": _KEYWORD,
                "folded": _KEYWORD,
                "key": _KEYWORD,
                "documents": {"type": "integer"},
                "title": {"type": "integer"},
                "body": {"type": "integer"},
                "count": {"type": "integer"},
                "readings": {"type": "object", "enabled": False},
            },
        },
    }


def escaped(term: str) -> str:
    """A term as fields hold it, with separators escaped.

    >>> escaped("sa b|c")
    'sa%20b%7cc'
    """
    if term.isalnum():
        return term
    found = term.translate(_ESCAPED)
    if any(map(_is_separator, found)):
        found = "".join(f"%{ord(each):02x}" if _is_separator(each) else each for each in found)
    return found


def _is_separator(character: str) -> bool:
    return character.isspace() or character < " "


def document_id(name: str) -> str:
    """The server's id of an article or a word; a hash for ids that are too long for it.

    >>> document_id("2016/uudis")
    '2016/uudis'
    """
    if 0 < len(name.encode()) <= _LONGEST_ID:
        return name
    return "#" + hashlib.sha256(name.encode()).hexdigest()
