"""Other spellings of words that no article holds."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.analysis.channels import Channel, term
from search.engines.contract import EngineReader
from search.query.folded import documents_of, is_exact
from search.query.parser import QueryParser
from search.query.tree import And, Node, Or, Phrase, Word, Words, with_words
from search.request import MAX_QUERY_LENGTH, SearchRequest

_MAX_SUGGESTIONS = 3
_MAX_WORDS = 8
_MAX_SPELLINGS = 3
#: Nearly everything is one letter away from a shorter word.
_SHORTEST = 4
_LETTERS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
#: Full matches of a query, None if it would not be answered.
Count = Callable[[str], int | None]


@dataclass(frozen=True, slots=True)
class Respelling:
    """Another query with ``count`` full matches; ``meant`` pairs what was typed and what is not."""

    query: str
    count: int
    meant: tuple[tuple[str, str], ...]


def respell(
    request: SearchRequest,
    node: Node,
    reader: EngineReader,
    parser: QueryParser,
    analyzer: Analyzer,
    count: Count,
) -> tuple[Respelling, ...]:
    """The query with its unmet words spelt otherwise, likeliest first; what finds nothing last.

    ``node`` is what the query was understood as. A respelling may find nothing in full; a word that
    some article holds, or that is right, or that the owner's synonyms know, is never respelt.
    """
    unmet: dict[str, tuple[str, ...]] = {}
    for word, in_phrase in _asked(node):
        if len(unmet) == _MAX_WORDS:
            break
        if word.text not in unmet and _is_unmet(word, in_phrase, reader, analyzer):
            unmet[word.text] = _spellings(word, in_phrase, reader, parser, analyzer)
    best = {typed: spellings[0] for typed, spellings in unmet.items() if spellings}
    choices = [best] if best else []
    for typed, spellings in unmet.items():
        choices += [{**best, typed: other} for other in spellings[1:]]
    found = []
    for choice in choices[: 2 * _MAX_SUGGESTIONS]:
        query = request.query
        for typed, spelling in choice.items():
            query = _replaced(query, typed, spelling)
        if query != request.query and len(query) <= MAX_QUERY_LENGTH:
            found_fully = count(query)
            if found_fully is not None:
                found.append(Respelling(query, found_fully, tuple(choice.items())))
    return tuple(sorted(found, key=lambda each: not each.count)[:_MAX_SUGGESTIONS])


def as_respelt(node: Node, meant: tuple[tuple[str, str], ...]) -> Node:
    """``node`` of a respelt query, its respelt words marked with what was typed."""
    typed = {spelling: word for word, spelling in meant}

    def change(word: Word, _: bool) -> Word:
        if word.text not in typed or is_exact(word):
            return word
        return replace(word, way="spelling", typed=typed[word.text])

    return with_words(node, change)


def _asked(node: Node) -> Iterator[tuple[Word, bool]]:
    """Words that were typed and may be misspelt, and whether they stand in a phrase.

    What was typed with ``=`` is meant as it is, and names in the synonyms are right.
    """
    if isinstance(node, Word):
        if not is_exact(node):
            yield node, False
    elif isinstance(node, Phrase):
        if not node.exact:
            yield from ((each, True) for each in node.words)
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            yield from _asked(child)


def _is_unmet(word: Word, in_phrase: bool, reader: EngineReader, analyzer: Analyzer) -> bool:
    """Is ``word`` one that no article holds and no lexicon knows?"""
    text = word.text
    if len(text) < _SHORTEST or not _LETTERS.fullmatch(text) or acronym_base(text) is not None:
        return False
    return not (documents_of(word, reader, in_phrase=in_phrase) or analyzer.is_known(text))


def _spellings(
    word: Word, in_phrase: bool, reader: EngineReader, parser: QueryParser, analyzer: Analyzer
) -> tuple[str, ...]:
    """Words of the index that an unmet ``word`` may be meant for; the commonest first.

    Forms of one word are suggested once.
    """
    text = word.text
    lower = text.lower()
    likely = (*analyzer.spelling(text), *reader.similar(lower))
    found: dict[frozenset[str], tuple[int, int, str]] = {}
    for spelling in dict.fromkeys(_cased(each, text) for each in likely):
        named = parser.name(spelling)
        if not isinstance(named, Word) or spelling.lower() == lower:
            continue
        count = documents_of(named, reader, in_phrase=in_phrase)
        lemmas = frozenset(each.term for each in named.alternatives if each.channel == "lemma")
        if count and lemmas not in found:
            # „Töötja“ is rather the common word *töötaja* than a rare form of the commoner *töö*.
            found[lemmas] = -_documents_so_spelt(spelling, reader), -count, spelling
    ordered = sorted(found.values(), key=lambda each: each[:2])
    return tuple(spelling for *_, spelling in ordered[:_MAX_SPELLINGS])


def _documents_so_spelt(spelling: str, reader: EngineReader) -> int:
    written = spelling if spelling.isupper() else spelling.lower()
    channels: tuple[Channel, ...] = ("lemma", "surface")
    return max(reader.document_frequencies([term(each, written) for each in channels]))


def _cased(spelling: str, typed: str) -> str:
    """``spelling`` with a capital where one was typed; an acronym keeps its own."""
    if spelling.isupper():
        return spelling
    if typed.isupper():
        return spelling.upper()
    return spelling[:1].upper() + spelling[1:] if typed[:1].isupper() else spelling


def _replaced(query: str, typed: str, spelling: str) -> str:
    return re.sub(rf"(?<![\w=]){re.escape(typed)}(?!\w)", lambda _: spelling, query)
