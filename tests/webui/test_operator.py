"""What the operator learns of queries and of readers, and lines for the files that mend it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answers import RESULTS
from flask.testing import FlaskClient
from page_reader import Element, Page

from indexer.extract.gazetteer import load_gazetteer
from indexer.extract.overrides import load_overrides
from search.analysis import Analyzer
from search.configuration import Configuration
from search.query import QueryParser
from search.query.synonyms import SynonymFile
from search.request import SearchRequest
from search.review import Review, Reviewed, ReviewEntry, ReviewList
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import AdminContext, Metrics, create_admin_app, create_app
from webui.operating.metrics import AskedQuery, by_month, slow_queries
from webui.operating.mistake_store import MOST_REPORTS, MistakeStore
from webui.operating.query_report import plain_name, suggested_lines, synonym_line

ARTICLE = "2009-10-06-saepuru-ei-ole-prugi"


def entries(name: str) -> ReviewList:
    """A review list of three words."""
    words = (("beeta", 3), ("alfa", 1), ("gamma", 9))
    made = tuple(
        ReviewEntry(f"  - {word}", "", {"word": word, "articles": count, "example": ARTICLE})
        for word, count in words
    )
    return ReviewList(name, name, "taxonomy", "", made, len(made))


LISTS = Reviewed("gen-000001", Review((entries("words"), entries("acronyms"))), is_pending=False)


class Clock:
    """A calendar that a test turns."""

    def __init__(self) -> None:
        self.month = 10

    def __call__(self) -> datetime:
        return datetime(2026, self.month, 5, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> Metrics:
    return Metrics(clock=clock)


@pytest.fixture
def public(service: SearchService, metrics: Metrics) -> FlaskClient:
    return create_app(service, Configuration(), metrics).test_client()


@pytest.fixture
def view(service: SearchService, metrics: Metrics) -> Callable[[str], Page]:
    """Opens a page of the operator's view."""
    context = AdminContext(lambda: LISTS)
    client = create_admin_app(service, Configuration(), metrics, context).test_client()
    return lambda address: Page(client.get(address).text)


def rows(page: Page, heading: str) -> list[list[str]]:
    """The cells of the table that a heading names."""
    region = page.one("div", **{"aria-labelledby": heading})
    lines = [e for e in page.all("tr") if region in e.parents and e.inside("tbody")]
    return [[_cell(page, e) for e in page.elements if line in e.parents[-1:]] for line in lines]


def _cell(page: Page, cell: Element) -> str:
    links = [e for e in page.elements if e.tag in ("a", "code") and cell in e.parents]
    return links[0].text if links else cell.text


# Queries


def test_only_what_is_slow_beside_others_and_beside_a_clock_is_slow() -> None:
    usual = [AskedQuery(f"tavaline {n}", 1, 1.4) for n in range(9)]
    assert slow_queries([*usual, AskedQuery("kiire", 1, 99.0)]) == []
    (slow,) = slow_queries([*usual, AskedQuery("aeglane", 1, 101.0)])
    assert slow.query == "aeglane"
    # Where everything takes long, what takes as long as all is not what to look at.
    loaded = [replace(each, slowest_ms=80.0) for each in usual]
    assert slow_queries([*loaded, AskedQuery("raske", 1, 300.0)]) == []
    assert slow_queries([]) == []


def test_queries_stand_where_they_belong(
    public: FlaskClient, view: Callable[[str], Page], clock: Clock
) -> None:
    for query in ("klaster", "klaster", "klaster vaikelunis", "klsater", "xyzzyq", "xyzzyq"):
        public.get("/", query_string={"q": query})
    clock.month = 11
    public.get("/?q=xyzzyq")
    page = view("/admin")
    top = {cells[0]: cells[1] for cells in rows(page, "top")}
    assert top["xyzzyq"] == "3"
    assert top["klaster"] == "2"
    months = [each.text for each in page.all("h3")]
    assert months[:2] == ["november 2026", "oktoober 2026"]
    assert [cells[:2] for cells in rows(page, "month-1")] == [["xyzzyq", "1"]]
    assert [cells[:2] for cells in rows(page, "month-2")] == [["xyzzyq", "2"]]
    partial = {cells[0]: cells[3] for cells in rows(page, "partial")}
    assert partial == {"klaster vaikelunis": "", "klsater": "klaster"}
    assert "Aeglane on päring" in page.one("main").text


@pytest.mark.parametrize(
    "query", ["mari.maasikas@naide.ee", "49403136515", "tel 5123 4567", "55512345"]
)
def test_what_looks_like_somebody_is_not_kept(metrics: Metrics, query: str) -> None:
    metrics.note(replace(RESULTS, request=SearchRequest(query)))
    assert not metrics.asked()
    metrics.note(replace(RESULTS, request=SearchRequest("aasta:2014-2016 puit 2017")))
    assert len(metrics.asked()) == 1


def test_months_are_listed_newest_first() -> None:
    asked = AskedQuery("a", 5, months={"2026-09": 2, "2026-11": 3})
    assert [(month, some[0].times) for month, some in by_month([asked])] == [
        ("2026-11", 3), ("2026-09", 2),
    ]  # fmt: skip


# Lines for the owner's files


