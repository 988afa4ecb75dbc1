"""The operator's view: what it shows, and that the public site has nothing of it."""

from dataclasses import replace

import pytest
from answers import RESULTS, ScriptedService
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.errors import NoIndex
from search.request import SearchRequest
from search.service import SearchService
from webui import Monitor, create_admin_app, create_app
from webui.monitor import MOST_QUERIES


@pytest.fixture
def monitor() -> Monitor:
    return Monitor()


@pytest.fixture
def public(service: SearchService, monitor: Monitor) -> FlaskClient:
    return create_app(service, Configuration(), monitor).test_client()


@pytest.fixture
def operator(service: SearchService, monitor: Monitor) -> FlaskClient:
    return create_admin_app(service, Configuration(), monitor).test_client()


def test_the_public_site_has_neither(public: FlaskClient) -> None:
    for address in ("/admin", "/metrics"):
        assert public.get(address).status_code == 404


def test_the_operator_sees_nothing_of_the_public_site(operator: FlaskClient) -> None:
    assert operator.get("/?q=klaster").status_code == 404


def test_the_index_and_the_queries_are_shown(public: FlaskClient, operator: FlaskClient) -> None:
    assert "Veel pole midagi küsitud" in operator.get("/admin").text
    public.get("/?q=klaster")
    public.get("/api/search?q=xyzzyq")
    page = operator.get("/admin").text
    assert "Haldaja vaade" in page
    assert "gen-000001" in page
    slow, empty = page.split("Aeglased päringud")[1].split("Päringud, mis ei leidnud midagi")
    assert "<td>klaster</td>" in slow
    assert "<td>xyzzyq</td>" in empty
    assert "<td>klaster</td>" not in empty


def test_every_link_of_the_view_leads_somewhere(operator: FlaskClient) -> None:
    for link in Page(operator.get("/admin").text).all("a"):
        address = link["href"]
        assert address.startswith("#") or operator.get(address).status_code == 200, address


def test_counts_are_there_for_prometheus(public: FlaskClient, operator: FlaskClient) -> None:
    public.get("/?q=klaster")
    public.get("/?q=xyzzyq")
    response = operator.get("/metrics")
    assert response.mimetype == "text/plain"
    lines = response.text.splitlines()
    assert 'klastriotsing_searches_total{found="all words"} 1.0' in lines
    assert 'klastriotsing_searches_total{found="nothing"} 1.0' in lines
    assert "klastriotsing_search_seconds_count 2.0" in lines
    assert "klastriotsing_articles 66.0" in lines
    assert "klastriotsing_ready 1.0" in lines


def test_no_query_is_kept_unless_the_owner_wants_it(service: SearchService) -> None:
    monitor = Monitor(keeps_queries=False)
    create_app(service, Configuration(), monitor).test_client().get("/?q=klaster")
    page = create_admin_app(service, Configuration(), monitor).test_client().get("/admin").text
    assert "klaster</td>" not in page
    assert "keep_queries" in page


def test_without_an_index_both_say_so(monitor: Monitor) -> None:
    class Empty(ScriptedService):
        def statistics(self) -> None:
            raise NoIndex(index="index")

    service = Empty(error=NoIndex(index="index"))
    client = create_admin_app(service, Configuration(), monitor).test_client()  # type: ignore[arg-type]
    assert "klastriotsing reindex SOURCE" in client.get("/admin").text
    assert "klastriotsing_ready 0.0" in client.get("/metrics").text


def test_only_so_many_queries_are_remembered(monitor: Monitor) -> None:
    for number in range(MOST_QUERIES + 5):
        monitor.note(replace(RESULTS, request=SearchRequest(f"sõna{number}")))
    assert len(monitor.slowest(10 * MOST_QUERIES)) == MOST_QUERIES
