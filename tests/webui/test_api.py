"""The JSON API: the same answers as the pages, and errors in one shape."""

from collections.abc import Callable

import pytest
from answers import ScriptedService
from flask.testing import FlaskClient

from search.configuration import Configuration
from search.errors import IndexDamaged, IndexMismatch, NoIndex
from search.request import FacetFilter, SearchRequest
from search.service import SearchService
from webui import create_app

Scripted = Callable[..., FlaskClient]
AREA = "rohe-ringmajandus"
KEYS = [
    "query", "searched", "explanation", "total", "partial", "near", "took_ms", "page", "pages",
    "hits", "facets", "suggestions",
]  # fmt: skip
HIT_KEYS = [
    "id", "title", "url", "published", "year", "language", "focus_areas", "organisations",
    "score", "nearness", "snippets", "why", "missing", "duplicates", "source",
]  # fmt: skip


def test_search_answers_in_the_fixed_form(client: FlaskClient) -> None:
    response = client.get("/api/search?q=klastrid")
    assert response.mimetype == "application/json"
    answer = response.get_json()
    assert list(answer) == KEYS
    assert answer["query"] == answer["searched"] == "klastrid"
    assert answer["total"] > len(answer["hits"]) == 10
    for hit in answer["hits"]:
        assert list(hit) == HIT_KEYS
        for snippet in hit["snippets"]:
            for start, end in snippet["marks"]:
                assert 0 <= start < end <= len(snippet["text"])
        assert all(set(each) == {"query", "form", "how"} for each in hit["why"])
    assert list(answer["facets"]) == ["focus", "year", "org", "source", "language"]
    years = {each["value"] for each in answer["facets"]["year"]}
    assert years - {"unknown"} == {each for each in years if isinstance(each, int)}


def test_search_takes_the_parameters_of_the_page(
    client: FlaskClient, service: SearchService
) -> None:
    response = client.get(
        f"/api/search?q=klastrid&focus={AREA}&focus=none&not_year=2016&sort=oldest&page=2"
    )
    answer = response.get_json()
    same = service.search(
        SearchRequest(
            query="klastrid",
            focus=FacetFilter((AREA, "none")),
            year=FacetFilter((), ("2016",)),
            sort="oldest",
            page=2,
        )
    ).to_dict()
    assert {**answer, "took_ms": 0} == {**same, "took_ms": 0}
    selected = {each["value"] for each in answer["facets"]["focus"] if each["selected"]}
    assert selected == {AREA, "none"}


def test_letters_are_written_as_they_are(client: FlaskClient) -> None:
    assert "jäätmed" in client.get("/api/search?q=jäätmed").text


def test_labels_follow_the_language(client: FlaskClient) -> None:
    def label(language: str) -> str:
        answer = client.get(f"/api/search?q=klastrid&lang={language}").get_json()
        facet = answer["facets"]["focus"]
        return str(next(each["label"] for each in facet if each["value"] == AREA))

    assert label("et") == "Rohe- ja ringmajandus"
    assert label("en") != label("et")


def test_an_article_comes_with_its_evidence(client: FlaskClient) -> None:
    article = client.get("/api/article/2009-10-06-saepuru-ei-ole-prugi").get_json()
    assert article["title"].startswith("Saepuru ei ole prügi")
    assert article["year"]["value"] == 2009
    assert article["year"]["evidence"]
    assert AREA in [each["value"] for each in article["focus_areas"]]
    for organisation in article["organisations"]:
        assert organisation["origin"] in ("given", "found")
    assert article["similar"][0]["title"].startswith("Puiduklastri liikmed nägid Austrias")
    assert 0 < article["similar"][0]["score"] <= 1


def test_health(client: FlaskClient, service: SearchService) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "articles": service.document_count(),
        "generation": service.generation(),
        "problem": None,
    }


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/search?page=abc", 400, "bad-request"),
        ("/api/search?year=1", 400, "bad-request"),
        ("/api/search?lang=fi", 400, "bad-request"),
        ("/api/search?q=" + "a" * 1001, 400, "query-too-long"),
        ("/api/article/puudub", 404, "article-not-found"),
        ("/api/puudub", 404, "not-found"),
        ("/api", 404, "not-found"),
    ],
)
def test_errors_have_one_shape(client: FlaskClient, address: str, status: int, code: str) -> None:
    response = client.get(address)
    assert response.status_code == status
    answer = response.get_json()
    assert list(answer) == ["error"]
    assert answer["error"]["code"] == code
    assert answer["error"]["message"]


def test_writing_is_refused(client: FlaskClient) -> None:
    response = client.post("/api/search")
    assert response.status_code == 405
    assert response.get_json()["error"]["code"] == "method-not-allowed"


@pytest.mark.parametrize(
    "error",
    [
        NoIndex(index="index"),
        IndexMismatch(index="index", reason="x"),
        IndexDamaged(index="index", reason="x"),
    ],
)
def test_without_an_index_everything_says_so(scripted: Scripted, error: NoIndex) -> None:
    client = scripted(error=error)
    for address in ("/healthz", "/api/search?q=a", "/api/article/a"):
        response = client.get(address, headers={"Accept-Language": "en"})
        assert response.status_code == 503
        assert response.get_json() == {"error": {"code": error.code, "message": str(error)}}


def test_an_unexpected_fault_tells_nothing_away() -> None:
    service = ScriptedService(error=RuntimeError("salajane"))
    client = create_app(service, Configuration()).test_client()  # type: ignore[arg-type]
    response = client.get("/api/search?q=a")
    assert response.status_code == 500
    assert response.get_json()["error"]["code"] == "internal-server-error"
    assert "salajane" not in response.text


def test_suggestions_complete_what_is_typed(client: FlaskClient, service: SearchService) -> None:
    response = client.get("/api/suggest?q=klaster+puidu")
    assert response.mimetype == "application/json"
    answer = response.get_json()
    assert answer
    for each in answer:
        assert list(each) == ["text", "kind", "count", "known_as"]
        assert each["text"].startswith("klaster ")
        assert each["kind"] in ("word", "organisation", "title")
    assert {"text": "klaster puiduklaster", "kind": "word", "count": 3, "known_as": ""} in answer
    same = service.suggest("klaster puidu")
    assert [each["text"] for each in answer] == [each.text for each in same]
    assert client.get("/api/suggest?q=JAAT").get_json()[0]["text"] == "jäätmed"
    for address in ("/api/suggest", "/api/suggest?q=", "/api/suggest?q=puit+"):
        assert client.get(address).get_json() == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [("lang=fi&q=a", "bad-request"), ("q=" + "a" * 1001, "query-too-long")],
)
def test_suggestions_refuse_what_a_search_refuses(
    client: FlaskClient, parameters: str, code: str
) -> None:
    response = client.get(f"/api/suggest?{parameters}")
    assert response.status_code == 400
    assert response.get_json()["error"]["code"] == code


def test_facets_are_counted_only_where_they_are_wanted(client: FlaskClient) -> None:
    whole = client.get("/api/search?q=klaster").get_json()
    none = client.get("/api/search?q=klaster&facets=").get_json()
    assert none["facets"] == {}
    assert [none[key] for key in ("total", "hits")] == [whole[key] for key in ("total", "hits")]
    two = client.get("/api/search?q=klaster&facets=org&facets=year").get_json()["facets"]
    assert two == {name: whole["facets"][name] for name in ("year", "org")}
    refused = client.get("/api/search?facets=asutus")
    assert refused.status_code == 400
    assert "facets" in refused.get_json()["error"]["message"]
