"""When an article was published: given, from its address, or from what it tells; never guessed."""

import re
import time
from pathlib import Path

import pytest
from enriching import ArticleEnricher

from indexer.document import analyse_article
from indexer.extract import Gazetteer, Overrides
from indexer.extract.dates.date_resolver import find_publication_date
from search.analysis import Analyzer
from search.article import Article, Evidence, Extracted, PartialDate
from search.taxonomy import Taxonomy

LATEST = 2026


@pytest.fixture(scope="module")
def enricher(analyzer: Analyzer) -> ArticleEnricher:
    return ArticleEnricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), LATEST)


def article(
    *body: str, title: str = "Klastri uudis", url: str | None = None, source: str = "uudis.txt"
) -> Article:
    return Article("a", title, body, source, url=url, language="et")


def check_evidence(found: Article) -> None:
    assert found.year is not None
    parts = {
        "title": found.title,
        "body": found.body_text,
        "url": found.url or "",
        "path": found.source,
    }
    for each in found.year.evidence:
        assert parts[each.part][each.start : each.end] == each.text


@pytest.mark.parametrize(
    ("year", "body"),
    [
        (2013, ["Avaldatud: 12. mai 2013", "Klaster sai uue liikme."]),
        (2020, ["Klaster sai uue liikme.", "22.05.2020 12:39"]),
        (2007, ["03. oktoober 2007, 00:00", "Klaster sai uue liikme."]),
        (2011, ["Tallinn, 4. märts 2011 – Klaster avas täna kontori."]),
        (2014, ["Klastri aastakoosolek peeti 12. mail 2014 Raplas."]),
        (2016, ["07. juunil 2016.a. allkirjastati saeveskis koostöölepe."]),
        (2011, ["Õppereis toimus 27.-28.01.2011 Riias."]),
        (2015, ["Näitusel Puidumess 2015 käidi 12.-13. mail kahe bussiga."]),
        (2017, ["Seminar toimub 3. märtsil.", "Lisa: http://seminar2017.example/kava"]),
        (2012, ["Käesoleval 2012. aastal alustab klaster kolme uuringuga."]),
        (2018, ["Alates 1. märtsist 2018 kannab liit uut nime."]),
        (2013, ["Taotlusi saab esitada kuni 15. märtsini 2013."]),
        (
            2014,
            ["Laat peeti 3. mail 2014 Valgas.", "Järgmine laat tuleb 8. mail 2015 Elvas."],
        ),
        (
            2010,
            ["Uuring valmis 5. veebruaril 2010.", "Uuringut tehti 01.12.2008 kuni 29.11.2009."],
        ),
    ],
)
def test_told_by_the_text(enricher: ArticleEnricher, year: int, body: list[str]) -> None:
    found = enricher.enrich(article(*body))
    assert found.year is not None
    assert (found.year.value, found.year.origin) == (year, "found")
    assert found.published is not None
    assert found.published.value.year == year
    assert found.published.evidence == found.year.evidence
    check_evidence(found)


@pytest.mark.parametrize(
    "body",
    [
        ["Klastri koosolek toimus 12.-13. mail Otepääl."],
        ["Kokku saadi 08.-10.juunini."],
        ["Projekt kestab 01.12.2009 kuni 29.11.2010."],
        ["Klaster tegutseb aastatel 2014–2020."],
        ["Ühing asutati 1998. aastal."],
        ["Töötuba peeti 3. aprillil.", "2013. aastal esitas klaster esimese taotluse."],
        ["Uuringut 2012.a. jätkatakse."],
        ["Messiks IFAT 2016 valmistutakse juba praegu."],
        ["Näitus EXPO-2017 ootab osalejaid."],
        ["Vaata ka http://mess2015.example ja lisa."],
        ["Seminar oli 3. mail.", "http://a2014.example", "http://b2015.example"],
        ["Leht uuenes täna 12:01."],
        ["Kohtumine oli 30. veebruaril 2015."],
        ["Kokku 2016 inimest käis talgutel."],
        ["Pidu oli 29. veebruaril.", "http://pidu2015.example"],
        ["Tehas peab valmima 1. juuniks 2040."],
        ["Klaster ehitab maja.", "Seadus hakkas kehtima 1. jaanuaril 2011."],
        ["Järjekorras viies laat.", "Ühing asutati 3. mail 1998 Valgas."],
    ],
)
def test_never_guessed(enricher: ArticleEnricher, body: list[str]) -> None:
    found = enricher.enrich(article(*body))
    assert found.year is None
    assert found.published is None


