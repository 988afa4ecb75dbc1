"""The pages over the example news, and what they show where something is special."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from answers import HIT, RESULTS
from flask.testing import FlaskClient
from page_reader import Element, Page
from soundness import sound_page

from search.configuration import Configuration
from search.normalisation import clean
from search.request import FacetName
from search.results import Facet, FacetValue, Mark, Relaxation, Snippet, Suggestion, Why

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
AREA = "rohe-ringmajandus"


def hits(page: Page) -> list[Element]:
    return page.all("li", class_="hit")


def count_of(page: Page) -> int:
    heading = page.one("h2", id="results-title").text
    found = re.search(r"\d+", heading)
    return int(found.group()) if found else 0


def boxes(page: Page, name: str) -> list[Element]:
    return page.all("input", type="checkbox", name=name)


# The search page


def test_the_start_page_shows_the_newest_and_what_there_is(read: Read) -> None:
    page = read("/")
    assert page.one("h1").text == "Eesti klastriuudised"
    assert page.one("h2", id="results-title").text == "Uusimad artiklid"
    assert re.match(r"\d+ artiklit\.", page.one("p", class_="lead").text)
    years = [each["datetime"] for each in page.all("time") if not each.inside("footer")]
    assert years == sorted(years, reverse=True)
    assert len(hits(page)) == 10
    assert not page.all("p", class_="explanation")


def test_a_search_marks_what_it_found(read: Read) -> None:
    page = read("/?q=klastrid")
    assert page.one("input", type="search")["value"] == "klastrid"
    assert re.fullmatch(r"Leitud \d+ artiklit", page.one("h2", id="results-title").text)
    assert "klaster" in page.one("p", class_="explanation").text
    assert len(hits(page)) == 10
    marked = {each.text.lower() for each in page.all("mark")}
    assert "klaster" in marked
    assert any(each.endswith("klaster") and each != "klaster" for each in marked)
    assert "„klastrid“ on artiklis" in page.all("details", class_="why")[0].text


def test_every_hit_leads_to_its_article_and_back(client: FlaskClient, read: Read) -> None:
    page = read(f"/?q=klastrid&focus={AREA}&sort=oldest")
    for hit in hits(page):
        title = next(each for each in page.all("a") if hit in each.parents)
        article = Page(client.get(title["href"]).text)
        assert article.one("h1").text == title.text
        back = article.link("← Tagasi tulemuste juurde")
        assert parse_qs(urlsplit(back["href"]).query) == {
            "q": ["klastrid"],
            "focus": [AREA],
            "sort": ["oldest"],
        }


@pytest.mark.parametrize("facet", ["focus", "year", "org"])
def test_choosing_a_value_leaves_as_many_as_it_said(read: Read, facet: FacetName) -> None:
    page = read("/?q=klastrid")
    box = boxes(page, facet)[0]
    label = next(each for each in reversed(box.parents) if each.tag == "label")
    said = int(re.findall(r"\d+", label.text)[-1])
    chosen = read(f"/?q=klastrid&{facet}={box['value'].replace('&', '%26')}")
    assert count_of(chosen) == said
    first = boxes(chosen, facet)[0]
    assert first["value"] == box["value"]
    assert "checked" in first.attributes
    assert len(boxes(chosen, facet)) == len(boxes(page, facet))


def test_leaving_out_and_taking_back(read: Read) -> None:
    page = read("/?q=klastrid")
    all_of_them = count_of(page)
    minus = page.one("button", class_="minus", name="not_focus", value=AREA)
    assert minus["title"] == "Jäta välja: Rohe- ja ringmajandus"
    assert minus["form"] == "search"
    without = read(f"/?q=klastrid&{minus['name']}={minus['value']}")
    assert 0 < count_of(without) < all_of_them
    assert not without.all("input", type="checkbox", value=AREA)
    undo = without.one("button", class_="undo")
    assert undo["title"] == "Võta tagasi: Rohe- ja ringmajandus"
    carried = without.one("input", type="hidden", name="not_focus", form="search")
    assert f"{carried['name']}:{carried['value']}" == undo["value"]
    assert not without.all("button", class_="minus", name="not_focus", value=AREA)
    chip = without.one("a", class_="chip")
    assert chip.text == "Eemalda filter: Valdkond mitte Rohe- ja ringmajandus"
    assert count_of(read(chip["href"])) == all_of_them


def test_chips_take_filters_away_one_by_one_or_all(read: Read) -> None:
    page = read(f"/?q=klastrid&focus={AREA}&year=2014-2026&sort=newest")
    chips = page.all("a", class_="chip")
    assert [each.text for each in chips] == [
        "Eemalda filter: Valdkond Rohe- ja ringmajandus",
        "Eemalda filter: Aeg 2014–2026",
    ]
    assert chips[0]["href"] == "/?q=klastrid&from=2014&to=2026&sort=newest"
    assert page.link("Eemalda kõik filtrid")["href"] == "/?q=klastrid&sort=newest"


def test_a_span_of_years_beside_others_is_a_box_of_its_own(read: Read) -> None:
    page = read("/?year=2014-2016&year=2018")
    first, *others = boxes(page, "year")
    assert first["value"] == "2014-2016"
    assert [each["value"] for each in (first, *others) if "checked" in each.attributes] == [
        "2014-2016",
        "2018",
    ]


def test_years_run_backwards_and_the_unknown_ones_stand_last(read: Read) -> None:
    values = [each["value"] for each in boxes(read("/"), "year")]
    assert values[-1] == "unknown"
    assert values[:-1] == sorted(values[:-1], reverse=True)
    assert [each["value"] for each in boxes(read("/"), "focus")][-1] == "none"


def test_a_form_sends_back_the_whole_state(read: Read) -> None:
    page = read(f"/?q=klastrid&focus={AREA}&not_org=X&sort=oldest&page=2&lang=en")
    inputs = [each for each in page.all("input") if each.get("form") == "search"]
    inputs += [each for each in page.all("input") if each.inside("form")]
    sent = sorted(
        (each["name"], each["value"])
        for each in inputs
        if each.get("value") and (each.get("type") != "checkbox" or "checked" in each.attributes)
    )
    assert sent == [
        ("focus", AREA),
        ("lang", "en"),
        ("not_org", "X"),
        ("q", "klastrid"),
        ("sort", "oldest"),
    ]


def test_orders(read: Read) -> None:
    page = read("/?q=klastrid")
    assert page.link("asjakohasemad").get("aria-current") == "true"
    oldest = read(page.link("vanemad ees")["href"])
    dates = [each["datetime"][:4] for each in oldest.all("time")]
    assert dates == sorted(dates)
    assert not any(each.text == "asjakohasemad" for each in read("/").all("a"))


def test_paging_walks_through_every_article_once(read: Read) -> None:
    page, seen = read("/?q=klastrid"), []
    total = count_of(page)
    while True:
        seen += [each.text for each in page.all("h3") if each.inside("li")]
        following = [each for each in page.all("a") if each.get("rel") == "next"]
        if not following:
            break
        page = read(following[0]["href"])
    assert len(seen) == len(set(seen)) == total
    assert page.one("a", **{"aria-current": "page"}).text == str(-(-total // 10))


def test_a_page_too_far_leads_to_the_last(read: Read) -> None:
    page = read("/?q=klastrid&page=4000")
    last = page.link(next(each.text for each in page.all("a") if "viimasele" in each.text))
    assert len(hits(read(last["href"]))) > 0


def test_partial_matches_stand_among_the_others_and_say_what_they_lack(read: Read) -> None:
    page = read("/?q=klaster+robot")
    assert not page.all("h2", class_="divider")
    lacking = page.all("p", class_="missing")
    assert 0 < len(lacking) == len(hits(page)) - count_of(page)
    assert {each.text for each in lacking} <= {"Puudub: klaster", "Puudub: robot"}
    assert "osaliselt" in page.one("p", class_="partial-note").text


def test_by_date_partial_matches_follow_below_a_divider(read: Read) -> None:
    page = read("/?q=klaster+robot&sort=newest")
    divider = page.one("h2", class_="divider")
    assert divider.text == "Artiklid, mis vastavad ainult osaliselt"
    order = [each for each in page.elements if each is divider or each in hits(page)]
    assert order.index(divider) == count_of(page)
    assert "osaliselt" in page.one("p", class_="partial-note").text


def test_areas_have_labels_even_where_the_facet_does_not_list_them(read: Read) -> None:
    page = read("/?q=klaster+robot")
    for number in (1, 2, 3):
        for link in read(f"/?q=klaster+robot&page={number}").all("a", class_="area"):
            assert " " in link.text, link.text
            assert link["href"].startswith("/valdkonnad/")
    assert page.all("a", class_="area-square")


def test_nothing_found_offers_help(read: Read) -> None:
    page = read(f"/?q=klastrofoobia&focus={AREA}")
    assert page.one("h2", id="results-title").text == "Ühtegi artiklit ei leitud"
    assert "Kontrollige kirjapilti" in page.one("div", class_="empty").text
    assert page.link("Vaata uusimaid artikleid")["href"] == "/"
    assert "checked" in boxes(page, "focus")[0].attributes


@pytest.mark.parametrize(
    "query",
    ['"', "(", ")", "AND", "OR OR", "NOT", "-", "*", "~3", "a:b:c", "year:", '""~', "=", "\\", "\0",
     "<script>alert(1)</script>", "{{7*7}}", "{q}", "%s", "🦆", "a" * 1000, "valdkond:puudub"],
)  # fmt: skip
def test_whatever_is_typed_is_answered_or_explained(client: FlaskClient, query: str) -> None:
    response = client.get("/", query_string={"q": query})
    assert response.status_code in (200, 400)
    page = Page(response.text)
    assert not any(each.text.startswith("alert") for each in page.all("script"))
    if response.status_code == 200:
        assert page.one("input", type="search")["value"] == clean(query).strip()


def test_suggestions_relaxations_and_a_replaced_query(scripted: Scripted) -> None:
    results = replace(
        RESULTS,
        searched="jäätmed",
        total=0,
        hits=(),
        pages=0,
        suggestions=(Suggestion("jäätmed", "jäätmed", 1),),
        relaxations=(Relaxation("org", 3),),
    )
    page = Page(scripted(results=results).get("/?q=jaatmed&org=A&year=2016").text)
    assert page.link("jäätmed (1)")["href"] == "/?q=j%C3%A4%C3%A4tmed&year=2016&org=A"
    relaxed = page.link("Ilma filtrita „Organisatsioon“: 3 artiklit")
    assert relaxed["href"] == "/?q=jaatmed&year=2016"
    assert page.one("p", class_="replaced").text == (
        "Päringule „jaatmed“ vastet ei leitud; need tulemused on päringule „jäätmed“."
    )


def test_a_long_facet_folds_and_says_what_is_not_listed(scripted: Scripted) -> None:
    values = tuple(FacetValue(f"Liit {n}", f"Liit {n}", 60 - n) for n in range(50))
    results = replace(RESULTS, facets=(RESULTS.facets[0], Facet("org", values, 120)))
    page = Page(scripted(results=results).get("/").text)
    fold = page.one("details", class_="fold")
    assert [each.text for each in page.all("summary") if fold in each.parents] == ["Veel 20"]
    assert sum(each.inside("details") for each in boxes(page, "org")) == 30
    assert "90 harvemat väärtust on loetlemata" in fold.text
    # Years are not rare or frequent, but old or new: all of them are there.
    years = tuple(FacetValue(year, str(year), 1) for year in range(1980, 2026))
    results = replace(RESULTS, facets=(*RESULTS.facets[:1], Facet("year", years, 46)))
    page = Page(
        scripted(results=replace(results, facets=(*results.facets, RESULTS.facets[2])))
        .get("/")
        .text
    )
    assert len(boxes(page, "year")) == 46


def test_a_hit_names_a_line_of_organisations_and_counts_the_others(scripted: Scripted) -> None:
    names = tuple(f"Liit {n}" for n in range(9))
    page = Page(
        scripted(results=replace(RESULTS, hits=(replace(HIT, organisations=names),))).get("/").text
    )
    links = [each for each in page.all("a") if "Liit" in each.text and each.inside("ol")]
    assert 3 < len(links) < len(names)
    assert [each.text for each in links] == list(names[: len(links)])
    assert any(each.text.startswith(f"+{9 - len(links)}") for each in page.all("a"))


def test_why_is_said_once_for_each_word_and_way(scripted: Scripted) -> None:
    why = (
        Why("klaster", "Klastri", "lemma"),
        Why("klaster", "klastri", "lemma"),
        Why("klaster", "klastreid", "lemma"),
        Why("klaster", "puiduklastrisse", "part"),
        Why("digi*", "digipööre", "exact"),
    )
    page = Page(scripted(results=replace(RESULTS, hits=(replace(HIT, why=why),))).get("/").text)
    why = page.one("details", class_="why")
    assert [each.text for each in page.all("li") if why in each.parents] == [
        "„klaster“ on artiklis teises vormis: „Klastri“, „klastreid“.",
        "„klaster“ on artiklis liitsõna osana: „puiduklastrisse“.",
        "Artiklis on sõnu, mis algavad nagu „digi*“: „digipööre“.",
    ]


def test_text_is_never_markup(scripted: Scripted) -> None:
    evil = "<img src=x onerror=alert(1)> & co"
    hit = replace(
        HIT,
        title=evil,
        title_marks=(Mark(0, 4),),
        organisations=(evil,),
        snippets=(Snippet(evil, (Mark(5, 9),)),),
        why=(Why(evil, evil, "lemma"),),
    )
    page = Page(
        scripted(results=replace(RESULTS, hits=(hit,))).get("/", query_string={"q": evil}).text
    )
    assert not page.all("img")
    assert page.one("h3", lang="et").text == evil


@pytest.mark.parametrize(
    ("published", "year", "shown"),
    [
        ("2016-12-02", 2016, "2. detsember 2016"),
        ("2016-12", 2016, "detsember 2016"),
        ("2016", 2016, "2016"),
        (None, 2015, "2015"),
        (None, None, "kuupäev teadmata"),
    ],
)
def test_dates_of_hits(
    scripted: Scripted, published: str | None, year: int | None, shown: str
) -> None:
    hit = replace(HIT, published=published, year=year)
    page = Page(scripted(results=replace(RESULTS, hits=(hit,))).get("/").text)
    assert page.one("p", class_="dateline").text == shown


# What holds on every page


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=klastrid&lang=en",
        f"/?q=klaster+robot&focus={AREA}&not_year=2016",
        "/?q=klastrofoobia",
        "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit",
        "/puudub",
        "/?page=abc",
    ],
)
def test_every_page_is_sound(client: FlaskClient, address: str) -> None:
    sound_page(client.get(address))


def test_another_name_and_a_prefix_reach_every_link(scripted: Scripted) -> None:
    configuration = Configuration(site_name="Uudised", prefix="/otsing")
    client = scripted(configuration, results=RESULTS)
    page = Page(client.get("/otsing/?q=a").text)
    assert page.one("title").text.endswith("– Uudised")
    for name in ("src", "href", "action"):
        for each in page.elements:
            address = each.get(name)
            assert not address or address.startswith(("/otsing/", "#")), address
    assert client.get("/otsing").headers["Location"] == "/otsing/"
    assert client.get("/otsing/static/style.css", buffered=True).status_code == 200
    assert client.get("/healthz").status_code == 200  # a proxy may have taken the prefix off
