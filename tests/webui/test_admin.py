"""The operator's view: what it shows, and that the public site has nothing of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from answers import RESULTS, ScriptedService
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.engines.contract import GenerationFacts
from search.errors import BadFrontMatter, EmptyDocument, IndexDamaged, NoIndex, ReviewFailed
from search.index_status import GenerationStatus, IndexStatus
from search.request import SearchRequest
from search.review import Review, Reviewed, ReviewEntry, ReviewList
from search.run_record import RunRecord
from search.service import SearchService
from webui import AdminContext, Metrics, create_admin_app, create_app
from webui.operating.metrics import MOST_QUERIES


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def public(service: SearchService, metrics: Metrics) -> FlaskClient:
    return create_app(service, Configuration(), metrics).test_client()


NO_LISTS = Reviewed("", None, is_pending=False)
ARTICLE = "2009-10-06-saepuru-ei-ole-prugi"
LISTS = Reviewed(
    "gen-000001",
    Review(
        (
            ReviewList(
                "articles",
                "Articles without a year or a focus area",
                "overrides",
                "under “articles:”",
                (
                    ReviewEntry(
                        f"  {ARTICLE}: {{year: unknown}}", "", {"id": ARTICLE, "title": "Pealkiri"}
                    ),
                ),
                70,
            ),
            ReviewList(
                "same",
                "Organisations that may be one",
                "overrides",
                "under “organisations: rename:”",
                (
                    ReviewEntry(
                        "    EPL: Liit", "", {"names": ["EPL", "Liit"], "reason": "initials"}
                    ),
                ),
                1,
            ),
            ReviewList(
                "misspelt",
                "Words that may be misspelt",
                "synonyms",
                "",
                (
                    ReviewEntry(
                        "puitt = puit", "", {"word": "puitt", "articles": 2, "example": ARTICLE}
                    ),
                ),
                1,
            ),
            ReviewList("words", "Words that the lexicon does not know", "taxonomy", "", (), 0),
        )
    ),
    is_pending=True,
)


def generation(name: str, articles: int) -> GenerationStatus:
    """The live generation, of 1.5 MB."""
    built = "2026-11-24T12:00:00+00:00"
    facts = GenerationFacts(name, articles, built, 1_500_000, ("uudised",), "f")
    return GenerationStatus(name, True, facts)


RECORD = RunRecord(
    started="2026-11-24T12:00:00+00:00",
    seconds=12.34,
    added=12345,
    updated=2,
    unchanged=3,
    removed=4,
    articles=12350,
    failed=75,
    errors=(
        EmptyDocument(file="uudised/<tühi>.txt"),
        BadFrontMatter(file="a.txt", line=2, problem="unknown key “x”", remedy="Known keys: id"),
        *(EmptyDocument(file=f"{number}.txt") for number in range(73)),
    ),
    noted=1,
    notes=("o.yaml: there is no article “puudub”",),
)


@pytest.fixture
def operate(service: SearchService, metrics: Metrics) -> Callable[..., FlaskClient]:
    """The operator's view with these lists and what is seen of the index; that of the examples."""

    def make(reviewed: Reviewed = NO_LISTS, seen: IndexStatus | None = None) -> FlaskClient:
        class Seen(ScriptedService):
            def statistics(self) -> object:
                return service.statistics()

            def index_status(self) -> IndexStatus:
                assert seen
                return seen

        answering = Seen() if seen else service
        context = AdminContext(lambda: reviewed)
        return create_admin_app(answering, Configuration(), metrics, context).test_client()  # type: ignore[arg-type]

    return make


@pytest.fixture
def operator(operate: Callable[..., FlaskClient]) -> FlaskClient:
    return operate()


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
    top, empty = page.split("Päringud, mis ei leidnud midagi")
    assert ">klaster</a>" in top
    assert ">xyzzyq</a>" in empty.split("Päringud, mis leidsid ainult osa")[0]
    assert ">klaster</a>" not in empty


def test_every_link_of_the_view_leads_somewhere(
    operate: Callable[..., FlaskClient], public: FlaskClient
) -> None:
    operator = operate(LISTS)
    for path in ("/admin", "/admin/review"):
        for link in Page(operator.get(path).text).all("a"):
            address = link["href"]
            client = public if address.startswith(("/article/", "/?")) else operator
            assert address.startswith("#") or client.get(address).status_code == 200, address


def test_the_run_that_made_the_index_is_told(operator: FlaskClient) -> None:
    run = operator.get("/admin").text.split("Viimane indeksit muutnud käivitus")[1]
    told = [
        each.text
        for each in Page(f"<table{run.split('<table')[1].split('</table>')[0]}</table>").all("td")
    ]
    assert told[2:] == ["66", "0", "0", "0", "0"]
    assert "Ebaõnnestunud failid" not in run


