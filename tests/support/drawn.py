"""Random documents and queries with all features of an engine: channels, operators, filters."""

import random
from collections.abc import Sequence
from dataclasses import replace

from corpus import AREAS, NAMES, NOW

from search.analysis.terms import Channel
from search.article import Article, Extracted, PartialDate
from search.date_interval import DateInterval
from search.engines.contract import IndexedDocument, IndexedField
from search.near_duplicates.minhash import NO_SIGNATURE
from search.query.ast import (
    Alternative,
    And,
    Apart,
    Choice,
    Everything,
    FacetTerm,
    Family,
    FieldName,
    Node,
    Not,
    Or,
    Other,
    Phrase,
    Prefix,
    Word,
    Words,
)
from search.request import FacetFilter, FacetName, SearchRequest, Sort

_BEGINNINGS = ("ma", "met", "pu", "kla", "li", "ro")
BASES = ("õun", "ää", *(begin + end for begin in _BEGINNINGS for end in "aeiou"))
ENDINGS = ("", "", "s", "le", "ga", "de")
YEARS = (None, 2012, 2014, 2015, 2016)
_WEIGHTS = [1 / (place + 1) for place in range(len(BASES))]
_CHANNELS: tuple[Channel, ...] = ("lemma", "part", "surface", "reading", "stem", "letters")


