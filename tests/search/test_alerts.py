"""Alerts: addresses, links, what is kept and for how long, and the emails."""

import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from answers import HIT

from search.alerts import alerts_folder
from search.alerts.alert_emails import MOST_ARTICLES, AlertEmailWriter
from search.alerts.alert_store import (
    CONFIRMABLE,
    MOST_A_DAY,
    MOST_A_MONTH,
    Alert,
    AlertStore,
)
from search.alerts.dispatcher import period
from search.alerts.mail_address import MailAddress
from search.alerts.saved_search import SavedSearch, packed_request, title_of, unpacked_request
from search.alerts.signed_links import LinkSigner, new_handle
from search.configuration import SmtpSettings
from search.errors import (
    AlertEmailsLocked,
    AlertNotFound,
    AlertsUnavailable,
    MailAddressRefused,
    TooManyOrders,
)
from search.i18n import translator
from search.request import FacetFilter, SearchRequest
from search.results import Mark, News, Snippet

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MARI = MailAddress.parse("mari@näide.ee")
SEARCH = SavedSearch(SearchRequest("puiduklaster"), "q=puiduklaster", "et", "daily")


@pytest.fixture
def store(tmp_path: Path) -> AlertStore:
    return AlertStore(tmp_path / "index")


def confirmed(
    store: AlertStore, address: MailAddress = MARI, search: SavedSearch = SEARCH
) -> Alert:
    store.order(address, search, NOW)
    asked = ((each.address, each.search, each) for each in store.unasked(NOW))
    alert = next(each for to, what, each in asked if (to, what) == (address.text, search))
    store.confirm(alert, NOW, NOW)
    return next(each for each in store.in_force(NOW) if each.handle == alert.handle)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" mari.maasikas@naide.ee\n", "mari.maasikas@naide.ee"),
        ("Mari+uudised@Näide.EE", "Mari+uudised@xn--nide-loa.ee"),
        ("o'neil_1@a-b.c.museum", "o'neil_1@a-b.c.museum"),
    ],
)
def test_an_address_is_read(typed: str, read: str) -> None:
    assert MailAddress.parse(typed).text == read


@pytest.mark.parametrize(
    "typed",
    [
        "", "mari", "@naide.ee", "mari@", "mari@naide", "mari@localhost", "mari@127.0.0.1",
        "mari@[127.0.0.1]", "mari@naide.123", "a b@naide.ee", "mari@naide.ee, jaan@naide.ee",
        "mari@naide.ee\r\nBcc: jaan@naide.ee", "mari@naide.ee\nRCPT TO:<jaan@naide.ee>",
        "mari\r@naide.ee", "mari\0@naide.ee", "mari@naide.ee\0", "Mari <mari@naide.ee>",
        '"mari jaan"@naide.ee', "mari(kommentaar)@naide.ee", "jaan%naide.ee@relay.ee",
        "a!b@naide.ee", "|kustuta@naide.ee", "-f@naide.ee", ".mari@naide.ee", "mari.@naide.ee",
        "ma..ri@naide.ee", "mari@-naide.ee", "mari@naide..ee", "märi@naide.ee", "mari@naide.ee>",
        "a" * 65 + "@naide.ee", "a@" + "b" * 64 + ".ee", "a@" + "b.c" * 90 + ".ee",
        "mari@\u202enaide.ee", "mari@naide.e\u00ade@",
    ],
)  # fmt: skip
def test_a_hostile_address_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(MailAddressRefused) as refused:
        MailAddress.parse(typed)
    assert "naide" not in str(refused.value)


def test_a_link_does_one_thing_to_one_alert(tmp_path: Path) -> None:
    signer, handle = LinkSigner.of_file(tmp_path / "key"), new_handle()
    assert LinkSigner.of_file(tmp_path / "key").token("stop", handle) == signer.token(
        "stop", handle
    )
    token = signer.token("stop", handle)
    assert signer.handle("stop", token) == handle
    assert signer.handle("forget", token) is None
    other = LinkSigner(bytes(32))
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        new_handle() + token[22:],
        "",
        "õ" * 44,
    ]
    for each in (*forged, token + "A", token.upper(), f"{token}\n", other.token("stop", handle)):
        assert signer.handle("stop", each) is None


