"""Pages of alerts: ordering tells nothing, links only show buttons, one click stops."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from answers import HIT, RESULTS
from flask.testing import FlaskClient
from page_reader import Page

from search.alerts.alert_store import MOST_A_DAY, Alert, AlertStore
from search.alerts.mail_address import MailAddress
from search.alerts.saved_search import SavedSearch
from search.configuration import Configuration, SmtpSettings
from search.request import SearchRequest
from webui.app import utc_clock

Scripted = Callable[..., FlaskClient]
NOW = datetime.now(UTC)
ORDER = {"email": "mari@naide.ee", "frequency": "weekly", "q": "puit", "focus": "rohe"}
SMTP = SmtpSettings("smtp.naide.ee", "otsing@naide.ee")


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return Configuration(base_url="https://uudised.naide.ee", index=tmp_path / "index", smtp=SMTP)


@pytest.fixture
def store(configuration: Configuration) -> AlertStore:
    return AlertStore(configuration.index)


@pytest.fixture
def reader(scripted: Scripted, configuration: Configuration) -> FlaskClient:
    """A visitor of a site that sends e-mails."""
    added = replace(HIT, added=NOW - timedelta(days=2))
    return scripted(configuration, results=replace(RESULTS, hits=(added,)))


@pytest.fixture
def alert(store: AlertStore) -> Alert:
    """An order of Mari's that is not confirmed."""
    search = SavedSearch(SearchRequest("puit"), "q=puit", "et", "daily")
    store.order(MailAddress.parse("mari@naide.ee"), search, utc_clock())
    (order,) = store.unasked(utc_clock())
    return order


def test_a_search_is_ordered_with_its_filters_and_language(
    reader: FlaskClient, store: AlertStore
) -> None:
    page = Page(reader.get("/?q=puit&focus=rohe&not_year=2014&page=2&sort=oldest&lang=en").text)
    form = page.one("form", method="post")
    fields = {
        each["name"]: each["value"]
        for each in page.all("input")
        if form in each.parents and each.get("type") == "hidden"
    }
    answer = reader.post(form["action"], data={**fields, **ORDER, "email": " Mari@Naide.ee "})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/tellimus/saadetud?lang=en"
    (order,) = store.unasked(utc_clock())
    assert order.address == "Mari@naide.ee"
    assert order.search is not None
    assert (order.search.language, order.search.frequency) == ("en", "weekly")
    assert order.search.parameters == "q=puit&focus=rohe&not_year=2014&sort=newest&lang=en"
    assert order.search.request.focus.include == ("rohe",)
    assert order.search.request.year.exclude == ("2014",)
    assert "Look into your mailbox" in reader.get(answer.headers["Location"]).text


def test_the_answer_does_not_tell_whether_an_address_is_known(
    reader: FlaskClient, store: AlertStore
) -> None:
    answers = {
        (answer.status_code, answer.text, str(answer.headers))
        for _ in range(MOST_A_DAY + 2)
        for answer in [reader.post("/tellimus?lang=et", data=ORDER)]
    }
    assert len(answers) == 1
    assert len(store.unasked(utc_clock())) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://uudised.naide.ee"}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://muu.ee"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_site_orders_nothing_in_a_visitors_name(
    reader: FlaskClient, store: AlertStore, headers: dict[str, str], status: int
) -> None:
    assert reader.post("/tellimus", data=ORDER, headers=headers).status_code == status
    assert store.exists == (status == 303)


@pytest.mark.parametrize("email", ["", "mari", "mari@naide.ee\r\nBcc: a@b.ee", "<script>@a.ee"])
def test_what_is_no_address_is_told_beside_the_field(reader: FlaskClient, email: str) -> None:
    answer = reader.post("/tellimus", data={**ORDER, "email": email})
    assert answer.status_code == 400
    field = Page(answer.text).one("input", name="email")
    problem = Page(answer.text).one("p", id=field["aria-describedby"])
    assert "Sellele aadressile ei saa kirja saata" in problem.text
    assert Page(answer.text).one("input", name="q", type="hidden")["value"] == "puit"
    assert Page(answer.text).one("input", name="frequency", checked="")["value"] == "weekly"


