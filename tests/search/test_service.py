"""Requests over the example news, answered as people expect."""

from pathlib import Path

import pytest

from search.analysis import Analyzer
from search.configuration import Configuration
from search.errors import ArticleNotFound, BadRequest, NoIndex, QueryTooLong
from search.request import SORTS, FacetFilter, SearchRequest, Sort
from search.results import Hit
from search.service import SearchService
from search.taxonomy import load_taxonomy

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "uudised"


def full(service: SearchService, query: str) -> dict[str, Hit]:
    """Every full match by id."""
    results = service.search(SearchRequest(query, page_size=1000), "en")
    return {hit.id: hit for hit in results.hits if hit.full}


def holding(*pieces: str) -> set[str]:
    """Example files that hold any of the pieces, by the id their name gives."""
    return {
        path.stem
        for path in EXAMPLES.glob("*.txt")
        if any(piece in path.read_text(encoding="utf-8").lower() for piece in pieces)
    }


def test_a_word_in_any_form_finds_the_same_articles(service: SearchService) -> None:
    forms = ["klaster", "klastrid", "klastrite", "klastrisse", "Klastreid", "KLASTRITEGA"]
    answers = [set(full(service, form)) for form in forms]
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) > 50


def test_a_part_of_a_compound_is_found_and_said_so(service: SearchService) -> None:
    hits = full(service, "puit")
    ways = {why.how for hit in hits.values() for why in hit.why}
    assert {"part", "lemma"} <= ways
    for hit in hits.values():
        for snippet in hit.snippets:
            for mark in snippet.marks:
                assert snippet.text[mark.start : mark.end].lower().startswith(
                    ("pui", "metsa-puit")
                ) or ("pui" in snippet.text[mark.start : mark.end].lower())


def test_eas_is_no_form_of_iga(service: SearchService) -> None:
    found = full(service, "EAS")
    forms = {why.form for hit in found.values() for why in hit.why}
    assert {"EASilt", "EASi", "EAS-i"} <= forms
    with_iga = full(service, "iga")
    only_iga = {path for path in with_iga if path not in holding("eas")}
    assert only_iga
    assert not only_iga & set(found)
    assert all("EAS" not in why.form for hit in with_iga.values() for why in hit.why)


def test_claustrophobia_finds_no_cluster(service: SearchService) -> None:
    assert full(service, "klastrofoobia") == {}


def test_phrases_and_exact_forms(service: SearchService) -> None:
    phrase = full(service, '"ehitus lammutusjäätmed"~1')
    assert all(
        "lammutusjäät" in str(hit.snippets).lower() + hit.title.lower() for hit in phrase.values()
    )
    exact = full(service, "=klastrit")
    assert set(exact) < set(full(service, "klaster"))
    assert {why.form.lower() for hit in exact.values() for why in hit.why} == {"klastrit"}


@pytest.mark.parametrize("sort", SORTS)
def test_partial_matches_are_counted_and_say_what_they_lack(
    service: SearchService, sort: Sort
) -> None:
    results = service.search(SearchRequest("klastrite energia", sort=sort, page_size=1000))
    flags = [hit.full for hit in results.hits]
    if sort == "relevance":
        scores = [hit.score for hit in results.hits]
        assert scores == sorted(scores, reverse=True)
    else:
        assert flags == sorted(flags, reverse=True)
    assert (results.total, results.partial) == (flags.count(True), flags.count(False))
    assert all(hit.full != bool(hit.missing) for hit in results.hits)
    assert {word for hit in results.hits for word in hit.missing} == {"energia"}
    strict = service.search(SearchRequest("klastrite AND energia", page_size=1000))
    assert (strict.total, strict.partial) == (results.total, 0)


def test_facets_narrow_and_keep_what_was_chosen(service: SearchService) -> None:
    request = SearchRequest("klaster", focus=FacetFilter(("rohe-ringmajandus",)))
    results = service.search(request)
    chosen = next(v for v in results.facet("focus").values if v.value == "rohe-ringmajandus")
    assert chosen.selected
    assert chosen.count == results.total
    assert chosen.label == "Rohe- ja ringmajandus"
    wider = service.search(request.with_filter("focus", FacetFilter(("rohe-ringmajandus", "none"))))
    assert wider.total > results.total
    nothing = service.search(
        SearchRequest("klaster", year=FacetFilter(("2016",)), org=FacetFilter(("Olematu OÜ",)))
    )
    assert nothing.total == 0
    assert [v.count for v in nothing.facet("org").values if v.selected] == [0]
    assert {each.facet for each in nothing.relaxations} == {"org"}