def test_what_failed_is_named_and_long_lists_say_that_they_are_cut(
    operate: Callable[..., FlaskClient],
) -> None:
    facts = (generation("gen-000002", 12350),)
    page = operate(seen=IndexStatus(facts, RECORD)).get("/admin").text
    assert "12 345" in page.replace("\u00a0", " ")
    assert "12,3 sek" in page.replace("\u00a0", " ")
    assert "24. november 2026" in page
    assert "uudised/&lt;tühi&gt;.txt: tekst puudub. Kirjutage pealkiri" in page
    assert "a.txt: rida 2: unknown key “x”" in page
    assert "Veel 25 on siin loetlemata." in page
    assert "o.yaml: there is no article “puudub”" in page


def test_generations_are_listed_also_one_that_cannot_be_read(
    operate: Callable[..., FlaskClient],
) -> None:
    seen = IndexStatus(
        (
            GenerationStatus("gen-000003", False, None),
            generation("gen-000002", 1234),
        ),
        None,
    )
    page = operate(seen=seen).get("/admin").text
    assert "gen-000003: ei saa lugeda" in page
    text = page.replace("\u00a0", " ")
    assert "gen-000002 (kehtiv): 24. november 2026" in text
    assert "1 234 artiklit, 1,5 MB" in text
    assert "Selle põlvkonna juures ei ole kirjas" in page


def test_a_record_that_cannot_be_read_is_one_line(operate: Callable[..., FlaskClient]) -> None:
    problem = IndexDamaged(index="index", reason="gen-000002/report.json: mauled")
    facts = (generation("gen-000002", 1),)
    response = operate(seen=IndexStatus(facts, None, problem)).get("/admin")
    assert response.status_code == 200
    assert "rikutud (gen-000002/report.json: mauled)" in response.text


def test_the_review_lists_lead_to_the_articles(
    operate: Callable[..., FlaskClient], metrics: Metrics, service: SearchService
) -> None:
    page = Page(operate(LISTS).get("/admin/review").text)
    assert page.link("Pealkiri")["href"] == f"/article/{ARTICLE}"
    assert page.link(ARTICLE)["href"] == f"/article/{ARTICLE}"
    text = page.one("main").text
    assert "Aasta või valdkonnata artiklid" in text
    assert "1 esimest, kokku 70. Read faili „overrides“, võtme „articles:“ alla:" in text
    assert "lühem on kokku pandud algustähtedest" in text
    assert [each.text for each in page.all("td")][:2] == ["", "Pealkiri"]
    assert "Sõnad, mida leksikon ei tunne Selliseid pole." in text
    assert "Kehtiva põlvkonna loendeid tehakse" in text
    elsewhere = AdminContext(lambda: LISTS, "https://uudised.example/otsing/")
    client = create_admin_app(service, Configuration(), metrics, elsewhere).test_client()
    link = Page(client.get("/admin/review").text).link("Pealkiri")
    assert link["href"] == f"https://uudised.example/otsing/article/{ARTICLE}"


def test_without_lists_the_page_says_why(operate: Callable[..., FlaskClient]) -> None:
    assert "Midagi ei ole veel indeksis." in operate().get("/admin/review").text
    failed = Reviewed("", None, is_pending=False, problem=ReviewFailed(status=-9))
    assert "Loendeid ei saanud teha (väljumisolek -9)" in operate(failed).get("/admin/review").text
    pending = Reviewed("", None, is_pending=True)
    page = Page(operate(pending).get("/admin/review?lang=en").text)
    assert page.link("Look again")["href"] == "/admin/review"


def test_the_view_is_english_for_who_asks_so(operate: Callable[..., FlaskClient]) -> None:
    operator = operate(LISTS)
    assert "The last run that changed the index" in operator.get("/admin?lang=en").text
    assert "Organisations that may be one" in operator.get("/admin/review?lang=en").text


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
    metrics = Metrics(keeps_queries=False)
    create_app(service, Configuration(), metrics).test_client().get("/?q=klaster")
    context = AdminContext(lambda: NO_LISTS)
    client = create_admin_app(service, Configuration(), metrics, context).test_client()
    page = client.get("/admin").text
    assert "klaster</td>" not in page
    assert "keep_queries" in page


def test_without_an_index_both_say_so(metrics: Metrics) -> None:
    class Empty(ScriptedService):
        def statistics(self) -> None:
            raise NoIndex(index="index")

        def index_status(self) -> IndexStatus:
            return IndexStatus((), None)

    service, context = Empty(error=NoIndex(index="index")), AdminContext(lambda: NO_LISTS)
    client = create_admin_app(service, Configuration(), metrics, context).test_client()  # type: ignore[arg-type]
    assert "klastriotsing reindex KAUST" in client.get("/admin").text
    assert "klastriotsing_ready 0.0" in client.get("/metrics").text


def test_only_so_many_queries_are_remembered(metrics: Metrics) -> None:
    for number in range(MOST_QUERIES + 5):
        metrics.note(replace(RESULTS, request=SearchRequest(f"sõna{number}")))
    assert len(metrics.asked()) == MOST_QUERIES
