"""What is offered where no article matches: the parts of the query, fewer filters, no filter."""

import re
from collections.abc import Callable, Sequence

from flask.testing import FlaskClient
from page_reader import Element, Page

from search.request import SearchRequest
from search.service import SearchService
from webui.addresses.parameters import SearchState
from webui.localisation import Localisation
from webui.pages.hit_list import LONGEST_SHOWN
from webui.pages.search_page import MOST_PARTS, NoResultsHelp, no_results_help

Read = Callable[..., Page]
ESTONIAN = Localisation.of("et")
GREEN = "rohe-ringmajandus"


def offered(page: Page, heading: str) -> list[Element]:
    """The lines of the list under a heading."""
    title = page.elements.index(next(each for each in page.all("h3") if each.text == heading))
    start = next(each for each in page.elements[title:] if each.tag == "ul")
    return [each for each in page.all("li") if start in each.parents]


def count_of(page: Page) -> int:
    found = re.search(r"\d+", page.one("h2", id="results-title").text)
    return int(found.group()) if found else 0


def leads_where_it_says(page: Page, read: Read, heading: str) -> list[str]:
    """Every link of a list finds as many articles as it says; the lines without one find none."""
    lines = offered(page, heading)
    for line in lines:
        said = int(re.findall(r"(\d+) artik", line.text)[0])
        links = [each for each in page.all("a") if line in each.parents]
        assert bool(links) == bool(said), line.text
        for link in links:
            assert count_of(read(link["href"])) == said, line.text
    return [each.text for each in lines]


def test_each_part_says_what_it_finds(read: Read) -> None:
    page = read('/?q="robot+saepuru"+-klastrofoobia')
    assert page.one("h2", id="results-title").text == "Ühtegi artiklit ei leitud"
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert [each.split(":")[0] for each in texts] == ["„robot“", "„saepuru“"]


def test_partial_matches_do_not_hide_which_word_is_missing(read: Read) -> None:
    page = read("/?q=robot+saepuru+klastrofoobia&sort=oldest")
    assert page.all("li", class_="hit")
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert texts[2] == "„klastrofoobia“: 0 artiklit"
    assert "sort=oldest" in page.link(texts[0])["href"]


def test_parts_are_counted_under_the_same_filters(read: Read) -> None:
    page = read(f'/?q="robot+saepuru"&focus={GREEN}')
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert texts
    assert f"focus={GREEN}" in page.link(texts[0])["href"]


def test_parts_are_counted_without_filters_where_none_finds_anything_under_them(
    read: Read,
) -> None:
    page = read(f'/?q="robot+saepuru"&focus={GREEN}&year=2016')
    texts = leads_where_it_says(page, read, "Iga osa eraldi, filtriteta")
    assert "focus" not in page.link(texts[0])["href"]


def test_one_word_has_no_parts(read: Read) -> None:
    page = read("/?q=klastrofoobia")
    assert "Iga osa eraldi" not in page.one("main").text


def test_a_compound_leads_on_to_its_parts(read: Read) -> None:
    page = read("/?q=puiduklastripäevik")
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert {"„puit“", "„klaster“"} <= {each.split(":")[0] for each in texts}
    assert not any(each.endswith(": 0 artiklit") for each in texts)


def test_a_compound_among_words_leads_on_to_its_parts(read: Read) -> None:
    page = read("/?q=robot+puiduklastripäevik")
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert "„puiduklastripäevik“: 0 artiklit" in texts
    assert any(each.startswith("„puit“") for each in texts)


def test_parts_of_a_compound_keep_the_filters(read: Read) -> None:
    page = read(f"/?q=puiduklastripäevik&focus={GREEN}")
    texts = leads_where_it_says(page, read, "Iga osa eraldi")
    assert f"focus={GREEN}" in page.link(texts[0])["href"]


def test_a_long_part_is_cut(read: Read) -> None:
    texts = [each.text for each in offered(read(f"/?q=robot+{'y' * 300}"), "Iga osa eraldi")]
    assert texts[1] == f"„{'y' * (LONGEST_SHOWN - 1)}…“: 0 artiklit"


def test_a_found_query_is_left_alone(read: Read) -> None:
    assert "Iga osa eraldi" not in read("/?q=klaster+robot").one("main").text


def test_each_filter_is_dropped_with_what_that_finds(read: Read) -> None:
    page = read(f"/?q=saepuru&focus={GREEN}&year=1999")
    texts = leads_where_it_says(page, read, "Vähemate filtritega")
    assert texts == ["Ilma filtrita „Aasta“: 1 artikkel"]


def test_without_any_filter_is_said_where_one_fewer_does_not_help(read: Read) -> None:
    page = read("/?q=saepuru&focus=puudub&year=1999")
    texts = leads_where_it_says(page, read, "Vähemate filtritega")
    assert texts == ["Ilma ühegi filtrita: 1 artikkel"]


def test_a_misspelt_query_under_a_filter_is_still_rescued(read: Read) -> None:
    """Its other spelling finds nothing there, and so could not be suggested."""
    page = read("/?q=saepruu&year=1999")
    texts = [each.text for each in offered(page, "Vähemate filtritega")]
    assert texts == ["Ilma ühegi filtrita: 1 artikkel"]
    assert count_of(read(page.link(texts[0])["href"])) == 1


def test_a_part_that_would_be_refused_is_not_offered(service: SearchService) -> None:
    class Picky:
        """Refuses to look for one word."""

        subqueries = staticmethod(service.subqueries)

        def counts(self, queries: Sequence[str], request: SearchRequest) -> tuple[int | None, ...]:
            counts = service.counts(queries, request)
            return tuple(
                None if query == "saepuru" else count
                for query, count in zip(queries, counts, strict=True)
            )

    results = service.search(SearchRequest('"robot saepuru"'))
    state = SearchState(results.request)
    found = no_results_help(Picky(), results, state, ESTONIAN)  # type: ignore[arg-type]
    assert [each.label.split(":")[0] for each in found.parts] == ["„robot“"]


def test_only_so_many_parts_are_tried(service: SearchService) -> None:
    query = '"' + " ".join(f"robot{n}" for n in range(30)) + ' robot" robot'
    results = service.search(SearchRequest(query))
    found = no_results_help(service, results, SearchState(results.request), ESTONIAN)
    assert len(found.parts) <= MOST_PARTS
    whole = service.search(SearchRequest("robot"))
    assert no_results_help(service, whole, SearchState(whole.request), ESTONIAN) == NoResultsHelp()


def test_the_help_is_there_in_english(client: FlaskClient) -> None:
    page = Page(client.get('/?q="robot+saepuru"&lang=en').text)
    assert [each.text for each in offered(page, "Each part by itself")][1] == "“saepuru”: 1 article"