@pytest.mark.parametrize(
    ("url", "source", "iso", "evidence"),
    [
        ("http://k.example/2015/04/uudis", "u.txt", "2015-04", "2015/04"),
        ("http://k.example/uudised/2015-04-03-laat", "u.txt", "2015-04-03", "2015-04-03"),
        ("http://k.example/2015/04/03/laat/", "u.txt", "2015-04-03", "2015/04/03"),
        (None, "uudised/2014-02-28-laat.txt", "2014-02-28", "2014-02-28"),
        (None, "uudised/20140228_laat.txt", "2014-02-28", "20140228"),
        (None, "uudised/2009/laat.txt", "2009", "2009"),
        (None, "uudised/2009/11/laat.txt", "2009-11", "2009/11"),
        ("http://k.example/2015/04/uudis", "uudised/2009/u.txt", "2015-04", "2015/04"),
    ],
)
def test_told_by_the_address(
    enricher: ArticleEnricher, url: str | None, source: str, iso: str, evidence: str
) -> None:
    found = enricher.enrich(article("Laat oli 3. mail 2012.", url=url, source=source))
    assert found.published is not None
    assert found.published.value.iso == iso
    assert found.published.evidence[0].text == evidence
    check_evidence(found)


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("http://k.example/2031/04/uudis", "u.txt"),
        ("http://k.example/uudis/20154", "u.txt"),
        ("http://expo2017.example/uudis", "u.txt"),
        (None, "000_20154403abcf8a.txt"),
        (None, "uudised/2014-02-30-laat.txt"),
        (None, "uudised/laat-2014.txt"),
    ],
)
def test_numbers_in_addresses(enricher: ArticleEnricher, url: str | None, source: str) -> None:
    assert enricher.enrich(article("Laat läks korda.", url=url, source=source)).year is None


@pytest.mark.parametrize(
    ("source", "iso"),
    [
        ("Pressiteade 12. mai 2016.docx", "2016-05-12"),
        ("laat_3.mai_2012.txt", "2012-05-03"),
        ("12-05-2016-laat.txt", "2016-05-12"),
        ("laat 12.-13. mai 2016.txt", None),
        ("laat 31. aprill 2016.txt", None),
        ("laat 12. mai 2031.txt", None),
    ],
)
def test_date_written_out_in_a_file_name(
    enricher: ArticleEnricher, source: str, iso: str | None
) -> None:
    found = enricher.enrich(article("Laat läks korda.", source=source))
    assert (found.published.value.iso if found.published else None) == iso
    if iso is not None:
        check_evidence(found)


@pytest.mark.parametrize(
    ("source", "first_line", "iso"),
    [
        # The text tells more of the same date.
        ("2016/05/laat.txt", "12. mai 2016", "2016-05-12"),
        ("2016/laat.txt", "Elva, 12. mai 2016", "2016-05-12"),
        ("2016/05/laat.txt", "Lisatud: 12. mail", "2016-05-12"),
        ("2016/laat.txt", "Elva, 12. mai k.a.", "2016-05-12"),
        ("2016/laat.txt", "Täna, 12. mail avati Elvas laat.", "2016-05-12"),
        ("2016/laat.txt", "Eile, neljapäeval, 12. mail avati Elvas laat.", "2016-05-13"),
        # An event's day is not the day of publication.
        ("2016/05/laat.txt", "Laat avati 12. mail 2016.", "2016-05"),
        ("2016/05/laat.txt", "12.-13. mai 2016", "2016-05"),
        # The address wins a contradiction.
        ("2016/05/laat.txt", "12. juuni 2016", "2016-05"),
        ("2016/05/laat.txt", "12. mai 2015", "2016-05"),
        ("2016-05-12-laat.txt", "13. mai 2016", "2016-05-12"),
    ],
)
def test_text_completes_the_address(
    enricher: ArticleEnricher, source: str, first_line: str, iso: str
) -> None:
    found = enricher.enrich(article(first_line, "Laat läks korda.", source=f"uudised/{source}"))
    assert found.published is not None
    assert found.published.value.iso == iso
    check_evidence(found)