def test_unknown_year_and_no_focus_area_can_be_chosen(service: SearchService) -> None:
    unknown = service.search(SearchRequest(year=FacetFilter(("unknown",)), page_size=100), "et")
    assert unknown.total
    assert all(hit.year is None for hit in unknown.hits)
    assert unknown.facet("year").values[-1].label == "aasta teadmata"
    none = service.search(SearchRequest(focus=FacetFilter(("none",)), page_size=100))
    assert none.total
    assert all(hit.focus_areas == () for hit in none.hits)


def test_years_can_be_a_span(service: SearchService) -> None:
    span = service.search(SearchRequest(year=FacetFilter(("2014-2016",)), page_size=100))
    assert {hit.year for hit in span.hits} == {2014, 2015, 2016}
    assert span.total == service.search(SearchRequest("aasta:2014-2016")).total


def test_empty_query_shows_the_newest_first(service: SearchService) -> None:
    hits = service.search(SearchRequest(page_size=100)).hits
    dated = [hit.published for hit in hits if hit.published]
    assert dated[0] >= dated[-1]
    assert hits[0].year == 2026
    assert service.search(SearchRequest()).explanation == ""


def test_misspelt_word_is_suggested_and_not_replaced(service: SearchService) -> None:
    results = service.search(SearchRequest("klsater puit"))
    assert results.total == 0
    assert results.partial
    assert results.searched == "klsater puit"
    assert results.suggestions[0].query == "klaster puit"
    assert results.suggestions[0].count == len(full(service, "klaster puit"))


def test_article_is_marked_and_gives_its_evidence(service: SearchService) -> None:
    (hit,) = service.search(SearchRequest("puidumess 2015", page_size=1)).hits
    view = service.article(hit.id, "messil majad")
    marked = [p.text[m.start : m.end] for p in view.paragraphs for m in p.marks]
    assert "messil" in marked
    assert [paragraph.text for paragraph in view.paragraphs] == list(view.article.body)
    year = next(value for value in view.values if value.facet == "year")
    assert (year.value, year.origin) == ("2015", "found")
    evidence = year.evidence[0]
    assert "2015" in evidence.text[evidence.marks[0].start : evidence.marks[0].end]


def test_errors_are_named(service: SearchService, tmp_path: Path, analyzer: Analyzer) -> None:
    with pytest.raises(ArticleNotFound):
        service.article("pole/olemas")
    with pytest.raises(QueryTooLong):
        SearchRequest("a" * 1001)
    for bad in ({"page": 0}, {"sort": "x"}, {"year": FacetFilter(("20x",))}, {"page_size": 0}):
        with pytest.raises(BadRequest):
            SearchRequest(**bad)  # type: ignore[arg-type]
    empty = SearchService(tmp_path, Configuration(), analyzer, load_taxonomy(None))
    with pytest.raises(NoIndex):
        empty.search(SearchRequest())
    assert empty.generation() == ""


def test_json_form(service: SearchService) -> None:
    data = service.search(SearchRequest("klastrid", page_size=2)).to_dict()
    assert list(data) == [
        "query", "searched", "explanation", "total", "partial", "near", "took_ms", "page", "pages",
        "hits", "facets", "suggestions",
    ]  # fmt: skip
    assert list(data["hits"][0]) == [
        "id", "title", "url", "published", "year", "language", "focus_areas", "organisations",
        "score", "nearness", "snippets", "why", "missing", "duplicates", "source",
    ]  # fmt: skip
    assert list(data["facets"]) == ["focus", "year", "org", "source", "language"]
    assert all(
        type(each["value"]) is int or each["value"] == "unknown" for each in data["facets"]["year"]
    )


def test_statistics(service: SearchService) -> None:
    found = service.statistics()
    assert found.articles == service.document_count() == len(list(EXAMPLES.glob("*.txt")))
    assert sum(count for _, count in found.years) == found.articles
    assert dict(found.languages)["en"] == 2
