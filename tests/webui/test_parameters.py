"""Addresses become requests and requests become addresses, nothing lost on the way."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from search.date_interval import ANY_DATE
from search.errors import BadRequest, QueryTooLong
from search.request import FACETS, FacetFilter, SearchRequest
from webui.addresses.parameters import SearchState

LANGUAGES = ("et", "en")
FULL = (
    "q=puit klaster&focus=rohe-ringmajandus&focus=none&not_focus=korgtehnoloogia-digitootmine"
    "&year=2014-2016&year=unknown&not_year=2015&org=AS Õun & Ko&not_org=Liit+"
    "&sort=oldest&page=3&lang=en"
)


def read(query: str, root: str = "/") -> SearchState:
    pairs = [pair.split("=", 1) for pair in query.replace(" & ", "\0").split("&") if pair]
    parameters = MultiDict([(name, value.replace("\0", " & ")) for name, value in pairs])
    return SearchState.from_parameters(parameters, root, LANGUAGES)


def follow(url: str) -> SearchState:
    parts = urlsplit(url)
    return SearchState.from_parameters(MultiDict(parse_qsl(parts.query)), parts.path, LANGUAGES)


def test_every_parameter_is_read() -> None:
    state = read(FULL)
    assert state.language == "en"
    assert state.request == SearchRequest(
        query="puit klaster",
        focus=FacetFilter(("rohe-ringmajandus", "none"), ("korgtehnoloogia-digitootmine",)),
        year=FacetFilter(("2014-2016", "unknown"), ("2015",)),
        org=FacetFilter(("AS Õun & Ko",), ("Liit+",)),
        sort="oldest",
        page=3,
    )


def test_an_address_leads_back_to_the_same_state() -> None:
    state = read(FULL)
    assert follow(state.url) == state


@settings(deadline=None)
@given(
    query=st.text(max_size=40),
    organisations=st.lists(st.text(max_size=20), max_size=4),
    year=st.sampled_from(["", "2016", "2014-2016", "unknown"]),
    page=st.integers(1, 999),
)
def test_any_text_survives_the_address(
    query: str, organisations: list[str], year: str, page: int
) -> None:
    pairs = [("q", query), ("year", year), ("page", str(page))]
    pairs += [("org", each) for each in organisations]
    state = SearchState.from_parameters(MultiDict(pairs), "/", LANGUAGES)
    assert follow(state.url) == state


def test_nothing_is_the_start_page() -> None:
    state = read("q=&focus=&year=&sort=&page=&lang=")
    assert state.is_start
    assert state.url == "/"
    assert state.request.sort == "newest"


def test_a_query_comes_by_relevance_unless_asked_otherwise() -> None:
    assert read("q=klaster").request.sort == "relevance"
    assert read("q=klaster").url == "/?q=klaster"
    assert read("q=klaster&sort=newest").url == "/?q=klaster&sort=newest"
    assert read("year=2016").request.sort == "newest"


def test_unknown_parameters_are_left_alone() -> None:
    assert read("q=klaster&utm_source=kiri&facet=x").url == "/?q=klaster"


def test_repeated_values_count_once_and_spans_are_written_one_way() -> None:
    state = read("year=2014..2016&year=2014-2016&org=A&org= A ")
    assert state.request.year.include == ("2014-2016",)
    assert state.request.org.include == ("A",)


@pytest.mark.parametrize(
    "query",
    [
        "year=16",
        "year=1899-2014",
        "year=eile",
        "not_year=20016",
        "sort=ilus",
        "page=0",
        "page=-1",
        "page=abc",
        "page=1.5",
        "page= 2",
        "page=٣",
        "page=99999999999999999999",
        "lang=fi",
        "lang=../et",
        "&".join(f"org={number}" for number in range(101)),
        "&".join(["year=2016"] * 101),
    ],
)
def test_values_that_do_not_fit_are_refused(query: str) -> None:
    with pytest.raises(BadRequest):
        read(query)


def test_an_endless_query_is_refused() -> None:
    with pytest.raises(QueryTooLong):
        read("q=" + "a" * 1001)


def test_taking_back() -> None:
    state = read("q=klaster&page=4&org=A&org=B&not_org=C")
    fewer = state.without_value("org", "A")
    assert fewer.request.org == FacetFilter(("B",), ("C",))
    assert fewer.request.page == 1
    assert fewer.without_value("org", "C").request.org == FacetFilter(("B",), ())
    assert fewer.without_facet("org").request.org == FacetFilter()


def test_what_a_button_of_the_form_says_counts() -> None:
    """Its value comes after the fields, that of a language before; a ticked box stays ticked."""
    assert read("q=a&sort=oldest&sort=newest").request.sort == "newest"
    assert read("q=a&sort=oldest&sort=relevance").url == "/?q=a"
    assert read("lang=en&lang=et").language == "en"
    assert read("page=2&page=3").request.page == 3
    assert read("org=A&org=B&not_org=A").request.org == FacetFilter(("B",), ("A",))


def test_what_is_too_long_for_every_link_is_not_repeated() -> None:
    short, long = read("q=" + "a" * 90), read("q=" + "õ" * 35)
    assert short.fits
    assert not long.fits
    assert short.article_url("x").startswith("/article/x?q=aaa")
    assert long.article_url("x") == "/article/x"
    assert read("lang=en&q=" + "õ" * 90).article_url("x") == "/article/x?lang=en"


def test_a_long_search_goes_with_its_hits_in_short() -> None:
    long = read("lang=en&page=2&org=A&q=" + "puit klaster " * 40)
    url = long.article_url("x", rank=12)
    assert len(url) < 200
    there = follow(url)
    assert there.request == long.request
    assert (there.language, there.rank) == ("en", 12)
    assert follow(there.article_url("y", rank=13)).request == long.request
    # A code that was cut short leaves the article as it is without any search.
    assert follow("/article/x?s=abc&rank=2").is_start


def test_the_chosen_year_fills_the_fields_of_the_span_and_counts_once() -> None:
    year = FacetFilter(("2016",))
    same = read("year=2016&from=2016&to=2016&filled=2016")
    assert (same.request.year, same.request.span) == (year, ANY_DATE)
    two = read("year=2016&year=2019&from=2016&to=2016&filled=2016").request
    assert (two.year.include, two.span) == (("2016", "2019"), ANY_DATE)
    assert read("from=2016&to=2016&filled=2016").request.year == FacetFilter()
    # A span written over it takes its place, and so does none.
    assert read("year=2016&from=2016&to=2018&filled=2016").url == "/?from=2016&to=2018"
    assert read("year=2016&from=&to=&filled=2016").is_start


@pytest.mark.parametrize(
    ("sent", "is_said"),
    [
        ("q=a&view=full", True),
        ("q=a&org=A&org=B&utm=", True),
        ("q=a&view=brief&view=full", False),
        ("q=a&sort=", False),
        ("q=&org=A", False),
        ("year=2016&from=2016&to=2016&filled=2016", False),
    ],
)
def test_an_address_says_nothing_twice_and_nothing_empty(sent: str, is_said: bool) -> None:
    parameters = MultiDict(parse_qsl(sent, keep_blank_values=True))
    state = SearchState.from_parameters(parameters, "/", LANGUAGES)
    assert state.is_said_by(parameters) is is_said


def test_clearing_keeps_query_order_and_language() -> None:
    state = read(FULL).cleared()
    assert state.url == "/?q=puit+klaster&sort=oldest&lang=en"


def test_other_pages_and_orders() -> None:
    state = read("q=klaster&org=A&page=2")
    assert state.page_url(3) == "/?q=klaster&org=A&page=3"
    assert state.page_url(1) == "/?q=klaster&org=A"
    assert state.sort_url("oldest") == "/?q=klaster&org=A&sort=oldest"
    assert state.in_language("en").url == "/?q=klaster&org=A&page=2&lang=en"


def test_another_query_keeps_the_filters_and_a_chosen_order_only() -> None:
    assert read("org=A&page=2").query_url("puit") == "/?q=puit&org=A"
    assert read("q=a&sort=oldest&org=A").query_url("puit") == "/?q=puit&org=A&sort=oldest"


def test_an_article_remembers_the_results() -> None:
    state = read("q=puit klaster&year=2016&page=2", root="/otsing/")
    url = state.article_url("2016/õun ja #1?")
    path, _, query = url.partition("?")
    assert path == "/otsing/article/2016/%C3%B5un%20ja%20%231%3F"
    assert query == "q=puit+klaster&year=2016&page=2"


def test_only_starts_anew() -> None:
    assert read(FULL).only("org", "Liit").url == "/?org=Liit&lang=en"


def test_a_form_carries_what_its_own_fields_do_not() -> None:
    state = read("q=klaster&org=A&not_year=2015&sort=oldest&page=2&lang=en")
    assert state.fields(facets=False) == (("sort", "oldest"), ("lang", "en"))
    assert state.fields(facets=True) == (
        ("not_year", "2015"),
        ("org", "A"),
        ("sort", "oldest"),
        ("lang", "en"),
    )


def test_every_facet_has_its_parameters() -> None:
    for facet in FACETS:
        value = "2016" if facet == "year" else "x"
        assert read(f"{facet}={value}").request.filter(facet) == FacetFilter((value,))
        assert read(f"not_{facet}={value}").request.filter(facet) == FacetFilter((), (value,))