@pytest.mark.parametrize(
    ("line", "iso"),
    [
        ("Täna, 12. mail 2016 avati laat.", "2016-05-12"),
        ("Eile, 12. mail 2016 avati laat.", "2016-05-13"),
        ("Homme, reedel, 13. mail 2016 avatakse laat.", "2016-05-12"),
        ("Eile, 31. detsembril 2015 suleti laat.", "2016-01-01"),
        ("Möödunud nädalal, 4.–5. mail 2016 peeti laat.", "2016"),
        ("Möödunud reedel, 6. mail 2016 avati laat.", "2016-05"),
        ("Eelmisel, 2015. aastal peeti laata Elvas.", "2016"),
        ("Üle-eelmisel aastal (2014) peeti laata Elvas.", "2016"),
        ("Käesoleva aasta 12. mail 2016 peeti laat.", "2016"),
        ("Edukat 2017. aastat soovib laada korraldaja.", "2016"),
    ],
)
def test_day_of_writing_pointed_at(enricher: ArticleEnricher, line: str, iso: str) -> None:
    found = enricher.enrich(article(line, "Elva laat on suur."))
    assert found.published is not None
    assert found.published.value.iso == iso
    check_evidence(found)


@pytest.mark.parametrize(
    ("year", "body"),
    [
        (2016, ["Reedel, 13. mail peetakse laat.", "http://laat2016.example"]),
        # 13 May 2015 was no Friday.
        (None, ["Reedel, 13. mail peetakse laat.", "http://laat2015.example"]),
        (2016, ["Järgmise aasta 13. mail peetakse laat.", "http://laat2017.example"]),
        (None, ["Laat oli 3. mail.", "Mullused pildid: http://laat2015.example"]),
        (None, ["Laat oli 3. mail, nii otsustati mais 2015.Siis oldi nõus."]),
    ],
)
def test_completed_only_by_what_fits(
    enricher: ArticleEnricher, year: int | None, body: list[str]
) -> None:
    found = enricher.enrich(article(*body))
    assert (found.year.value if found.year else None) == year


def test_nominative_month_is_no_deadline(enricher: ArticleEnricher) -> None:
    for month in ("juuni", "juuli", "mai"):
        found = enricher.enrich(article(f"Laat peeti Valgas, oli 3. {month} 2014. Laat õnnestus."))
        assert found.year is not None
        assert found.year.value == 2014


def test_text_is_not_older_than_what_it_tells_as_past(enricher: ArticleEnricher) -> None:
    body = ["Laat peeti 3. mail 2012 Valgas.", "2014. aastal käis laadal tuhat inimest."]
    assert enricher.enrich(article(*body)).year is None
    body[1] = "2014. aastal loodetakse laadale tuhat inimest."
    found = enricher.enrich(article(*body))
    assert found.year is not None
    assert found.year.value == 2012


def test_long_or_retrospective_text_is_dated_by_its_beginning_only(
    enricher: ArticleEnricher,
) -> None:
    told = "Laat peeti 3. mail 2014 Valgas."
    story = "Laadal müüdi seepi, mett ja kindaid. " * 120
    assert enricher.enrich(article("Laat on vana tava.", told)).year is not None
    assert enricher.enrich(article("Laat on vana tava.", told, story)).year is None
    assert enricher.enrich(article(told, story)).year is not None
    years = [f"Laat peeti 3. mail {year} Valgas." for year in range(2009, 2014)]
    assert enricher.enrich(article("Laat on vana tava.", *years)).year is None


@pytest.mark.parametrize(
    "text",
    [
        "1. mai " + "," * 30_000 + " 2. mai 2016",
        "12. mai 2016" + " " * 30_000 + "x",
        "Aa-" * 10_000 + " 12. mai 2016 - x",
        "A" * 30_000 + " 12. mai 2016",
        "." * 30_000 + "12. mai 2016",
        "mess" * 8_000 + " 2016",
        "2016-" * 10_000,
        "12. ja " * 6_000,
        "Mullu müüs veski Soome sada lauda. 2015. aastal müüs veski Soome mitu lauda. " * 500,
        "Posted by (@" + "a" * 30_000 + ") (@mari) on Sep 5, 2019",
        "võrreldes 2015. aasta maiga. " * 1_000,
    ],
    ids=lambda text: text[:12],
)
def test_no_text_takes_long(analyzer: Analyzer, text: str) -> None:
    analysed = analyse_article(article(text), analyzer)
    started = time.monotonic()
    find_publication_date(analysed.document.article, analysed.text, analyzer, LATEST)
    assert time.monotonic() - started < 10


