"""Text as people and programs write it: what comes in odd is found, shown and said as it should.

The rows of ``MEETINGS`` are asked of one index of real files, read and indexed as ``reindex`` does
it; ``\\N`` and ``\\u`` escapes stand for what cannot be seen.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from news import ask, full, service_over

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.service import SearchService

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
    "IT–ettevõte.",
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
    assert marked == {shown}
    assert {why.form for why in hit.why} == {shown}


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
