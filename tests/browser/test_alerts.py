"""A reader orders a search, confirms, gets one e-mail with what is new, and stops it."""

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from command_line import NEWS
from live import run_program, serving
from mail_server import Mailboxes, mail_server
from playwright.sync_api import Browser, Page, expect
from site_pages import PHONE

from indexer.factory import dispatcher, service
from search.configuration import load_configuration

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenPage = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 900}
TELLER = "Puiduklaster avas töökoja\n\nUues töökojas õpitakse puusepaks.\n"


@pytest.fixture(scope="module")
def boxes() -> Iterator[Mailboxes]:
    with mail_server() as found:
        yield found


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    boxes: Mailboxes,
    settings_file: Callable[..., Path],
) -> Path:
    """News, their index, and settings with a mail server."""
    made = tmp_path_factory.mktemp("alerts")
    for name, text in NEWS.items():
        file = made / "uudised" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    settings_file(
        made,
        'index = "index"\nsources = ["uudised"]\ndefaults = false',
        'base_url = "https://uudised.naide.ee"\n[smtp]\nhost = "127.0.0.1"',
        f'port = {boxes.port}\nsecurity = "none"\nsender = "otsing@naide.ee"',
    )
    run_program("reindex", "--config", str(made / "klastriotsing.toml"))
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where ``klastriotsing serve`` answers with these settings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLASTRIOTSING_CONFIG", str(folder / "klastriotsing.toml"))
        with serving(folder / "index") as found:
            yield found


def send(folder: Path, days: int) -> None:
    """What cron does, after so many days."""
    configuration = load_configuration(folder / "klastriotsing.toml", {})
    now = datetime.now(UTC) + timedelta(days=days)
    with contextlib.closing(service(configuration)) as answering:
        assert not dispatcher(configuration, answering, {}, lambda: now).run().problem


def follow(page: Page, email: EmailMessage, label: str) -> None:
    """Opens the link that the HTML of an e-mail calls ``label``."""
    body = email.get_body(("html",))
    assert body is not None
    link = re.search(rf'href="https://[^/]+(/[^"]+)">(?:<strong>)?{label}', body.get_content())
    assert link
    page.goto(link[1])


