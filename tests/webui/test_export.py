"""Everything a search found, as a file: whole, in order, and harmless in a spreadsheet."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from answers import HIT, RESULTS, ScriptedService
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.request import SearchRequest
from search.results import Results
from search.service import SearchService
from webui import create_app, downloads

Scripted = Callable[..., FlaskClient]


@dataclass
class Paged(ScriptedService):
    """Has ``total`` full matches and one partial, and remembers what it was asked."""

    total: int = 0
    asked: list[int] = field(default_factory=list)

    def search(
        self, request: SearchRequest, language: str = "et", facets: object = None
    ) -> Results:
        del facets
        self.asked.append(request.page)
        start = (request.page - 1) * request.page_size
        numbers = range(start, min(start + request.page_size, self.total + 1))
        hits = tuple(replace(HIT, id=f"a{n}", full=n < self.total) for n in numbers)
        answer = replace(
            RESULTS,
            total=self.total,
            partial=1,
            page=request.page,
            pages=-(-(self.total + 1) // request.page_size),
            hits=hits,
        )
        return replace(super().search(request, language), **{
            name: getattr(answer, name) for name in ("total", "partial", "page", "pages", "hits")
        })  # fmt: skip


def paged(total: int) -> tuple[Paged, FlaskClient]:
    service = Paged(total=total)
    return service, create_app(service, Configuration()).test_client()  # type: ignore[arg-type]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("form", ["csv", "json", "bib"])
def test_the_results_page_leads_to_every_file(client: FlaskClient, form: str) -> None:
    page = Page(client.get("/?q=klastrid&focus=rohe-ringmajandus&page=2&lang=en").text)
    link = next(each for each in page.all("a") if f"export.{form}" in each["href"])
    assert link["href"] == f"/export.{form}?q=klastrid&focus=rohe-ringmajandus&lang=en"
    response = client.get(link["href"])
    assert response.mimetype == downloads.EXPORTS[form].mimetype
    expected = f'attachment; filename="klastriotsing.{form}"'
    assert response.headers["Content-Disposition"] == expected
    assert "export." not in client.get("/").text
    assert "export." not in client.get("/?q=klastrofoobia").text


def test_a_long_query_is_exported_by_the_form(client: FlaskClient) -> None:
    page = Page(client.get("/", query_string={"q": "klaster " + "õ" * 300}).text)
    buttons = [each for each in page.all("button") if "export" in (each.get("formaction") or "")]
    assert [each["formaction"] for each in buttons] == [
        "/export.csv",
        "/export.json",
        "/export.bib",
    ]
    assert {each["form"] for each in buttons} == {"search"}


def test_every_form_holds_the_same_articles_in_the_same_order(
    client: FlaskClient, service: SearchService
) -> None:
    found = service.search(SearchRequest("klastrid", page_size=1000, sort="oldest")).hits
    ids = [each.id for each in found if each.full]
    address = "?q=klastrid&sort=oldest"
    told = json.loads(client.get(f"/export.json{address}").text)
    assert [each["id"] for each in told["hits"]] == ids
    assert (told["query"], told["total"]) == ("klastrid", len(ids))
    lines = rows(client.get(f"/export.csv{address}").text)
    assert [each["id"] for each in lines] == ids
    assert list(lines[0]) == list(downloads.COLUMNS)
    entries = client.get(f"/export.bib{address}").text
    assert entries.count("@online{") == len(ids)
    for line, hit in zip(lines, (each for each in found if each.full), strict=True):
        assert line["title"] == hit.title
        assert line["year"] == str(hit.year or "")
        assert line["organisations"] == "; ".join(hit.organisations)


def test_letters_are_readable_in_a_spreadsheet(client: FlaskClient) -> None:
    data = client.get("/export.csv?q=jäätmed").data
    assert data.startswith(b"\xef\xbb\xbf")
    assert "ä" in data.decode()


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(scripted: Scripted, title: str) -> None:
    results = replace(RESULTS, hits=(replace(HIT, title=title, organisations=(title, "B")),))
    (row,) = rows(scripted(results=results).get("/export.csv?q=a").text)
    assert row["title"] == f"'{title}"
    assert row["organisations"].startswith("'")


def test_full_matches_only_unless_there_are_none() -> None:
    _, client = paged(3)
    assert [each["id"] for each in rows(client.get("/export.csv?q=a").text)] == ["a0", "a1", "a2"]
    _, client = paged(0)
    assert [each["id"] for each in rows(client.get("/export.csv?q=a").text)] == ["a0"]


def test_many_are_fetched_piece_by_piece_and_not_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloads, "FETCHED_AT_ONCE", 10)
    service, client = paged(25)
    assert len(rows(client.get("/export.csv?q=a&page=2").text)) == 25
    assert service.asked == [1, 2, 3]
    monkeypatch.setattr(downloads, "MOST_HITS", 12)
    service, client = paged(100)
    assert len(json.loads(client.get("/export.json?q=a").text)["hits"]) == 12
    assert service.asked == [1, 2]


def test_nothing_found_is_an_empty_file(client: FlaskClient) -> None:
    assert rows(client.get("/export.csv?q=klastrofoobia").text) == []
    assert json.loads(client.get("/export.json?q=klastrofoobia").text)["hits"] == []
    assert client.get("/export.bib?q=klastrofoobia").text == ""


def test_what_cannot_be_searched_is_said_before_anything_is_sent(client: FlaskClient) -> None:
    assert client.get("/export.csv?year=eile").status_code == 400
    assert client.get("/export.xls?q=a").status_code == 404
