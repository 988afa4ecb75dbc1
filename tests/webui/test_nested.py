"""Focus areas within focus areas: below their parent wherever areas are listed."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from nested import nested_configuration
from page_reader import Element, Page
from soundness import sound_page

from search.analysis import Analyzer
from search.service import SearchService
from search.taxonomy import FocusArea, Taxonomy, load_taxonomy
from webui import create_app
from webui.entities.areas import KNOWN, LOOKS, Areas

Read = Callable[..., Page]
#: Every area with its depth and its articles, those of the areas within it among them.
TREE = [
    ("Rohemajandus", 0, 5),
    ("Jäätmed", 1, 3),
    ("Kompost", 2, 2),
    ("Energia", 1, 1),
    ("Tehnika", 0, 2),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[Flask]:
    """A site whose taxonomy has areas within areas."""
    configuration = nested_configuration(tmp_path_factory.mktemp("nested"))
    taxonomy = load_taxonomy(configuration.taxonomy)
    service = SearchService(configuration.index, configuration, analyzer, taxonomy)
    yield create_app(service, configuration)
    service.close()


def depth_of(line: Element) -> int:
    return next((int(each[-1]) for each in line.classes if each.startswith("deep-")), 0)


def boxes(page: Page) -> list[tuple[str, int, int]]:
    """The focus areas of the facet beside the results: what is seen, how far in, how many."""
    facet = page.one("fieldset", class_="facet-focus")
    found = []
    for line in page.all("li", class_="value"):
        if facet in line.parents:
            inside = [each for each in page.all("span") if line in each.parents]
            name = next(each for each in inside if "name" in each.classes)
            count = next(each for each in inside if "count" in each.classes)
            seen = name.text.rpartition(": ")[2]
            found.append((seen, depth_of(line), int(count.text)))
    return found


def lines(page: Page) -> list[tuple[str, int, int]]:
    """The same of a list of areas."""
    found = []
    for line in page.all("li"):
        if any("counted" in each.classes for each in line.parents):
            inside = [each for each in page.elements if line in each.parents]
            name = next(each for each in inside if each.tag == "a" or "name" in each.classes)
            said = next(each for each in inside if "vh" in each.classes)
            found.append((name.text, depth_of(line), int(said.text.split()[0])))
    return found


def test_areas_stand_below_the_one_they_are_in(read: Read) -> None:
    assert boxes(read("/")) == [*TREE, ("Valdkond määramata", 0, 1)]
    # The greatest stands first at every level: here Energia has as many as Kompost.
    assert [each[0] for each in boxes(read("/?year=2015"))] == [
        "Rohemajandus", "Energia", "Jäätmed",
    ]  # fmt: skip


def test_a_screen_reader_hears_which_area_an_area_is_in(read: Read) -> None:
    page = read("/")
    names = [each.text for each in page.all("span", class_="name")][:5]
    assert names == [
        "Rohemajandus", "Rohemajandus: Jäätmed", "Jäätmed: Kompost", "Rohemajandus: Energia",
        "Tehnika",
    ]  # fmt: skip


@pytest.mark.parametrize("area", ["rohe", "jaatmed", "kompost", "energia"])
def test_a_chosen_area_stays_in_its_place(read: Read, area: str) -> None:
    before, page = boxes(read("/")), read(f"/?focus={area}")
    assert [each[:2] for each in boxes(page)] == [each[:2] for each in before]
    assert "checked" in page.one("input", type="checkbox", value=area).attributes
    count = {"rohe": 5, "jaatmed": 3, "kompost": 2, "energia": 1}[area]
    assert page.one("h2", id="results-title").text.startswith(f"Leitud {count} ")


def test_an_area_left_out_takes_those_within_it_along(read: Read) -> None:
    page = read("/?not_focus=jaatmed")
    assert page.one("h2", id="results-title").text == "Leitud 4 artiklit"
    assert boxes(page)[1] == ("Jäätmed", 1, 3)


def test_the_overview_nests_them_and_each_page_leads_up_and_down(read: Read) -> None:
    page = read("/valdkonnad")
    # Those at the top have a part of the page each, with those within them.
    headings = [each.text for each in page.all("h2") if each.inside("main")]
    assert headings == ["Rohemajandus", "Tehnika", "Valdkond määramata"]
    assert lines(page) == [("Jäätmed", 0, 3), ("Kompost", 1, 2), ("Energia", 0, 1)]
    waste = read(page.link("Jäätmed")["href"])
    assert waste.link("Rohemajandus")["href"] == "/valdkonnad/rohe"
    narrower = next(each for each in waste.all("h2") if each.text == "Kitsamad valdkonnad")
    assert narrower.inside("aside")
    assert lines(waste) == [("Kompost", 0, 2)]
    compost = read(waste.link("Kompost")["href"])
    around = compost.one("p", class_="back")
    up = [each.text for each in compost.all("a") if around in each.parents]
    assert up == ["← Valdkonnad", "Rohemajandus", "Jäätmed"]
    assert not [each for each in compost.all("h2") if each.text == "Kitsamad valdkonnad"]
    assert lines(read("/valdkonnad/rohe")) == [
        ("Jäätmed", 0, 3), ("Kompost", 1, 2), ("Energia", 0, 1),
    ]  # fmt: skip


def test_all_values_are_nested_too(read: Read) -> None:
    everything = [*TREE, ("Valdkond määramata", 0, 1)]
    assert lines(read("/facet/focus")) == everything
    by_name = [each[:2] for each in lines(read("/facet/focus?order=name"))]
    assert by_name == [
        ("Rohemajandus", 0), ("Energia", 1), ("Jäätmed", 1), ("Kompost", 2), ("Tehnika", 0),
        ("Valdkond määramata", 0),
    ]  # fmt: skip
    # What is narrowed stands below what is left of those above it.
    assert lines(read("/facet/focus?name=kom")) == [("Kompost", 0, 2)]


def test_the_years_are_coloured_by_the_widest_areas(read: Read) -> None:
    page = read("/?colour=focus")
    legend = page.one("ul", class_="legend")
    assert [e.text for e in page.all("li") if legend in e.parents] == [
        "Rohemajandus", "Tehnika", "Valdkond määramata",
    ]  # fmt: skip
    chosen = read("/?colour=focus&focus=kompost&focus=energia&focus=jaatmed")
    legend = chosen.one("ul", class_="legend")
    assert [e.text for e in chosen.all("li") if legend in e.parents] == [
        "Energia", "Jäätmed", "Kompost",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/", "/?colour=focus", "/valdkonnad", "/valdkonnad/jaatmed", "/facet/focus", "/article/5"],
)
def test_every_page_is_sound(client: FlaskClient, address: str) -> None:
    sound_page(client.get(address))


# How areas look


def areas(*ids: str | tuple[str, str]) -> Areas:
    """Areas by id, or by id and the one they are in."""
    pairs = [(each, None) if isinstance(each, str) else each for each in ids]
    made = (FocusArea(area_id, area_id, area_id, parent=parent) for area_id, parent in pairs)
    return Areas(Taxonomy(tuple(made)))


def test_no_two_areas_look_alike_as_long_as_there_are_looks() -> None:
    ids = ("a", "b", "rohe-ringmajandus", "c", "d", "e")
    made = areas(*ids)
    looks = [made.named(each, "et").look for each in ids]
    assert sorted(looks) == sorted(LOOKS)
    assert looks[2] == KNOWN["rohe-ringmajandus"]
    assert areas(*"abcdefgh").named("h", "et").look in LOOKS


def test_an_area_looks_like_the_one_it_is_in() -> None:
    made = areas("a", ("a1", "a"), ("a11", "a1"), "b")
    looks = [made.named(each, "et").look for each in ("a", "a1", "a11", "b")]
    assert looks[0] == looks[1] == looks[2] != looks[3]
    assert made.above("a11") == ("a1", "a")


def test_only_the_narrowest_areas_are_named(read: Read) -> None:
    made = areas("a", ("a1", "a"), ("a11", "a1"), ("a2", "a"), "b")
    assert made.narrowest(["b", "a", "a1", "a11", "a2"]) == ["b", "a11", "a2"]
    page = read("/?year=2017&focus=tehnika")
    shown = page.one("ul", class_="areas")
    named = [each.text for each in page.all("a") if shown in each.parents]
    assert sorted(named) == ["Kompost", "Tehnika"]


def test_an_area_of_another_taxonomy_has_a_look_and_stands_last() -> None:
    made = areas("b", "a")
    assert made.named("ununenud", "et").look in LOOKS
    assert made.in_order(["x", "a", "b"]) == ["b", "a", "x"]


def test_an_area_stands_below_the_nearest_that_is_listed() -> None:
    made = areas("a", ("a1", "a"), ("a11", "a1"), "b")
    assert made.in_tree(["b", "a11", "x", "a"]) == (("b", 0), ("x", 0), ("a", 0), ("a11", 1))
    assert made.in_tree(["a11", "a1"]) == (("a1", 0), ("a11", 1))