def check(page: Page) -> None:
    """Nothing that axe finds, nothing beside the screen."""
    violations = Axe().run(page).response["violations"]
    assert not [f"{each['id']}: {each['help']}" for each in violations]
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("size", "theme", "own_scripts", "reader", "place"),
    [
        (DESKTOP, "light", True, "mari@naide.ee", "/?q=puiduklaster"),
        (PHONE, "dark", False, "jaan@naide.ee", "/organisatsioonid/vorumaa-puiduklaster"),
    ],
    ids=["desktop", "phone-dark-no-scripts"],
)
def test_an_alert_is_ordered_confirmed_sent_once_and_stopped(
    visit: OpenPage,
    folder: Path,
    boxes: Mailboxes,
    size: dict[str, int],
    theme: str,
    own_scripts: bool,
    reader: str,
    place: str,
) -> None:
    page = visit(place, color_scheme=theme, own_scripts=own_scripts, **size)
    page.get_by_text("Telli see otsing", exact=True).click()
    check(page)
    page.get_by_label("E-posti aadress").fill(reader)
    page.get_by_label("kord nädalas").check()
    page.get_by_role("button", name="Telli", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vaadake oma postkasti")
    check(page)
    send(folder, 0)
    (asked,) = boxes.of(reader)
    follow(page, asked, "Kinnita tellimus")
    check(page)
    page.get_by_role("button", name="Kinnita", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tellimus on kinnitatud")

    (folder / f"uudised/{reader}.txt").write_text(
        f"---\norganisations: [Võrumaa Puiduklaster]\n---\n{TELLER}{reader.partition('@')[0]}\n"
    )
    run_program("index", "--config", str(folder / "klastriotsing.toml"))
    send(folder, 7)
    send(folder, 7)
    _, email = boxes.of(reader)
    assert email["Subject"].startswith("1 uus artikkel: ")
    follow(page, email, "Puiduklaster avas töökoja")
    expect(page.get_by_role("heading", level=1)).to_have_text("Puiduklaster avas töökoja")
    follow(page, email, "Lõpeta see tellimus")
    expect(page.get_by_role("button", name="Kustuta mu aadress")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Lõpeta see tellimus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tellimus on lõpetatud")
    check(page)
    send(folder, 14)
    assert len(boxes.of(reader)) == 2


def order(page: Page, folder: Path, boxes: Mailboxes, reader: str, query: str) -> EmailMessage:
    """Orders a search and confirms it; returns the e-mail that asked for that."""
    page.goto(f"/tellimus?q={query}")
    page.get_by_label("E-posti aadress").fill(reader)
    page.get_by_role("button", name="Telli", exact=True).click()
    send(folder, 0)
    asked = boxes.of(reader)[-1]
    follow(page, asked, "Kinnita tellimus")
    page.get_by_role("button", name="Kinnita", exact=True).click()
    expect(page.get_by_text(f"„{query}“: kuni üks kiri päevas")).to_be_visible()
    check(page)
    return asked


def test_one_click_of_a_mail_program_stops_an_alert(
    visit: OpenPage, browser: Browser, folder: Path, boxes: Mailboxes, address: str
) -> None:
    page = visit("/", **PHONE)
    order(page, folder, boxes, "anu@naide.ee", "puusepp")
    news = folder / "uudised/anu.txt"
    news.write_text("Puusepp otsib selli\n\nPuusepa töökoda kolib linna.\n", encoding="utf-8")
    run_program("index", "--config", str(folder / "klastriotsing.toml"))
    send(folder, 1)
    email = boxes.of("anu@naide.ee")[-1]
    link = re.search("<https://[^/]+(/.+)>", email["List-Unsubscribe"])
    assert link
    # The program posts by itself, and shows nothing of the answer.
    answer = page.request.post(link[1], form={"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    with contextlib.closing(browser.new_context(base_url=address, locale="et-EE")) as context:
        page = context.new_page()
        follow(page, email, "Lõpeta see tellimus")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sellist tellimust ei ole")
        expect(page.get_by_text("Selle järgi kirju ei saadeta.")).to_be_visible()
        check(page)


def test_an_address_is_deleted_on_request(
    visit: OpenPage, browser: Browser, folder: Path, boxes: Mailboxes, address: str
) -> None:
    page = visit("/")
    asked = order(page, folder, boxes, "ott@naide.ee", "puit")
    follow(page, asked, "Kustuta mu aadress")
    check(page)
    page.get_by_role("button", name="Kustuta mu aadress").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aadress on kustutatud")
    expect(page.get_by_text("Lõpetati 1 tellimus.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Vaata uusimaid artikleid").click()
    expect(page.get_by_role("heading", name="Uusimad artiklid")).to_be_visible()
    with contextlib.closing(browser.new_context(base_url=address, locale="et-EE")) as context:
        page = context.new_page()
        for label in ("Kustuta mu aadress", "Kinnita tellimus"):
            follow(page, asked, label)
            expect(page.get_by_role("heading", level=1)).to_have_text("Sellist tellimust ei ole")


def test_a_wrong_address_is_told_beside_the_field(browser: Browser, address: str) -> None:
    """By keyboard; the browser itself lets this address pass."""
    with contextlib.closing(browser.new_context(locale="et-EE", viewport=PHONE)) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}/tellimus?q=puit")
        field = page.get_by_label("E-posti aadress")
        field.fill("mari@naide")
        field.press("Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Telli", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(field).to_have_accessible_description(re.compile("ei saa kirja saata"))
        expect(field).to_have_value("mari@naide")
        expect(page.get_by_label("kord nädalas")).to_be_checked()
        check(page)