def test_lines_for_synonyms_and_names_can_be_pasted(
    tmp_path: Path, service: SearchService, analyzer: Analyzer
) -> None:
    queries = ("klsater", "Vaimukoda", 'A "B" C', "robot -puit", "õ=ä", "#a", "Kõda & co: x")
    asked = [AskedQuery(each, 1) for each in queries]
    asked.append(AskedQuery("klsater", 1, found=9, searched="klaster"))
    lines = [line for each in asked for line in suggested_lines(each, service)]
    assert "klsater -> klaster" in [each.line for each in lines]
    assert "  - name: Vaimukoda" in [each.line for each in lines]
    rule = synonym_line("klastrofoobia", "hirm kitsaste ruumide ees")
    assert rule is not None
    synonyms = tmp_path / "s.txt"
    rules = [each.line for each in lines if each.file == "synonyms"]
    synonyms.write_text("\n".join([*rules, rule.line]), encoding="utf-8")
    SynonymFile(synonyms, QueryParser(analyzer, lambda _: None), None)
    names = tmp_path / "n.yaml"
    text = "organisations:\n" + "\n".join(e.line for e in lines if e.file == "gazetteer") + "\n"
    names.write_text(text, encoding="utf-8")
    assert "Vaimukoda" in [each.name for each in load_gazetteer(names).entries]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("  Roheline   klaster ", "Roheline klaster"),
        ('"puit klaster"', "puit klaster"),
        ("robot -puit", ""),
        ("pealkiri:a", ""),
        ("digi*", ""),
        ("a ~ b", ""),
        ("a # b", ""),
        ("a -> b", ""),
    ],
)
def test_only_plain_words_make_a_name(query: str, name: str) -> None:
    assert plain_name(query) == name


def test_a_line_is_made_of_what_the_owner_says_a_query_means(view: Callable[[str], Page]) -> None:
    page = view("/admin?query=klastrofoobia&means=kitsas+ruum")
    assert page.one("code", class_="line").text == "klastrofoobia = kitsas ruum"
    assert not view("/admin?query=a&means=").all("code", class_="line")


# Tables


@pytest.mark.parametrize(
    ("address", "order"),
    [
        ("/admin/review", ["- beeta", "- alfa", "- gamma"]),
        ("/admin/review?list=words&order=line", ["- alfa", "- beeta", "- gamma"]),
        ("/admin/review?list=words&order=articles", ["- gamma", "- beeta", "- alfa"]),
        ("/admin/review?list=words&order=x", ["- beeta", "- alfa", "- gamma"]),
        ("/admin/review?list=puudub&order=line", ["- beeta", "- alfa", "- gamma"]),
    ],
)
def test_a_list_is_sorted_by_its_headings(
    view: Callable[[str], Page], address: str, order: list[str]
) -> None:
    page = view(address)
    assert [cells[0] for cells in rows(page, "words")] == order
    assert rows(page, "acronyms")[0][0] == "- beeta"
    heads = [each for each in page.all("th") if each.get("scope") == "col"]
    assert [each.text for each in heads] == ["Rida", "Artikleid", "Artikkel"] * 2
    assert len([each for each in heads if each.get("aria-sort")]) == (order[0] != "- beeta")
    links = [each["href"] for each in page.all("a") if each.inside("th") and each.inside("thead")]
    assert links[:2] == [
        f"/admin/review?list=words&order={each}#words" for each in ("line", "articles")
    ]


# Readers' reports


def report_of(client: FlaskClient, value: str) -> str:
    """Where an article's value is reported."""
    page = Page(client.get(f"/article/{ARTICLE}").text)
    return page.link(f"Teata veast: {value}")["href"] or ""


def test_a_report_becomes_a_line_for_the_overrides(
    tmp_path: Path, public: FlaskClient, view: Callable[[str], Page]
) -> None:
    for value in ("Leegivool AS", "2009", "Rohe- ja ringmajandus"):
        address = report_of(public, value)
        asked = Page(public.get(address).text)
        assert value in asked.one("main").text
        form = next(each for each in asked.all("form") if each.get("method") == "post")
        done = public.post(form["action"], headers={"Sec-Fetch-Site": "same-origin"})
        assert done.status_code == 303
        assert "Aitäh" in public.get(done.headers["Location"]).text
    found = rows(view("/admin/review"), "reports")
    assert [cells[1:3] for cells in found] == [
        ["Organisatsioon: Leegivool AS", "1"],
        ["Aasta: 2009", "1"],
        ["Valdkond: Rohe- ja ringmajandus", "1"],
    ]
    for cells in found:
        assert "Leegivool" not in cells[0] or "organisations" not in cells[0]
        file = tmp_path / "p.yaml"
        file.write_text(f"articles:\n  {cells[0]}\n", encoding="utf-8")
        assert ARTICLE in load_overrides(file, load_taxonomy(None)).articles


def test_only_what_an_article_has_is_taken_and_only_from_this_site(
    public: FlaskClient, metrics: Metrics
) -> None:
    address = report_of(public, "Leegivool AS")
    assert public.post(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert public.post(address, headers={"Origin": "https://muu.ee"}).status_code == 403
    for wrong in (
        "/teata",
        address.replace("Leegivool", "Ostke"),
        address.replace("facet=org", "facet=title"),
        address.replace(ARTICLE, "puudub"),
    ):
        assert public.post(wrong).status_code == 404
        assert public.get(wrong).status_code == 404
    assert public.get(address).status_code == 200
    assert not metrics.mistakes.all()


def test_only_so_many_reports_are_kept() -> None:
    book = MistakeStore()
    for number in range(MOST_REPORTS + 5):
        book.note(str(number), "org", "a")
    book.note("7", "org", "a")
    assert len(book.all()) == MOST_REPORTS
    assert (book.all()[0].article_id, book.all()[0].times) == ("7", 2)