def test_given_date_wins(enricher: ArticleEnricher) -> None:
    date = Extracted(PartialDate(2010, 5, 4), "given", (Evidence("given", 0, 10, "2010-05-04"),))
    given = Article("a", "T", ("Laat oli 3. mail 2012.",), "2009/a.txt", published=date)
    found = enricher.enrich(given)
    assert found.published == date
    assert found.year is not None
    assert (found.year.value, found.year.origin) == (2010, "given")


def test_later_than_today_is_no_publication(enricher: ArticleEnricher) -> None:
    assert enricher.enrich(article("Laat peeti 3. mail 2030.")).year is None


def test_other_languages(enricher: ArticleEnricher) -> None:
    text = "On 31 January 2024 the members of the cluster met in the old mill and it was good."
    found = enricher.enrich(Article("a", "A meeting of the mills", (text,), "a.txt", language="en"))
    assert found.year is not None
    assert found.year.value == 2024


@pytest.mark.shared
def test_seed_is_dated_by_its_link(enricher: ArticleEnricher, shared_dir: Path) -> None:
    text = next((shared_dir / "seeds").glob("*.txt")).read_text(encoding="utf-8")
    title, _, body = text.partition("\n\n")
    seed = Article("seed", title, tuple(re.split(r"\n{2,}", body.strip())), "seed.txt")
    found = enricher.enrich(seed)
    assert found.year is not None
    assert (found.year.value, found.year.origin) == (2016, "found")
    assert "clusterconference2016.eu" in found.year.evidence[0].text
    check_evidence(found)


@pytest.mark.parametrize(
    ("year", "body"),
    [
        (2019, "Uus töötaja! A post shared by Puiduklaster (@puit) on Sep 5, 2019 at 10:14am PDT"),
        (2020, "Laat läks korda. — Elva Laat (@elvalaat) May 12, 2020Müüjaid oli sada."),
        (2020, "Laat läks korda. — Elva Laat (@elvalaat) 12. mai 2020"),
        (2021, "Posted by Elva laat on Reede, 12. november 2021"),
        # The latest of them.
        (2021, "A (@aa) on Jan 3, 2021 at 1:00pm PST. B post shared by B (@bb) on May 7, 2020"),
        # Not what is looked back on, nor what lies before a year that is over.
        (
            None,
            "Posted by Laat on Reede, 12. november 2021. Kolm aastat tagasi oli laat suur.",
        ),
        (
            None,
            "(@puit) on Sep 5, 2019 at 10:14am PDT. 2021. aastal käis laadal sada inimest.",
        ),
        (None, "Kirjuta (@puit) või tule 2021. aastal laadale."),
    ],
)
def test_embedded_posts(enricher: ArticleEnricher, year: int | None, body: str) -> None:
    found = enricher.enrich(article("Klastril läheb hästi.", body))
    assert (found.year.value if found.year else None) == year
    if year is not None:
        check_evidence(found)


@pytest.mark.parametrize(
    "body",
    [
        # With its year in front, a day is one of another year.
        ["2018. aasta 23. oktoobril põles saeveski maha. Nüüd on uus valmis."],
        ["Saeveski ehitati üles. Kohus mõistis süütaja 2018. aasta mais süüdi."],
        # Days that need no year tell of now; the one that has one is another.
        ["Laat peeti laupäeval.", "Avamine on 18. veebruaril.", "Laat asutati 3. mail 2012."],
        ["Laat jääb ära.", "Järgmine laat toimub jälle 1.-3. oktoobrini 2021."],
        ["Kohtunik nimetati ametisse.", "Ametiaeg algab 6. oktoobril 2021."],
        ["Etendus on hea.", "Sama ütles ajaleht (Mari Maasikas, Elva Teataja, 18.05.2018)."],
        ["Küsimusi saab saata kuni 11.01.2019."],
        ["Firma teenis 2009. aastal miljoni.", "21. mail 2012 toimunud laadal sai ta auhinna."],
    ],
)
def test_days_of_other_years(enricher: ArticleEnricher, body: list[str]) -> None:
    assert enricher.enrich(article("Saeveski sai uue katuse.", *body)).year is None