def draw_documents(count: int, seed: int, first: int = 0) -> list[IndexedDocument]:
    """Documents of which some are near-duplicates, and some are in another language."""
    draw = random.Random(seed)
    signatures = [draw.randbytes(len(NO_SIGNATURE)) for _ in range(max(count // 20, 1))]
    return [
        _document(draw, f"uudis-{number:04d}", draw.choice((b"", b"", b"", *signatures[:2])))
        if draw.random() < 0.9
        else _document(draw, f"uudis-{number:04d}", draw.choice(signatures))
        for number in range(first, first + count)
    ]


def with_id(document: IndexedDocument, article_id: str) -> IndexedDocument:
    return replace(document, article=replace(document.article, id=article_id))


def _document(draw: random.Random, article_id: str, signature: bytes) -> IndexedDocument:
    year = draw.choice(YEARS)
    date = PartialDate(year, draw.randint(1, 12), draw.randint(1, 28)) if year else None
    own = random.Random(article_id)
    if date and own.random() < 0.2:
        date = PartialDate(date.year, date.month)
    article = Article(
        id=article_id,
        title="",
        body=(),
        source=f"{article_id}.txt",
        language=draw.choice(("et", "et", "et", "en")),
        url=own.choice((None, "https://www.mets.ee/a", "http://Vesi.ee:80/b?c", "mailto:a@b.ee")),
        collection=own.choice(("", "kirjad", "mets.ee")),
        added=NOW.replace(hour=draw.randint(0, 3)),
        year=Extracted(year, "found") if year else None,
        published=Extracted(date, "found") if date and draw.random() < 0.7 else None,
        focus_areas=tuple(
            Extracted(each, "found") for each in draw.sample(AREAS, draw.randint(0, 2))
        ),
        organisations=tuple(
            Extracted(each, "found") for each in draw.sample(NAMES, draw.choice((0, 1, 1, 4)))
        ),
    )
    title, body = _field(draw, draw.randint(1, 5)), _field(draw, draw.choice((0, 5, 30, 150)))
    return IndexedDocument(article, title, body, article_id, signature)


def _field(draw: random.Random, length: int) -> IndexedField:
    postings: dict[str, list[int]] = {}
    for position in range(length):
        base = draw.choices(BASES, _WEIGHTS)[0]
        parts = [base]
        if draw.random() < 0.2:
            parts.append(draw.choices(BASES, _WEIGHTS)[0])
        word = "".join(parts)
        terms = [f"l{word}", f"s{word}{draw.choice(ENDINGS)}", f"f{word[:3]}"]
        terms += [f"p{each}" for each in parts if len(parts) > 1]
        if draw.random() < 0.2:
            terms.append(f"l{draw.choice(BASES)}")
        if draw.random() < 0.1:
            terms += [f"r{draw.choice(BASES)}", f"x{word[:4]}"]
        for each in dict.fromkeys(terms):
            postings.setdefault(each, []).append(position)
    places = list(range(length))
    return IndexedField(postings, places, [each + 1 for each in places], length, places[:1])


def draw_word(draw: random.Random, field: FieldName = "any") -> Word:
    text = draw.choices(BASES, _WEIGHTS)[0]
    if draw.random() < 0.2:
        text += draw.choice(BASES)
    if draw.random() < 0.1:
        return Word(text, (Alternative("surface", text + draw.choice(ENDINGS)),), field)
    found = [Alternative("lemma", text), Alternative("part", text, 0.25)]
    found.append(Alternative("surface", text + draw.choice(ENDINGS), 0.3))
    for _ in range(draw.choice((0, 0, 1, 3))):
        other = draw.choice((*BASES, "puudu"))
        found.append(Alternative(draw.choice(_CHANNELS), other, draw.choice((0.1, 0.5, 1.0))))
    related = [Alternative("letters", text[:3], 0.3)] if draw.random() < 0.7 else []
    if draw.random() < 0.3:
        related.append(Alternative("part", draw.choice(BASES), 0.2))
    readings = ()
    if draw.random() < 0.2:
        channels: tuple[Channel, ...] = ("lemma", "reading")
        readings = tuple(Alternative(each, draw.choice(BASES), 0.15) for each in channels)
    kin = random.Random(text)
    lemmas = tuple(kin.sample(BASES, kin.randint(1, 3)))
    terms = tuple(channel + each for channel in "lp" for each in lemmas)
    family = Family(lemmas, terms[kin.randrange(2) :], kin.choice((0.3, 0.5)))
    word = Word(text, tuple(dict.fromkeys(found)), field, related=tuple(related))
    return replace(word, readings=readings, family=family if kin.random() < 0.4 else None)


def draw_phrase(draw: random.Random, field: FieldName = "any") -> Phrase:
    words = [draw_word(draw) for _ in range(draw.randint(2, 3))]
    if draw.random() < 0.1:
        words.append(words[0])
    return Phrase(tuple(words), draw.choice((0, 0, 1, 3, 20)), field)


def draw_words(draw: random.Random) -> Words:
    return Words(tuple(_thing(draw) for _ in range(draw.randint(1, 5))))


def _thing(draw: random.Random) -> Word | Phrase | Choice:
    kind = draw.random()
    if kind < 0.65:
        return draw_word(draw)
    return draw_choice(draw) if kind < 0.9 else draw_phrase(draw)


def draw_choice(draw: random.Random) -> Choice:
    typed: Word | Words | Phrase = draw_word(draw)
    if draw.random() < 0.4:
        typed = draw.choice((draw_phrase(draw), Words((draw_word(draw), draw_word(draw)))))
    others = [
        Other(draw.choice((draw_word, draw_phrase))(draw), draw.choice((0.5, 0.8, 0.9, 1.0)))
        for _ in range(draw.randint(1, 3))
    ]
    parts = Apart((draw_word(draw), draw_word(draw)), draw.choice((0.5, 0.75)))
    return Choice(typed, tuple(others), parts if draw.random() < 0.3 else None)


def draw_node(draw: random.Random, depth: int = 2) -> Node:
    """A random query tree: any that the parser and its rewriting make, and some others."""
    kind = draw.randint(0, 12 if depth else 7)
    field: FieldName = draw.choice(("any", "any", "any", "title"))
    if kind < 2:
        return draw_word(draw, field)
    if kind < 4:
        return draw_words(draw)
    if kind == 4:
        return draw_phrase(draw, field)
    if kind == 5:
        return Prefix(draw.choice((*BASES, "m", "k", "metam", "xx")), field)
    if kind == 6:
        return draw_choice(draw)
    if kind == 7:
        return draw.choice((Everything(), *_facet_terms()))
    children = tuple(draw_node(draw, depth - 1) for _ in range(draw.randint(2, 3)))
    if kind < 10:
        return And(children)
    return Or(children) if kind < 12 else Not(children[0])


def _facet_terms() -> Sequence[FacetTerm]:
    fields: tuple[tuple[FacetName, str], ...] = (
        ("focus", "rohe"),
        ("focus", "none"),
        ("org", "metsa liit"),
        ("year", "2014-2015"),
        ("year", "unknown"),
        ("language", "EN"),
        ("source", "Mets.EE"),
    )
    return [FacetTerm(*each) for each in fields]


def draw_request(draw: random.Random) -> SearchRequest:
    """A random request: filters, an order and a page."""
    sorts: tuple[Sort, ...] = ("relevance", "relevance", "newest", "oldest", "added")
    size = draw.choice((3, 10, 10, 1000))
    request = SearchRequest(sort=draw.choice(sorts), page_size=size)
    choices: dict[FacetName, tuple[str, ...]] = {
        "focus": (*AREAS, "none", "muu"),
        "year": ("2014", "2015", "2012-2014", "unknown", "1999"),
        "org": (*NAMES, "Keegi"),
        "source": ("mets.ee", "kirjad", "unknown", "puudub.ee"),
        "language": ("et", "ru"),
    }
    for facet, values in choices.items():
        include = tuple(draw.sample(values, draw.choice((0, 0, 0, 0, 1, 2))))
        exclude = tuple(draw.sample(values, draw.choice((0, 0, 0, 0, 1))))
        request = request.with_filter(facet, FacetFilter(include, exclude))
    page = draw.choice((1, 1, 1, 2, 5))
    if draw.random() < 0.25:
        dates = ("", "2012", "2014-06", "2014-06-15", "2015", "2015-02", "2016-11-05")
        request = request.with_span(DateInterval.parse(draw.choice(dates), draw.choice(dates)))
    return replace(request, page=page)
