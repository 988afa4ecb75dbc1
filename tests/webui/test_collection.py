"""Chosen articles: a page that works by its address alone, and takes everything along."""

import io
import json
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from page_reader import Page

from search.configuration import Configuration
from search.service import SearchService
from webui import create_app
from webui.addresses.short_codes import article_code
from webui.exports.collection import LONGEST_MAIL, MOST_CHOSEN

IDS = ("biowaste-study-tour", "2009-10-06-saepuru-ei-ole-prugi")
CODES = ".".join(map(article_code, IDS))
Read = Callable[..., Page]


def titles(page: Page) -> list[str]:
    return [each.text for each in page.all("h3") if each.inside("ol")]


def test_the_address_names_the_articles_and_their_order(read: Read) -> None:
    page, reversed_page = (
        read(f"/valitud?id={CODES}"),
        read("/valitud?id=" + ".".join(reversed(CODES.split(".")))),
    )
    assert len(titles(page)) == 2
    assert titles(reversed_page) == titles(page)[::-1]
    links = [each["href"] for each in page.all("a") if each.inside("h3")]
    assert links == [f"/article/{each}" for each in IDS]
    assert page.one("h1").text == "Valitud artiklid"


def test_however_codes_are_kept_apart(read: Read) -> None:
    first, second = CODES.split(".")
    shown = titles(read(f"/valitud?id={CODES}"))
    for address in (
        f"id={first}&id={second}",
        f"id={first},{second}.{first}",
        f"id={first.upper()}+{second}",
    ):
        assert titles(read(f"/valitud?{address}")) == shown


def test_one_is_taken_out_by_a_button(read: Read, client: FlaskClient) -> None:
    page = read(f"/valitud?id={CODES}&lang=en")
    away = page.all("button", name="without")
    assert [each.text.partition(":")[0] for each in away] == ["Remove", "Remove"]
    assert {each["form"] for each in away} == {page.one("form", action="/valitud")["id"]}
    first, second = CODES.split(".")
    assert [each["value"] for each in away] == [first, second]
    answer = client.get(f"/valitud?id={CODES}&lang=en&without={first}")
    assert answer.location == f"/valitud?id={second}&lang=en"
    answer = client.get(f"/valitud?id={second}&without={second}")
    assert answer.location == "/valitud"


def test_what_is_no_longer_there_is_counted(read: Read) -> None:
    page = read(f"/valitud?id={CODES}.00000000.x")
    assert len(titles(page)) == 2
    assert "2 valitud artiklit ei ole enam kogus" in page.one("main").text
    assert page.one("input", name="id")["value"] == CODES
    assert "1 valitud artiklit ei ole enam kogus" in read("/valitud?id=00000000").one("main").text


def test_nothing_chosen_says_how_to_choose(read: Read) -> None:
    assert "Märkige artiklid" in read("/valitud").one("main").text


def test_no_more_than_can_be_chosen(client: FlaskClient) -> None:
    most = ".".join(f"{number:08d}" for number in range(MOST_CHOSEN))
    assert client.get(f"/valitud?id={most}").status_code == 200
    refused = client.get(f"/valitud?id={most}.99999999")
    assert refused.status_code == 400
    assert "100" in refused.text
    assert client.get(f"/valitud.csv?id={most}.99999999").status_code == 400


@pytest.mark.parametrize("form", ["xlsx", "csv", "bib", "ris", "csl.json", "json"])
def test_every_file_holds_the_chosen_articles(client: FlaskClient, form: str) -> None:
    page = Page(client.get(f"/valitud?id={CODES}").text)
    button = page.one("button", formaction=f"/valitud.{form}")
    assert button["form"] == page.one("form", action="/valitud")["id"]
    answer = client.get(
        button["formaction"], query_string={"id": page.one("input", name="id")["value"]}
    )
    expected = f'attachment; filename="valitud-artiklid.{form}"'
    assert answer.headers["Content-Disposition"] == expected
    if form == "xlsx":
        sheet, about = load_workbook(io.BytesIO(answer.data)).worksheets
        told = [each[0].value for each in sheet.iter_rows(min_row=2)]
        assert about.max_row == 4
    elif form == "json":
        told = [each["title"] for each in json.loads(answer.text)["hits"]]
    else:
        told = sorted(titles(page), key=answer.text.index)
    assert told == titles(page)


