"""Builds search results from the engine's answer: hits, facets, labels."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from search.article import Article, Extracted
from search.article_view import ArticleEvidence, ValueView
from search.engines.contract import (
    DocumentKey,
    EngineAnswer,
    EngineReader,
    FacetCounts,
    MeaningQuery,
    NearestPassage,
    Occurrence,
    RankedDocument,
)
from search.i18n import Translator
from search.query.ast import Node
from search.request import (
    NO_FOCUS,
    UNKNOWN_VALUE,
    UNKNOWN_YEAR,
    FacetFilter,
    FacetName,
    SearchRequest,
)
from search.results import Facet, FacetValue, Hit, Relaxation, Snippet, Why
from search.snippets import MatchExplainer, marks_of, passage_snippets, snippets
from search.taxonomy import Taxonomy

#: How many values a long facet lists, besides the chosen ones.
LISTED_VALUES = 50
#: Facets that may have any number of values.
LONG_FACETS: tuple[FacetName, ...] = ("org", "source")


class ResultBuilder:
    """Builds results in one language."""

    def __init__(self, taxonomy: Taxonomy, texts: Translator) -> None:
        self._taxonomy = taxonomy
        self._texts = texts

    def label(self, facet: FacetName, value: str) -> str:
        """Label of a facet value; the id for an unknown focus area."""
        if facet == "focus":
            if value == NO_FOCUS:
                return self._texts.gettext("No focus area")
            return self._taxonomy.label(value, self._texts.language)
        if facet == "year" and value == UNKNOWN_YEAR:
            return self._texts.gettext("Year unknown")
        if facet == "source" and value == UNKNOWN_VALUE:
            return self._texts.gettext("Source unknown")
        return self._language(value) if facet == "language" else value

    def _language(self, code: str) -> str:
        if code == "et":  # nearly always
            return self._texts.gettext("Estonian")
        names = {
            "en": self._texts.gettext("English"),
            "ru": self._texts.gettext("Russian"),
            "fi": self._texts.gettext("Finnish"),
            UNKNOWN_VALUE: self._texts.gettext("Language unknown"),
        }
        return names.get(code, code)

    def facets(self, answer: EngineAnswer, request: SearchRequest) -> tuple[Facet, ...]:
        """The counted facets of ``answer``."""
        return tuple(self.facet(name, answer, request, LISTED_VALUES) for name in answer.facets)

    def facet(
        self, name: FacetName, answer: EngineAnswer, request: SearchRequest, most: int | None = None
    ) -> Facet:
        """A facet with its values, long ones limited to the first and the chosen ones."""
        chosen = request.filter(name)
        counts = answer.facets[name]
        listed = _listed(counts, chosen, most if name in LONG_FACETS else None)
        if name == "year":
            # A span of years is a filter, not a value; its years are listed one by one.
            years = [each for each in listed if each[0].isdigit() or each[0] == UNKNOWN_YEAR]
            listed = sorted(years, key=_latest_first)
        elif name == "month":
            listed = sorted(listed)
        is_own_label, include, exclude = name in ("org", "month"), chosen.include, chosen.exclude
        values = [
            FacetValue(
                int(value) if name == "year" and value.isdigit() else value,
                value if is_own_label else self.label(name, value),
                count,
                value in include,
                value in exclude,
            )
            for value, count in listed
        ]
        return Facet(name, tuple(values), len(counts) if name in LONG_FACETS else len(values))

    def values(self, article: Article) -> tuple[ValueView, ...]:
        """Facet values of one article with their evidence."""
        found: list[tuple[FacetName, Extracted[Any]]] = [
            *(("focus", each) for each in article.focus_areas),
            *((("year", article.year),) if article.year else ()),
            *(("org", each) for each in article.organisations),
        ]
        evidence = ArticleEvidence(article)
        return tuple(
            ValueView(
                facet=name,
                value=str(each.value),
                label=self.label(name, str(each.value)),
                origin=each.origin,
                evidence=evidence.of(each),
            )
            for name, each in found
        )


def build_hits(
    reader: EngineReader,
    documents: Sequence[RankedDocument],
    node: Node,
    query: str = "",
    meaning: MeaningQuery | None = None,
) -> tuple[Hit, ...]:
    """Hits of a page, with highlights for ``node``.

    Articles found by ``meaning`` alone show their nearest passage instead, explained by ``query``.
    """
    keys = [each.key for each in documents]
    listings, places = reader.listings(keys), reader.occurrences(keys, node)
    duplicates = reader.duplicates(keys)
    passages = _nearest_passages(reader, documents, meaning)
    explainer = MatchExplainer(node)
    hits = []
    found = zip(documents, listings, places, duplicates, strict=True)
    for ranked, listing, occurrences, others in found:
        passage = passages.get(ranked.key)
        # An article found by meaning alone may hold some of the words, which do not explain it.
        marked = () if ranked.near else occurrences
        hits.append(
            Hit(
                id=listing.id,
                title=listing.title,
                title_marks=marks_of(marked, "title"),
                url=listing.url,
                published=listing.published,
                year=listing.year,
                language=listing.language,
                focus_areas=listing.focus_areas,
                organisations=listing.organisations,
                score=ranked.score,
                full=ranked.full,
                snippets=_snippets(listing.text, marked, passage),
                why=(Why(query, "", "meaning"),)
                if ranked.near
                else explainer.reasons(marked, listing.title, listing.text),
                missing=() if ranked.full or ranked.near else explainer.missing(occurrences),
                duplicates=all_addresses(listing.duplicates, others),
                added=listing.added,
                source=listing.source,
                nearness=passage.nearness if passage else None,
            )
        )
    return tuple(hits)


def _nearest_passages(
    reader: EngineReader, documents: Sequence[RankedDocument], meaning: MeaningQuery | None
) -> Mapping[DocumentKey, NearestPassage]:
    """The nearest passages of those ``documents`` that were found by meaning alone."""
    near = [each.key for each in documents if each.near]
    if meaning is None or not near:
        return {}
    found = zip(near, reader.nearest_passages(near, meaning), strict=True)
    return {key: passage for key, passage in found if passage is not None}


def _snippets(
    text: str, occurrences: Sequence[Occurrence], passage: NearestPassage | None
) -> tuple[Snippet, ...]:
    if passage is None:
        return snippets(text, occurrences)
    return passage_snippets(text, passage.start, passage.end)


def all_addresses(known: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Other addresses of an article: from its source, then of its duplicates."""
    return tuple(dict.fromkeys((*known, *others))) if known or others else ()


def relaxations(answer: EngineAnswer) -> tuple[Relaxation, ...]:
    """Number of matches without each filter, if there are none with all of them."""
    if answer.total:
        return ()
    return tuple(Relaxation(name, count) for name, count in answer.without.items() if count)


def _listed(
    counts: FacetCounts, chosen: FacetFilter, most: int | None
) -> Iterable[tuple[str, int]]:
    """The first values of a facet with counts, followed by the chosen ones."""
    if most is None or len(counts) <= most:
        return counts.pairs()
    first = counts[:most].pairs()
    if not chosen:
        return first
    picked = {*chosen.include, *chosen.exclude}
    return chain(first, (each for each in counts[most:].pairs() if each[0] in picked))


def _latest_first(year: tuple[str, int]) -> int:
    """Sort key of a year with its count; the unknown year comes last."""
    value, _ = year
    return -int(value) if value.isdigit() else 0
