"""Text as people and programs write it: what comes in odd is found, shown and said as it should.

The rows of ``MEETINGS`` are asked of one index of real files, read and indexed as ``reindex`` does
it; ``\\N`` and ``\\u`` escapes stand for what cannot be seen.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from enriching import ArticleEnricher
from news import ask, full, service_over

from indexer.extract import Gazetteer, Overrides
from indexer.factory import index_of, pipeline
from indexer.sources import open_source, read_files
from search.analysis import Analyzer
from search.article import Article
from search.configuration import Configuration
from search.query import QueryParser
from search.query.ast import Word
from search.query.synonyms import SynonymFile
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

#: Files by name. Each has words of its own, so that a query finds what it should and nothing else.
FILES = {
    "heide": "Heide\n\nTehase CO₂-heide vähenes ja laoala kasvas 37 m² võrra, saun 9㎡.",
    "ligatuur": "Lugu\n\nUus ﬁlmitööstus ja graaﬁk, ｔäislaius 𝐩𝐚𝐤𝐬 kiri.",
    "kümnendik": "Kasvulugu\n\nKasv oli 3,7-kordne, tuulepark on 12,6MW ja mahuti 8.4 tonni.",
    "vahemik": "Toetuse piirid\n\nToetus on 21 000–31 000 eurot, osalus 41 000-51 000 eurot, "
    "hind 1.300.000,50 € ja vanus 61–71.",
    "protsent": "Osakaal\n\nOsakaal on 83%, trahv 1 400 eurot aastas, töö käib 24/7.",
    "leht": "Vormivahetus\n\nEsimese lehe viimane hobusepuu\fTeise lehe esimene kastanimuna.",
    "rida": "Reavahetus\n\nRida üks tulbisibul\vRida kaks nartsissi\u2028peenar\x85vagu.",
    "paar": "Kohad\n\nPõhja\u2011 ja Kesk\u2011Eesti vald, kapsa– ja porgandipõld, e–pood ja "
    "IT–ettevõte, Loode–Eesti ja Kagu\u2212Eesti tee, Tapa–Türi raudtee.",
    "rõhk": "Новости города\n\nСтарый за́мок и ёлка открыли в городе. Это было хорошо для всех.",
    "nähtamatu": "Tuul\n\nUus tuule\u00adve\u200bski ja vesi\ufeffratas, pa\u2060em&shy;koht "
    "&otilde;ues.",
    "lahus": "Märgid\n\nKu\u0308lmutatud s\u030coti z\u030canr ja o\u0303unakook.",
    "ülakoma": "Nimed\n\nToetas EAS´i ja KIK’i projekti, saatis Merko`le kirja.",
    "segu": "Segu\n\nLinn Тaрtuvere ja Võhmalinn said auhinna №7 eest.",
    "puit": "Puidumess avas uksed\n\nRobotid saagisid puitu. Klaasikoda jäi kinni.",
    "klaas": "Klaasimess lõppes\n\nAndurid mõõtsid klaasi paksust.",
    "ees": '---\ntitle: "Pea\\u00adtükk, o\\u0303unamahl ja m\\x07üra"\n---\nLause siin.',
    "pilt": "Pildid\n\nHea 👩\u200d💻 emotikon ❤️ ja märk™ ning uuring² lõppes, võimsus 5 kW·h.",
    "murd": "Murrud\n\nVarras oli 2½ jalga pikk.",
}

MEETINGS = [
    # decomposed letters, as macOS has them
    ("ku\u0308lmutatud", "lahus"),
    ("=ku\u0308lmutatud", "lahus"),
    ('"ku\u0308lmutatud s\u030coti"', "lahus"),
    ("ku\u0308lmu*", "lahus"),
    ("külmutatud žanr", "lahus"),
    ("pealkiri:ma\u0308rgid", "lahus"),
    # compatibility characters
    ("CO2-heide", "heide"),
    ("CO₂-heide", "heide"),
    ("37 m2", "heide"),
    ("37 m²", "heide"),
    ("37m2", "heide"),
    ("9 m2", "heide"),
    ("filmitööstus", "ligatuur"),
    ("graaﬁk", "ligatuur"),
    ("täislaius", "ligatuur"),
    ("paks kiri", "ligatuur"),
    ("ＣＯ２", "heide"),
    ("2 1/2 jalga", "murd"),
    ("2½", "murd"),
    # numbers
    ("3,7", "kümnendik"),
    ("3.7", "kümnendik"),
    ("3,7-kordne", "kümnendik"),
    ("12,6", "kümnendik"),
    ("12,6 MW", "kümnendik"),
    ("12,6MW", "kümnendik"),
    ("8,4", "kümnendik"),
    ("3", None),
    ("12", None),
    ("21 000–31 000", "vahemik"),
    ("41 000-51 000 eurot", "vahemik"),
    ("41\u00a0000\u201251\u00a0000 eurot", "vahemik"),
    ("21000", "vahemik"),
    ("1 300 000,50", "vahemik"),
    ("1300000,50 €", "vahemik"),
    ("61-71", "vahemik"),
    ("61−71", "vahemik"),
    ("83 %", "protsent"),
    ("83 protsenti", "protsent"),
    ("1\u202f400 €", "protsent"),
    ("1.400 eurot", "protsent"),
    ("24/7", "protsent"),
    # breaks and what is unseen
    ("=hobusepuu", "leht"),
    ('"viimane hobusepuu"', "leht"),
    ("=tulbisibul", "rida"),
    ("=nartsissi", "rida"),
    ("=peenar", "rida"),
    ("=vagu", "rida"),
    ("tuuleveski", "nähtamatu"),
    ("=tuule\u00adveski", "nähtamatu"),
    ('="tuule\u200bveski"', "nähtamatu"),
    ('"tuule\u00adveski"', "nähtamatu"),
    ("vesiratas", "nähtamatu"),
    ("=paemkoht", "nähtamatu"),
    ("õues", "nähtamatu"),
    ("peatükk", "ees"),
    ("pealkiri:õunamahl", "ees"),
    ("=müra", "ees"),
    # hyphens, dashes, apostrophes
    ("Põhja-Eesti", "paar"),
    ("Kesk‐Eesti", "paar"),
    ("kapsapõld", "paar"),
    ("Loode-Eesti", "paar"),
    ("Kagu-Eesti", "paar"),
    ("=Türi", "paar"),
    ("e-pood", "paar"),
    ("IT-ettevõte", "paar"),
    ("EAS", "ülakoma"),
    ("KIK", "ülakoma"),
    ("EASʼi", "ülakoma"),
    ("Merko'le", "ülakoma"),
    # other scripts
    ("замок", "rõhk"),
    ("за́мок", "rõhk"),
    ("елка", "rõhk"),
    ("Tartuvere", "segu"),
    ("nr 7", "segu"),
    ("№ 7", "segu"),
    # signs that are no letters
    ("=märk", "pilt"),
    ("uuring", "pilt"),
    ("kWh", "pilt"),
    ("emotikon", "pilt"),
    # operators
    ("mess –klaas", None),
    ("pealkiri:(puidumess VÕI klaasimess) saagima", "puit"),
    ("pealkiri:(puidumess OR klaasimess) mõõtma", "klaas"),
    ("pealkiri:(mess -klaas)", "puit"),
    ("pealkiri:(mess EI klaas)", "puit"),
    ("pealkiri:(mess −klaas)", "puit"),
    ("pealkiri:(mess (klaas VÕI kala))", "klaas"),
    ("-pealkiri:(klaas VÕI puit) robot", None),
]


def index_files(folder: Path, files: dict[str, str]) -> tuple[Path, list[str]]:
    """An index of files by name, and what its report says of them."""
    source = folder / "uudised"
    source.mkdir(parents=True)
    for name, text in files.items():
        (source / f"{name}.txt").write_bytes(text.encode())
    configuration = Configuration(index=folder / "index")
    report = pipeline(configuration).reindex(index_of(configuration), [source])
    return configuration.index, [*map(str, report.errors), *report.notes]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Iterator[SearchService]:
    index, said = index_files(tmp_path_factory.mktemp("text-forms"), FILES)
    assert not said
    service = service_over(index, analyzer)
    yield service
    service.close()


@pytest.mark.parametrize(("query", "expected"), MEETINGS)
def test_odd_text_and_plain_query_meet(
    texts: SearchService, query: str, expected: str | None
) -> None:
    found = ask(texts, query)
    assert full(found) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("co2-heide", "CO₂-heide"),
        ("filmitööstus", "ﬁlmitööstus"),
        ("замок", "за́мок"),
        ("kesk-eesti", "Kesk\u2011Eesti"),
        ("külmutatud", "Külmutatud"),
        ("kWh", "kW·h"),
    ],
)
def test_marks_stand_on_the_text_that_is_shown(
    texts: SearchService, query: str, shown: str
) -> None:
    (hit,) = ask(texts, query).hits
    marked = {s.text[m.start : m.end] for s in hit.snippets for m in s.marks}
    # Parts of a rare compound are marked as well.
    assert shown in marked
    assert shown in {why.form for why in hit.why if why.how != "apart"}


def test_nothing_unseen_is_shown(texts: SearchService) -> None:
    titles = {hit.title for hit in ask(texts, "").hits}
    assert "Peatükk, õunamahl ja müra" in titles
    article = texts.article("nähtamatu").article
    assert article.body == ("Uus tuuleveski ja vesiratas, paemkoht õues.",)
    assert texts.article("pilt").article.body[0].startswith("Hea 👩\u200d💻 emotikon ❤️ ja")


CAPITALS = {
    "kaks": "EAS JA KIK JAGAVAD TOETUST\n\nSisu.",
    "omaette": "TAI KUTSUB KÕIKI LIIKUMA\n\nSpordipäeva korraldab TAI juht.",
    "nimi": "MTÜ ROHEKODA SAI AUHINNA\n\nSisu.",
    "arvud": "CO2 JA 5G: UUS TEHAS\n\nSisu.",
    "lause": "Teade õhtul\n\nTavaline lause. SUUR TULEKAHJU TARTUS! Kõik pääsesid.",
    "loetelu": "Toetajad on\n\nKIK, RMK, EAS",
}


@pytest.fixture(scope="module")
def capitals(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> Iterator[SearchService]:
    index, said = index_files(tmp_path_factory.mktemp("capitals"), CAPITALS)
    assert not said
    service = service_over(index, analyzer)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("EAS", {"kaks", "loetelu"}),
        ("=EAS", {"kaks", "loetelu"}),
        ("pealkiri:EAS", {"kaks"}),
        ('"EAS ja KIK"', {"kaks"}),
        ("KIK", {"kaks", "loetelu"}),
        ("kik", {"kaks", "loetelu"}),
        ("iga", set()),
        ("jagama toetus", {"kaks"}),
        ("TAI", {"omaette"}),
        ("=TAI", {"omaette"}),
        ("5G", {"arvud"}),
        ("uus tehas", {"arvud"}),
        ("=tehas", {"arvud"}),
        ("tulekahju Tartu", {"lause"}),
    ],
)
def test_capitals_hide_no_word_and_no_acronym(
    capitals: SearchService, query: str, expected: set[str]
) -> None:
    assert set(full(ask(capitals, query))) == expected


def test_organisations_of_titles_in_capitals(capitals: SearchService) -> None:
    (hit,) = ask(capitals, "rohekoda").hits
    assert hit.organisations == ("MTÜ Rohekoda",)
    assert not capitals.article("arvud").article.organisations


LINK = "https://naide.example/?u=" + "k%C3%B5k" * 40
GIVEN = {
    "tühi-rida": "\n---\ntitle: Klaster tühja rea järel\ndate: 2016-05-06\n---\nSisu.",
    "joon": "\n---\n\nKahe joone vahel\n\n---\n\nLõik ühest kartulist.",
    "keel": "---\nlanguage: ee\n---\nVasikad läksid karjamaale\n\nTalunikud müüsid vasikaid.",
    "trell": "---\ntitle: Klaster sai #1 koha\n---\nSisu.",
    "trell-ees": "---\ntitle: #Klaster kolib\n---\nSisu.",
    "ja-märk": "---\ntitle: &Klaster kolis\n---\nSisu.",
    "märkus": "---\ntitle: Klaster kolis # kontrolli\n---\nSisu.",
    "alad": "---\nfocus_areas: rohe-ringmajandus, digi\n---\nAlalugu\n\nSisu.",
    "tulevik": "---\ndate: 2196-01-01\n---\nTrükiveaga\n\nMuu jutt.",
    "algus": "Algused\n\nIT-ettevõte ja 5G-võrk.",
    "link": f"Lingilugu\n\nVaata {LINK} kus sinilill õitseb {LINK} ja edasi.",
    "olem": "Olem\n\nKõik &amp; t&auml;psemalt &lt;b&gt; k&#228;sitsi&nbsp;kokku.",
}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """An index of ``GIVEN``, and what its report said."""
    return index_files(tmp_path_factory.mktemp("given"), GIVEN)


@pytest.fixture(scope="module")
def given_texts(given: tuple[Path, list[str]], analyzer: Analyzer) -> Iterator[SearchService]:
    service = service_over(given[0], analyzer)
    yield service
    service.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("IT*", ["algus"]),
        ("5G*", ["algus"]),
        ("KARTULI*", ["joon"]),
        ("vasikas karjamaa", ["keel"]),
        ("vasikas keel:et", ["keel"]),
        ("vasikas keel:ee", ["keel"]),
        ("vasikas keel:eesti", ["keel"]),
        ("aasta:2016 klaster", ["tühi-rida"]),
        ("aasta:2196", []),
        ("aasta:2196–2197", []),
        ("aasta:2015–2017", ["tühi-rida"]),
        ("aasta:2015—2017", ["tühi-rida"]),
        ("aasta:2016/17", ["tühi-rida"]),
        ("täpsemalt käsitsi", ["olem"]),
    ],
)
def test_given_values_and_beginnings(
    given_texts: SearchService, query: str, expected: list[str]
) -> None:
    assert full(ask(given_texts, query)) == expected


def test_titles_are_taken_whole(given_texts: SearchService) -> None:
    titles = {hit.id: hit.title for hit in ask(given_texts, "").hits}
    assert titles["tühi-rida"] == "Klaster tühja rea järel"
    assert titles["joon"] == "Kahe joone vahel"
    assert titles["trell"] == "Klaster sai #1 koha"
    assert titles["trell-ees"] == "#Klaster kolib"
    assert titles["ja-märk"] == "&Klaster kolis"
    assert titles["märkus"] == "Klaster kolis"


def test_values_without_sense_are_told_and_have_no_say(
    given: tuple[Path, list[str]], given_texts: SearchService
) -> None:
    areas, date = sorted(given[1])
    assert "alad.txt" in areas
    assert "“digi” is no focus area" in areas
    assert "tulevik.txt" in date
    assert "2196-01-01 is in the future" in date
    article = given_texts.article("alad").article
    assert [each.value for each in article.focus_areas] == ["rohe-ringmajandus"]
    assert given_texts.article("tulevik").article.published is None


def test_a_snippet_holds_its_match_beside_links_without_end(given_texts: SearchService) -> None:
    (hit,) = ask(given_texts, "sinilill").hits
    (snippet,) = hit.snippets
    assert [snippet.text[m.start : m.end] for m in snippet.marks] == ["sinilill"]
    assert len(snippet.text) < 400


def test_a_message_changes_nothing_in_a_terminal(tmp_path: Path) -> None:
    head = '---\ndate: "\\x1b]0;uus\\x07 2016"\n\\x1b: 1\n---\nLugu\n\nx'
    (source := tmp_path / "uudised").mkdir()
    (source / "a.txt").write_text(head, encoding="utf-8")
    (source / "b.txt").write_text('---\n"\\e[2Jvõti": 1\n---\nLugu', encoding="utf-8")
    configuration = Configuration(index=tmp_path / "index")
    report = pipeline(configuration).reindex(index_of(configuration), [source])
    assert len(report.errors) == 2
    assert all(str(each).isprintable() for each in report.errors)


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("5. detsember 2016", "2016-12-05"),
        ("5. detsembril 2016. a", "2016-12-05"),
        ("5. detsembril 2016. aastal", "2016-12-05"),
        ("esmaspäeval, 5. detsembril 2016", "2016-12-05"),
        ("05.12.2016 10:30", "2016-12-05"),
        ("5.12.2016 kell 10.30", "2016-12-05"),
        ("5.12.2016. a", "2016-12-05"),
        ("05.12.16", "2016-12-05"),
        ("5. XII 2016", "2016-12-05"),
        ("2016/12/05", "2016-12-05"),
        ("20161205", "2016-12-05"),
        ("[2016-12-05]", "2016-12-05"),
        ('"2016\\u201112\\u201105"', "2016-12-05"),
        ("2016–12–05", "2016-12-05"),
        ("05.12.2016\u00a010:30", "2016-12-05"),
        ("2016. a detsember", "2016-12"),
        ("detsembris 2016", "2016-12"),
        ("2016. aasta", "2016"),
        ("2016. a", "2016"),
    ],
)
def test_dates_in_every_estonian_form(tmp_path: Path, written: str, iso: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"---\ndate: {written}\n---\nKuupäev\n\nSisu.", encoding="utf-8")
    ((_, article),) = read_files(source := open_source(file), source.scan())
    assert isinstance(article, Article), str(article)
    assert article.published is not None
    assert article.published.value.iso == iso


@pytest.mark.parametrize(
    ("rules", "query"),
    [
        ("Ku\u0308lmutatud = Jäätis", "jäätis"),
        ("su\u0308gava\u00adõun ~ õunakook", "süga\u00advaõun"),
        ("ＣＯ₂ -> heide", "co2"),
    ],
)
def test_synonyms_as_a_mac_saves_them(
    tmp_path: Path, analyzer: Analyzer, rules: str, query: str
) -> None:
    file = tmp_path / "sünonüümid.txt"
    file.write_text(rules, encoding="utf-8")
    thesaurus = SynonymFile(file, QueryParser(analyzer, lambda _: None)).current()
    word = QueryParser(analyzer, lambda _: None).word_or_phrase(query)
    assert isinstance(word, Word)
    assert thesaurus.knows(word)


def test_pages_and_addresses_take_what_is_pasted(texts: SearchService) -> None:
    client = create_app(texts, Configuration(prefix="/otsing")).test_client()
    found = client.get("/otsing/api/search?q=ku%CC%88lmutatud").get_json()
    assert (found["total"], found["query"]) == (1, "külmutatud")
    assert client.get("/otsing/api/search?year=2014%E2%80%932016").status_code == 200
    assert client.get("/otsing/article/na%CC%88htamatu").status_code == 200
    answer = client.get("/otsing?q=klaster")
    assert answer.headers["Location"].endswith("/otsing/?q=klaster")
    assert client.get("/otsing").headers["Location"].endswith("/otsing/")


def test_one_line_of_a_whole_file_takes_no_longer_than_a_body(analyzer: Analyzer) -> None:
    """A title without end asks for the events of its sentences once, not once for each."""
    taxonomy, gazetteer = load_taxonomy(None), Gazetteer()
    enricher = ArticleEnricher(analyzer, taxonomy, gazetteer, Overrides(), 2026)
    line = "Puidumess 2015 oli 5. mail ja robot saagis. " * 400
    started = time.process_time()
    enricher.enrich(Article("pikk", line, (), "pikk"))
    assert time.process_time() - started < 10
