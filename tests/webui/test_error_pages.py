"""What a visitor reads where something cannot be shown."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from page_reader import Page

from search.engine_errors import EngineUnavailable
from search.errors import IndexDamaged, IndexMismatch, NoIndex

Read = Callable[..., Page]
Scripted = Callable[..., FlaskClient]
AREA = "rohe-ringmajandus"


def test_unknown_addresses_and_articles(client: FlaskClient) -> None:
    for address, message in (
        ("/puudub", "Sellel aadressil ei ole midagi"),
        ("/article/puudub", "Artiklit „puudub“ ei ole"),
        ("/article/../../etc/passwd", "ei ole"),
    ):
        response = client.get(address)
        assert response.status_code == 404
        page = Page(response.text)
        assert page.one("h1").text == "Lehte ei leitud"
        assert message in page.one("p", class_="lead").text
        assert page.one("form", role="search")


def test_a_page_that_is_not_there_speaks_the_other_language_too(client: FlaskClient) -> None:
    page = Page(client.get("/puudub/?q=a&q=b&lang=et").text)
    link = page.link("English")
    assert link["href"] == "/puudub/?q=a&q=b&lang=en"
    page = Page(client.get(link["href"]).text)
    assert page.one("h1").text == "Page not found"
    assert page.link("See the newest articles")["href"] == "/?lang=en"


@pytest.mark.parametrize("address", ["/?page=abc", "/?year=eile", "/?sort=x", "/?q=" + "a" * 1001])
def test_what_cannot_be_searched_is_explained(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert Page(response.text).one("h1").text == "Nii ei saa otsida"


@pytest.mark.parametrize(
    ("error", "said", "commands"),
    [
        (NoIndex(index="index"), "Siin ei ole veel artikleid", ["reindex KAUST"]),
        (IndexMismatch(index="index", reason="x"), "Viga on meil", ["reindex KAUST"]),
        (
            IndexDamaged(index="index", reason="gen-000001: MAIN_0a.seg"),
            "Viga on meil",
            ["doctor", "rollback", "reindex KAUST"],
        ),
    ],
)
def test_without_an_index_readers_and_owners_are_told_what_they_can_do(
    scripted: Scripted, error: Exception, said: str, commands: list[str]
) -> None:
    for address in ("/", "/article/x"):
        response = scripted(error=error).get(address)
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        page = Page(response.text)
        assert said in page.one("p", class_="lead").text
        assert page.link("Proovi uuesti")["href"] == f"{address}?lang=et"
        named = [each.text for each in page.all("code")]
        assert named == [f"klastriotsing {each}" for each in commands]
        assert page.one("p", class_="quiet").text.startswith("Saidi haldajale")
        assert ".seg" not in response.text
        assert not page.all("form", role="search")


def test_where_the_server_of_the_index_is_stays_with_who_runs_it(scripted: Scripted) -> None:
    error = EngineUnavailable(server="OpenSearch at http://10.1.2.3:9200", reason="x")
    response = scripted(error=error).get("/?q=klaster")
    assert response.status_code == 503
    assert "OpenSearch ei ole kättesaadav" in Page(response.text).one("p", class_="quiet").text
    assert "10.1.2.3" not in response.text


def test_an_unexpected_fault_is_a_page_too(scripted: Scripted) -> None:
    client = scripted(error=RuntimeError("salajane"))
    response = client.get("/?q=klaster")
    assert response.status_code == 500
    assert "salajane" not in response.text
    assert Page(response.text).one("h1").text == "Midagi läks valesti"


@pytest.mark.parametrize(
    "address",
    ["/puudub", "/article/x", "/?page=abc", "/?year=eile", "/?colour=x", "/?q=" + "a" * 1001],
)
def test_what_is_said_ends_as_a_sentence(client: FlaskClient, address: str) -> None:
    lead = Page(client.get(address).text).one("p", class_="lead").text
    assert lead.endswith(".")
    assert not lead.endswith("..")


def test_nothing_can_be_written(client: FlaskClient) -> None:
    response = client.post("/", data={"q": "klaster"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert Page(response.text).one("h1").text == "Seda ei saa teha"


def test_a_refused_query_stays_in_the_box(client: FlaskClient) -> None:
    response = client.get("/?q=puit+klaster&page=0")
    assert response.status_code == 400
    assert 'value="puit klaster"' in response.text
    long = "pikk päring " * 100
    response = client.get("/", query_string={"q": long})
    assert response.status_code == 400
    assert Page(response.text).one("input", type="search")["value"] == long


@pytest.mark.parametrize(
    ("refused", "kept"),
    [
        ("year=abc", ("Kirjutage aasta, näiteks 2016", {"org": "EAS", "sort": "oldest"})),
        ("not_year=1", ("Kirjutage aasta, näiteks 2016", {"org": "EAS", "sort": "oldest"})),
        ("page=x&limit=7", ("Lehekülgi loetakse alates ühest", {"org": "EAS", "sort": "oldest"})),
        ("view=x", ("Tulemusi saab näidata lühidalt", {"org": "EAS", "sort": "oldest"})),
    ],
)
def test_what_was_typed_stays_and_is_explained_without_internals(
    client: FlaskClient, refused: str, kept: tuple[str, dict[str, str]]
) -> None:
    message, fields = kept
    asked = f"q=puit&{refused}&org=EAS&sort=oldest"
    response = client.get(f"/?{asked}")
    assert response.status_code == 400
    page = Page(response.text)
    lead = page.one("p", class_="lead").text
    assert message in lead
    assert not {"year", "unknown", "page", "limit", "view"}.intersection(lead.split())
    assert page.one("input", type="search")["value"] == "puit"
    assert {each["name"]: each["value"] for each in page.all("input", type="hidden")} == fields
    told = client.get(f"/api/search?{asked}").get_json()["error"]["message"]
    assert told in lead