def mail(page: Page) -> tuple[str, str]:
    """Subject and body of the e-mail that the page offers; its address is bounded."""
    (link,) = (each["href"] for each in page.all("a") if each["href"].startswith("mailto:"))
    assert len(link) <= LONGEST_MAIL
    assert "\n" not in link
    said = parse_qs(urlsplit(link).query, strict_parsing=True)
    return said["subject"][0], said["body"][0]


def test_the_email_has_titles_and_links(read: Read) -> None:
    page = read(f"/valitud?id={CODES}")
    subject, body = mail(page)
    assert subject == "2 artiklit"
    blocks = body.split("\r\n\r\n")
    assert blocks[0] == f"http://localhost/valitud?id={CODES}"
    for block, title, code in zip(blocks[1:], titles(page), CODES.split("."), strict=True):
        told, link = block.split("\r\n")
        assert told.startswith(title)
        assert link == f"http://localhost/a/{code}"


def test_an_email_is_never_too_long(client: FlaskClient, service: SearchService) -> None:
    codes = [article_code(each) for each in service.article_ids()]
    for count in (10, 25, len(codes)):
        page = Page(client.get("/valitud?id=" + ".".join(codes[:count])).text)
        _, body = mail(page)
        told = body.count("/a/")
        assert f"… ja veel {count - told} artik" in unquote(body) or told == count


def test_the_longest_list_is_a_small_page(client: FlaskClient, service: SearchService) -> None:
    codes = [article_code(each) for each in service.article_ids()]
    few, many = (client.get("/valitud?id=" + ".".join(some)).data for some in (codes[:1], codes))
    each = (len(many) - len(few)) / (len(codes) - 1)
    assert len(few) + each * MOST_CHOSEN < 58_000


def test_a_list_is_shared_under_the_address_of_the_site(service: SearchService) -> None:
    configuration = Configuration(base_url="https://otsing.example", prefix="/u")
    client = create_app(service, configuration).test_client()
    page = Page(client.get(f"/u/valitud?id={CODES}&lang=en").text)
    link = page.one("a", id="list-link")
    assert link["href"] == f"/u/valitud?id={CODES}"
    assert link.text == "https://otsing.example" + link["href"]
    assert mail(page)[1].startswith(link.text)


def test_hits_and_articles_carry_their_codes(read: Read) -> None:
    page = read("/?q=saepuru")
    hits = [each for each in page.all("li") if "hit" in each.classes]
    assert article_code(IDS[1]) in [each["data-code"] for each in hits]
    assert page.one("nav", id="chosen").get("hidden") is not None
    box = read(f"/article/{IDS[1]}").one("input", value=article_code(IDS[1]))
    assert "is-off" in box.parents[-1].classes


def test_an_article_is_cited_as_text(read: Read, client: FlaskClient) -> None:
    page = read("/article/2009-10-06-saepuru-ei-ole-prugi")
    title = page.one("h1").text
    first, second = (each.text for each in page.all("cite"))
    ended = title if title[-1] in ".!?" else f"{title}."
    assert first.startswith(f"{ended} (2009, 6. oktoober). ")
    assert second.startswith(f"„{title}“, ")
    assert "6. oktoober 2009. " in second
    english = Page(client.get("/article/2009-10-06-saepuru-ei-ole-prugi?lang=en").text)
    assert "(2009, October 6)" in english.all("cite")[0].text
    assert page.one("a", id="short-link")["href"] == f"/a/{article_code(IDS[1])}"
