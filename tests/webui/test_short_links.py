"""Short links: the same for ever, for every article and search, and to nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import pytest
from answers import ScriptedService
from flask.testing import FlaskClient
from page_reader import Page
from werkzeug.datastructures import MultiDict

from search.configuration import Configuration
from search.errors import ShortLinkUnknown
from search.results import Hit
from search.service import SearchService
from webui import create_app
from webui.addresses.parameters import SearchState
from webui.addresses.short_codes import article_code, search_code, search_parameters

ARTICLE = "2009-10-06-saepuru-ei-ole-prugi"


def test_links_that_were_given_stay_what_they_are() -> None:
    """A change of any of these breaks links that people have kept."""
    assert article_code(ARTICLE) == "ea0qs5ft"
    assert article_code("õun/2016") == "fz3ecczz"
    assert search_parameters("4akrBJtQcHjb4W1FqQA") == (("q", "rohepööre"),)
    assert search_parameters("iu0rtIWKKYQdnuqpkJOZWYLTZJihZgA") == (
        ("q", "klaster VÕI liit"),
        ("focus", "rohe-ringmajandus"),
        ("year", "2016"),
    )


def test_every_article_has_a_link_of_its_own(client: FlaskClient, service: SearchService) -> None:
    ids = service.article_ids()
    codes = [article_code(each) for each in ids]
    assert len(set(codes)) == len(ids)
    for code, each in zip(codes, ids, strict=True):
        answer = client.get(f"/a/{code}")
        assert (answer.status_code, answer.location) == (302, f"/article/{each}")


def test_a_code_may_be_read_out(client: FlaskClient, service: SearchService) -> None:
    code = next(each for each in map(article_code, service.article_ids()) if set("01") & set(each))
    spelt = code.upper().replace("0", "O").replace("1", "I")
    plain = client.get(f"/a/{code}").location
    assert client.get(f"/a/{spelt}?lang=en").location == f"{plain}?lang=en"


@pytest.mark.parametrize("code", ["00000000", "x", "ea0qs5f", "ö", "a/b", "%00", "ea0qs5ft.bib"])
def test_an_unknown_code_is_said_to_be_one(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/a/{code}")
    assert answer.status_code == 404
    assert Page(answer.text).one("h1").text == "Lehte ei leitud"


@dataclass
class Clashing(ScriptedService):
    """Has two articles whose codes are made to be the same, and changes its generation."""

    ids: tuple[str, ...] = ("a",)

    def article_ids(self) -> tuple[str, ...]:
        return self.ids

    def generation(self) -> str:
        return " ".join(self.ids)

    def articles(self, ids: object) -> tuple[Hit, ...]:
        del ids
        return ()


def test_two_articles_with_one_code_are_both_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Clashing()
    client = create_app(service, Configuration(prefix="/u")).test_client()  # type: ignore[arg-type]
    monkeypatch.setattr("webui.addresses.short_codes.article_code", lambda _: "7aaaaaaa")
    assert client.get("/u/a/7aaaaaaa").location == "/u/article/a"
    service.ids = ("a", "b")
    assert client.get("/u/a/7aaaaaaa").location == "/u/valitud?id=7aaaaaaa"


SEARCHES = [
    (("q", "rohepööre"),),
    (("q", "klaster VÕI liit"), ("focus", "rohe-ringmajandus"), ("not_year", "2016")),
    (("org", "Rohemajanduse Klaster"), ("org", "EAS"), ("sort", "oldest")),
    (("q", '"roheline majandus" -prügi = & + %'),),
]


@pytest.mark.parametrize("search", SEARCHES, ids=range(len(SEARCHES)))
def test_a_search_is_found_again(client: FlaskClient, search: tuple[tuple[str, str], ...]) -> None:
    page = Page(client.get("/", query_string=MultiDict(search)).text)
    link = page.one("a", id="short-link")["href"]
    assert link.startswith("/s/")
    answer = client.get(link)
    assert answer.status_code == 302
    assert urlsplit(answer.location).path == "/"
    assert tuple(parse_qsl(urlsplit(answer.location).query)) == search
    assert Page(client.get(answer.location).text).one("a", id="short-link")["href"] == link


def test_a_short_link_is_short(client: FlaskClient) -> None:
    address = "/?q=rohepööre&focus=rohe-ringmajandus&org=Rohemajanduse+Klaster&sort=newest"
    link = Page(client.get(address).text).one("a", id="short-link")["href"]
    assert len(link) < 60
    long = Page(client.get("/", query_string={"q": "".join(map(chr, range(200, 700)))}).text)
    assert not long.all("a", id="short-link")
    assert not Page(client.get("/").text).all("a", id="short-link")


@pytest.mark.parametrize(
    "code", ["", "A", "AAAA", "ö", "_" * 300, search_code([("q", "klaster")]) + "AAAA"]
)
def test_what_is_no_search_is_said_to_be_none(client: FlaskClient, code: str) -> None:
    assert client.get(f"/s/{code}").status_code == 404


def test_a_code_never_swells() -> None:
    with pytest.raises(ShortLinkUnknown):
        search_parameters(search_code([("q", "a" * 20_000)]))


def test_links_are_whole_where_the_site_knows_its_address(
    scripted: Callable[..., FlaskClient],
) -> None:
    client = scripted(Configuration(base_url="https://otsing.example", prefix="/u"))
    link = Page(client.get("/u/?q=a").text).one("a", id="short-link")
    assert link.text == "https://otsing.example" + link["href"]


def test_states_give_the_same_links() -> None:
    state = SearchState.at_start("/u/")
    assert state.short_article_url(ARTICLE) == "/u/a/ea0qs5ft"
    assert state.collection_url() == "/u/valitud"
    english = state.in_language("en")
    assert english.collection_url(["a", "b"]) == "/u/valitud?id=a.b&lang=en"
