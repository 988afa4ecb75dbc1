"""Other spellings of a query that found nothing."""

import re

from search.analysis import Analyzer
from search.analysis.channels import term
from search.engines.contract import EngineReader
from search.query.parser import QueryParser
from search.query.tree import Node, Word, leaves
from search.request import SearchRequest
from search.results import Suggestion

_MAX_SUGGESTIONS = 3
_MAX_WORDS = 8


def respell(
    request: SearchRequest,
    node: Node,
    reader: EngineReader,
    parser: QueryParser,
    analyzer: Analyzer,
) -> tuple[Suggestion, ...]:
    """The query with one unmet word spelt otherwise, where that finds something; most first."""
    found: list[Suggestion] = []
    for word in [each for each in leaves(node) if isinstance(each, Word)][:_MAX_WORDS]:
        if any(reader.document_frequency(term(a.channel, a.term)) for a in word.alternatives):
            continue
        for spelling in analyzer.spelling(word.text):
            pattern = rf"(?<!\w){re.escape(word.text)}(?!\w)"
            query = re.sub(pattern, lambda _, text=spelling: text, request.query)  # type: ignore[misc]
            count = reader.count(parser.parse(query), request)
            if count and query != request.query:
                found.append(Suggestion(query, query, count))
    unique = {each.query: each for each in found}.values()
    return tuple(sorted(unique, key=lambda each: -each.count)[:_MAX_SUGGESTIONS])