def test_only_the_owner_can_read_what_is_kept(store: AlertStore, tmp_path: Path) -> None:
    store.order(MARI, SEARCH, NOW)
    folder = alerts_folder(tmp_path / "index")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("alerts.sqlite", "key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_an_order_is_nothing_before_it_is_confirmed(store: AlertStore) -> None:
    store.order(MARI, SEARCH, NOW)
    (alert,) = store.unasked(NOW)
    assert not store.in_force(NOW)
    token = store.signer().token("confirm", alert.handle)
    assert store.find("confirm", token, NOW).address == "mari@xn--nide-loa.ee"
    store.end_asking(alert)
    assert not store.unasked(NOW + DAY)
    store.confirm(alert, NOW, NOW + DAY)
    assert [each.search for each in store.in_force(NOW + DAY)] == [SEARCH]


def test_what_nobody_confirms_is_forgotten(store: AlertStore, tmp_path: Path) -> None:
    store.order(MARI, SEARCH, NOW)
    (alert,) = store.unasked(NOW)
    token = store.signer().token("confirm", alert.handle)
    with pytest.raises(AlertNotFound):
        store.find("confirm", token, NOW + CONFIRMABLE)
    assert not store.unasked(NOW + CONFIRMABLE)
    kept = (alerts_folder(tmp_path / "index") / "alerts.sqlite").read_bytes()
    assert b"mari@" not in kept


def test_a_third_person_is_not_buried_in_emails(store: AlertStore) -> None:
    """Whatever tag is put on the address, and whatever is ordered; a confirmation begins anew."""

    def asked_on(day: int) -> int:
        now = NOW + day * DAY
        for number in range(2 * MOST_A_DAY):
            search = replace(SEARCH, request=SearchRequest(f"puit {number}"))
            store.order(MailAddress.parse(f"mari+{number}@naide.ee"), search, now)
        emails = store.unasked(now)
        for each in emails:
            store.end_asking(each)
        return len(emails)

    assert [asked_on(day) for day in (0, 1, 2, 29)] == [MOST_A_DAY, MOST_A_MONTH - MOST_A_DAY, 0, 0]
    alert = confirmed(store, MailAddress.parse("jaan@naide.ee"))
    store.order(MailAddress.parse("jaan@naide.ee"), replace(SEARCH, frequency="weekly"), NOW)
    assert store.find("stop", store.signer().token("stop", alert.handle), NOW)


def test_nobody_can_make_it_send_without_end(
    store: AlertStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.alerts.alert_store.MOST_OF_ALL_A_DAY", 4)
    for number in range(4):
        store.order(MailAddress.parse(f"a{number}@naide.ee"), SEARCH, NOW)
    with pytest.raises(TooManyOrders):
        store.order(MARI, SEARCH, NOW)
    store.order(MARI, SEARCH, NOW + DAY)


def test_an_order_again_takes_the_place_of_the_first(store: AlertStore) -> None:
    store.order(MARI, SEARCH, NOW)
    (first,) = store.unasked(NOW)
    store.end_asking(first)
    store.order(MARI, replace(SEARCH, frequency="weekly"), NOW)
    (again,) = store.unasked(NOW)
    assert again.handle == first.handle  # the link of the first email is still good
    store.confirm(again, NOW, NOW)
    confirmed(store, MailAddress.parse("MARI@näide.ee"))
    (only,) = store.in_force(NOW)
    assert only.search is not None
    assert only.search.frequency == "daily"


def test_an_address_is_deleted_whole(store: AlertStore, tmp_path: Path) -> None:
    confirmed(store)
    confirmed(store, search=replace(SEARCH, request=SearchRequest("mets")))
    store.order(MARI, replace(SEARCH, request=SearchRequest("tuul")), NOW)
    confirmed(store, MailAddress.parse("jaan@naide.ee"))
    assert store.forget(MailAddress.parse("MARI@NÄIDE.ee")) == 3
    kept = (alerts_folder(tmp_path / "index") / "alerts.sqlite").read_bytes()
    assert b"mari@" not in kept.lower()
    assert store.counts() == (1, 0)


def test_only_one_process_sends(store: AlertStore) -> None:
    with store.sending():
        with pytest.raises(AlertEmailsLocked), store.sending():
            pass
        store.order(MARI, SEARCH, NOW)  # readers need not wait
    with store.sending():
        pass


def test_a_file_that_cannot_be_used_is_named_without_what_it_holds(tmp_path: Path) -> None:
    store = AlertStore(tmp_path)
    file = alerts_folder(tmp_path) / "alerts.sqlite"
    file.parent.mkdir()
    file.write_text("mari@naide.ee " * 200)
    with pytest.raises(AlertsUnavailable) as refused:
        store.order(MARI, SEARCH, NOW)
    assert "mari" not in str(refused.value)


def test_what_is_new_outlives_a_reindex(store: AlertStore) -> None:
    assert store.note_articles(["a", "b"], 0) == (1, {"a": 1, "b": 1})
    assert store.note_articles(["b", "a"], 1) == (1, {})
    assert store.note_articles(["b", "c"], 1, keep=False) == (2, {"c": 2})
    assert store.note_articles(["a", "b", "c"], 0) == (2, {"a": 1, "b": 1, "c": 2})


@pytest.mark.parametrize(
    ("at", "daily", "weekly"),
    [
        ("2026-03-28T05:59", 0, 0),  # Saturday, before the morning
        ("2026-03-28T06:00", 1, 0),
        ("2026-03-29T05:59", 1, 0),  # the clock went forward at three
        ("2026-03-29T06:00", 2, 0),
        ("2026-03-30T05:59", 2, 0),
        ("2026-03-30T06:00", 3, 1),
        ("2026-10-25T05:59", 211, 30),  # the clock went back at four
        ("2026-10-25T06:00", 212, 30),
        ("2026-10-26T06:00", 213, 31),
    ],
)
def test_days_begin_in_the_morning_whatever_the_clock_does(
    at: str, daily: int, weekly: int
) -> None:
    zone = ZoneInfo("Europe/Tallinn")
    first, moment = (
        datetime.fromisoformat(each).replace(tzinfo=zone).astimezone(UTC)
        for each in ("2026-03-28T05:59", at)
    )
    assert period(moment, "daily", zone) - period(first, "daily", zone) == daily
    assert period(moment, "weekly", zone) - period(first, "weekly", zone) == weekly


def test_a_search_is_kept_as_it_is_asked() -> None:
    request = SearchRequest(
        'puit "side"', FacetFilter(("rohe",), ("digi",)), FacetFilter(("2014-2016",)), page=3
    )
    again = unpacked_request(packed_request(request))
    assert again == replace(request, page=1)
    assert packed_request(replace(request, page=1, sort="oldest")) == packed_request(request)
    title = title_of(again, str.upper, translator("et"))
    assert title == 'puit "side" · ROHE · mitte DIGI · 2014–2016'
    assert title_of(SearchRequest(), str, translator("et")) == "kõik uued artiklid"


@pytest.fixture
def writer(store: AlertStore) -> AlertEmailWriter:
    sender = SmtpSettings("naide.ee", "Klastrid, OÜ & pojad <otsing@naide.ee>").sender_parts
    root = "https://uudised.naide.ee/otsing/"
    return AlertEmailWriter("Klastri\r\notsing", root, sender, store.signer(), lambda area, _: area)


def test_an_email_tells_what_is_new(store: AlertStore, writer: AlertEmailWriter) -> None:
    alert = confirmed(store)
    hit = replace(
        HIT,
        url="https://www.rmel.ee/uudis",
        title="Klastrid & <liidud>",
        snippets=(Snippet("Uus puiduklaster & <teised>", (Mark(4, 16),)),),
    )
    email = writer.news(alert, SEARCH, News(28, (hit,) * MOST_ARTICLES), NOW)
    assert email["Subject"] == "28 uut artiklit: puiduklaster"
    assert email["To"] == MARI.text
    assert [str(each) for each in email["From"].addresses] == [
        '"Klastrid, OÜ & pojad" <otsing@naide.ee>'
    ]
    assert email["Date"] == "Mon, 02 Mar 2026 10:30:00 +0000"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Precedence"] == "bulk"
    assert email["Content-Language"] == "et"
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # One line, however long, and no line of a header is left to others.
    head = email.as_bytes().split(b"\r\n\r\n", 1)[0].decode("ascii")
    link = re.search(r"^List-Unsubscribe: <(https://uudised\.naide\.ee/otsing/\S+)>\r$", head, re.M)
    assert link
    token = urlsplit(link[1]).path.rsplit("/", 1)[1]
    assert store.find("stop", token, NOW).handle == alert.handle
    plain, html = (part.get_content() for part in email.iter_parts())
    assert (
        "Klastrid & <liidud>\nrmel.ee · 2. detsember 2016\nUus puiduklaster & <teised>\n" in plain
    )
    assert "/otsing/article/2016/uudis?q=puiduklaster&lang=et" in plain
    assert "Tulemuste hulgas on veel 3 uut artiklit:\nhttps://" in plain
    assert "Klastrid &amp; &lt;liidud&gt;</a>" in html
    assert "Uus <b>puiduklaster</b> &amp; &lt;teised&gt;" in html
    assert "Lõpeta see tellimus" in html
    again = writer.news(alert, SEARCH, News(1, (hit,)), NOW + DAY)
    assert again["Message-ID"] == email["Message-ID"]
    assert again["Subject"] == "1 uus artikkel: puiduklaster"


@pytest.mark.parametrize(
    "query", ["a\r\nBcc: jaan@naide.ee", "a\u2028Subject: b", "õ" * 900, "=?utf-8?q?a?="]
)
def test_no_query_writes_a_header(store: AlertStore, writer: AlertEmailWriter, query: str) -> None:
    search = replace(SEARCH, request=SearchRequest(query))
    alert = confirmed(store, search=search)
    hit = replace(HIT, title=query, url="https://a\r\nb/")
    for email in (
        writer.confirmation(alert, search, NOW), writer.news(alert, search, News(1, (hit,)), NOW),
    ):  # fmt: skip
        names = re.findall(rb"^([\w-]+):", email.as_bytes().split(b"\r\n\r\n", 1)[0], re.M)
        assert sorted(names) == sorted({each.encode() for each in email})
        assert b"Bcc" not in names


@pytest.mark.parametrize(
    "advertised", ["vaata http://a.ee", "www kasiino", "kasiino.ee", "tel 5551234", "a@b"]
)
def test_a_confirmation_advertises_nothing(
    store: AlertStore, writer: AlertEmailWriter, advertised: str
) -> None:
    search = replace(SEARCH, request=SearchRequest(advertised))
    email = writer.confirmation(confirmed(store, search=search), search, NOW)
    assert email["Subject"] == "Kinnitage tellimus: Klastri otsing"
    assert advertised not in email.as_string()
    named = writer.confirmation(confirmed(store), SEARCH, NOW)
    assert named["Subject"] == "Kinnitage tellimus: puiduklaster"
    assert "List-Unsubscribe" not in named