def test_a_link_only_shows_a_button(reader: FlaskClient, store: AlertStore, alert: Alert) -> None:
    """So that programs that look links over neither confirm nor stop anything."""
    signer = store.signer()
    address = f"/tellimus/kinnita/{signer.token('confirm', alert.handle)}"
    for look in (reader.get, reader.head, reader.options):
        assert look(address).status_code == 200
    assert store.counts() == (0, 1)
    page = Page(reader.get(address).text)
    assert page.one("meta", name="robots")["content"] == "noindex"
    confirmed = reader.post(page.one("form", method="post")["action"])
    assert "Tellimus on kinnitatud" in confirmed.text
    (in_force,) = store.in_force(utc_clock())
    assert in_force.since == NOW - timedelta(days=2)
    assert reader.post(address).status_code == 200  # twice does no harm
    stopping = f"/tellimus/lopeta/{signer.token('stop', alert.handle)}"
    page = Page(reader.get(stopping).text)
    assert store.counts() == (1, 0)
    stop, forget = (each["action"] for each in page.all("form", method="post"))
    assert "mari" not in page.one("main").text
    assert "Tellimus on lõpetatud" in reader.post(stop).text
    assert store.counts() == (0, 0)
    assert reader.post(forget).status_code == 404


def test_one_click_of_a_mail_program_stops_at_once(
    scripted: Scripted, configuration: Configuration, store: AlertStore, alert: Alert
) -> None:
    store.confirm(alert, NOW, NOW)
    address = f"/tellimus/lopeta/{store.signer().token('stop', alert.handle)}?lang=et"
    for _ in range(2):
        answer = scripted(configuration).post(
            address,
            data={"List-Unsubscribe": "One-Click"},
            headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        )
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert store.counts() == (0, 0)


def test_an_address_is_deleted_with_all_its_alerts(
    reader: FlaskClient, store: AlertStore, alert: Alert
) -> None:
    reader.post("/tellimus", data=ORDER)
    assert store.counts() == (0, 2)
    address = f"/tellimus/kustuta/{store.signer().token('forget', alert.handle)}"
    assert store.counts() == (0, 2)
    assert "Lõpetati 2 tellimust" in reader.post(address).text
    assert store.counts() == (0, 0)


def test_a_link_that_is_made_up_leads_nowhere(
    reader: FlaskClient, store: AlertStore, alert: Alert
) -> None:
    stop = store.signer().token("stop", alert.handle)
    for address in (
        f"/tellimus/kinnita/{stop}", f"/tellimus/kustuta/{stop}", "/tellimus/lopeta/a",
        f"/tellimus/lopeta/{stop[:-4]}AAAA", "/tellimus/kinnita/%00%0d%0a",
    ):  # fmt: skip
        assert reader.get(address).status_code == 404
        assert reader.post(address).status_code == 404
    assert store.counts() == (0, 1)


def test_without_a_mail_server_only_the_feed_is_offered(client: FlaskClient) -> None:
    page = Page(client.get("/?q=puit").text)
    assert not page.all("input", type="email")
    assert page.link("Telli uued artiklid (RSS)")["href"] == "/feed.atom?q=puit"
    assert client.get("/tellimus?q=puit").status_code == 404
    assert client.post("/tellimus", data=ORDER).status_code == 404


def test_a_directory_that_cannot_be_written_is_said_plainly(
    scripted: Scripted, configuration: Configuration, caplog: pytest.LogCaptureFixture
) -> None:
    configuration.index.write_text("a file in the place of the directory")
    answer = scripted(configuration).post("/tellimus", data=ORDER)
    assert answer.status_code == 503
    page = Page(answer.text)
    assert page.one("h1").text == "Tellimust ei saa praegu muuta"
    assert page.one("form", role="search")
    assert "alerts-unavailable" in caplog.text
    assert "mari" not in caplog.text


def test_who_serves_the_site_is_told_when_nothing_is_sent(
    reader: FlaskClient, store: AlertStore, caplog: pytest.LogCaptureFixture
) -> None:
    reader.post("/tellimus", data=ORDER)
    reader.post("/tellimus", data=ORDER)
    assert not caplog.text
    search = SavedSearch(SearchRequest("mets"), "q=mets", "et", "daily")
    store.order(MailAddress.parse("jaan@naide.ee"), search, NOW - timedelta(hours=2))
    reader.post("/tellimus", data=ORDER)
    assert "run by cron" in caplog.text
    assert "@" not in caplog.text


def test_entity_pages_offer_it_too(client: FlaskClient) -> None:
    page = Page(client.get("/valdkonnad/rohe-ringmajandus").text)
    link = page.link("Telli uued artiklid (RSS)")
    assert link["href"] == "/feed.atom?focus=rohe-ringmajandus"
    page = Page(client.get("/organisatsioonid/eas").text)
    assert page.link("Telli uued artiklid (RSS)")["href"] == "/feed.atom?org=EAS"
