"""Names of organisations: found, in the nominative, once each; and all that is no organisation."""

import re
from pathlib import Path

import pytest
from enriching import ArticleEnricher

from indexer.extract import Gazetteer, Overrides, load_gazetteer
from indexer.extract.gazetteer import GazetteerEntry
from indexer.extract.given_checks import GivenChecks
from indexer.extract.organisations.organisation_facet import MOST_ORGANISATIONS
from search.analysis import Analyzer
from search.article import Article, Evidence, Extracted
from search.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def enricher(analyzer: Analyzer) -> ArticleEnricher:
    return ArticleEnricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), 2026)


def names(
    enricher: ArticleEnricher, *body: str, title: str = "Uudis", language: str = "et"
) -> list[str]:
    found = enricher.enrich(Article("a", title, body, "a.txt", language=language))
    for each in found.organisations:
        assert each.evidence
        for evidence in each.evidence:
            part = found.title if evidence.part == "title" else found.body_text
            assert part[evidence.start : evidence.end] == evidence.text
    for mention in found.mentions:
        part = found.title if mention.part == "title" else found.body_text
        assert part[mention.start : mention.end].strip() == part[mention.start : mention.end]
    return [each.value for each in found.organisations]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Leping sõlmiti AS-iga Barrus.", ["AS Barrus"]),
        ("Vineeri müüb AS Tammik, AS Tammiku tehas asub Raplas.", ["AS Tammik"]),
        ("Konteinerid tõi Kuuse Nordic Tsement AS.", ["Kuuse Nordic Tsement AS"]),
        ("Töö tegi Alkranel OÜ Tallinna kontor.", ["Alkranel OÜ"]),
        ("Rahastaja leidis MTÜ „Loov Eesti“ juhatus.", ["MTÜ Loov Eesti"]),
        ("Projekti partner Rohetee OÜ esitas aruande.", ["Rohetee OÜ"]),
        ("Osaühing Põhjakask ehitas laudteed.", ["OÜ Põhjakask"]),
        ("Liikmed on AS Keila ja Ko ning OÜ Mets & Puu.", ["AS Keila ja Ko", "OÜ Mets & Puu"]),
        ("Masinad müüs Bauer GmbH ja Nordmaskin Ltd.", ["Bauer GmbH", "Nordmaskin Ltd"]),
        (
            "Kohal olid Tamme AS, Ragn-Sells AS, OÜ Vesiroos ja SA Kalju.",
            ["Tamme AS", "Ragn-Sells AS", "OÜ Vesiroos", "SA Kalju"],
        ),
    ],
)
def test_legal_forms(enricher: ArticleEnricher, sentence: str, expected: list[str]) -> None:
    assert names(enricher, sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Kava anti üle Eesti Metsa- ja Puidutööstuse Liidule.",
            "Eesti Metsa- ja Puidutööstuse Liit",
        ),
        ("Vaadati Klaasi Taaskasutusklastri projekti.", "Klaasi Taaskasutusklaster"),
        ("Ta tuli AKPL Kompetentsikeskusest.", "AKPL Kompetentsikeskus"),
        ("Räägiti Riikliku Energiakeskusega.", "Riiklik Energiakeskus"),
        ("Eksperdid tulid Tallinna Tehnikaülikoolist.", "Tallinna Tehnikaülikool"),
        ("Otsuse tegi Euroopa Komisjon.", "Euroopa Komisjon"),
        ("Eile kiitis Eesti Kaubandus-Tööstuskoda kava.", "Eesti Kaubandus-Tööstuskoda"),
        (
            "Liitus Eesti Infotehnoloogia ja Telekommunikatsiooni Liit.",
            "Eesti Infotehnoloogia ja Telekommunikatsiooni Liit",
        ),
        ("Kiri saadeti keskkonnaministeeriumile.", "Keskkonnaministeerium"),
        (
            "Nõu andis Haridus- ja Teadusministeerium.",
            "Haridus- ja Teadusministeerium",
        ),
        ("Räägiti, kuidas Rohemajanduse klastri liikmed elavad.", "Rohemajanduse klaster"),
        ("Treiali leidis Kompetentsikeskus Kännas.", "Kompetentsikeskus Kännas"),
        ("Auhinna sai tuuleenergia klaster Ventora.", "Ventora"),
        ("Logo tegi disainibüroo Velvet.", "Velvet"),
        (
            "Liituti võrgustikuga European Cluster Collaboration Platform.",
            "European Cluster Collaboration Platform",
        ),
    ],
)
def test_heads_and_nominatives(enricher: ArticleEnricher, sentence: str, expected: str) -> None:
    assert names(enricher, sentence) == [expected]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Täna kogunes Eesti Pagarite Liit.", ["Eesti Pagarite Liit"]),
        ("Uue Puiduklastri loomist arutati. Seal oli ka Puiduklaster.", ["Puiduklaster"]),
        ("Kuigi Puiduklastri juhatus kaalus, otsust ei tulnud.", ["Puiduklaster"]),
        ("Puiduklaster kutsub seminarile.", []),
        ("Puiduklaster kutsub. Seminaril räägib Puiduklaster tööst.", ["Puiduklaster"]),
    ],
)
def test_beginning_of_a_sentence(
    enricher: ArticleEnricher, sentence: str, expected: list[str]
) -> None:
    assert names(enricher, sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Linnavalitsus, politsei ja ülikool leppisid kokku.",
        "Keskusest öeldi, et Liidu otsus jõustub. Klaster ja Keskus jätkavad.",
        "Eesti klastrid ja Läänemere klaster kohtusid Tallinnas.",
        "Projekti Energy in Water tutvustas Mari Maasikas.",
        "Messil IFAT 2016 ja näitusel EXPO-2017 käidi koos.",
        "Rahvusvahelise programmi LIFE abil valmis BIM mudel ja CNC pink.",
        "EL ja USA tollid. IKT sektor. PDF failid, CO2 heide, VKE toetus.",
        "Projekti rahastatakse Euroopa Regionaalarengu Fondist.",
        "SUUR PUIDUKLASTRI UUDIS KÕIGILE LIIKMETELE",
        "Igas klastris on juhte, iga juht otsustab ise.",
    ],
)
def test_no_organisations(enricher: ArticleEnricher, sentence: str) -> None:
    assert names(enricher, sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Vaidlus jõudis Narva halduskohtusse.", ["Narva halduskohus"]),
        ("Otsuse tegi Soome valitsus.", ["Soome valitsus"]),
        ("Tartu linnavalitsus kutsub.", ["Tartu linnavalitsus"]),
        ("Selgitas Lõuna prefektuuri pressiesindaja.", ["Lõuna prefektuur"]),
        ("Asja uurib kaitsepolitsei.", ["Kaitsepolitsei"]),
        ("Vastas Vene välisministeerium.", ["Vene välisministeerium"]),
        ("Õppis Oxfordi ülikoolis.", ["Oxfordi ülikool"]),
        (
            "Ta töötas Belgia Riiklikus Teedeuuringute Keskuses.",
            ["Belgia Riiklik Teedeuuringute Keskus"],
        ),
        ("Ta töötab aktsiaseltsis Kuldne Kaar.", ["AS Kuldne Kaar"]),
        ("Raha andis Mind the Gap OÜ.", ["Mind the Gap OÜ"]),
        ("Kohal olid firmad Nordfab, Tormark ja KTR.", ["Nordfab", "Tormark", "KTR"]),
        ("Tootja on restoranikett Tormado.", ["Tormado"]),
        (
            "Sõlmiti Eesti Elektrijaama ja Keemia Instituudi leping.",
            ["Eesti Elektrijaam", "Keemia Instituut"],
        ),
    ],
)
def test_names_of_news(enricher: ArticleEnricher, sentence: str, expected: list[str]) -> None:
    assert names(enricher, sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Kirja saatis Rootsi lavastajate liit.", ["Rootsi lavastajate liit"]),
        ("Nii ütles Rapla heakorra korraldamise amet.", ["Rapla heakorra korraldamise amet"]),
        ("Kohal oli Valga veo- ja vaguniamet.", ["Valga veo- ja vaguniamet"]),
        ("Avati Rapla riigigümnaasium.", ["Rapla riigigümnaasium"]),
        (
            "Ühinevad Rapla ja Kehtna keskhaigla.",
            ["Rapla keskhaigla", "Kehtna keskhaigla"],
        ),
        ("Töid näeb Anu Kuuse keskuses.", ["Anu Kuuse keskus"]),
        (
            "Esines Kalle Kuuse nimelise Rapla Muusikakooli koor.",
            ["Kalle Kuuse nimeline Rapla Muusikakool"],
        ),
        ("Loomaorganisatsioon Vaiksed Käpad kogus allkirju.", ["Vaiksed Käpad"]),
        ("Leping on puidufirmaga RAP-VINEER.", ["RAP-VINEER"]),
        ("Filmi teeb tootmisfirma Cosmo/Meyer Films.", ["Cosmo/Meyer Films"]),
        ("Seda kirjutas ajaleht Rannavalgus.", ["Rannavalgus"]),
        ("Nii kinnitas Vormarollo pankrotihaldur.", ["Vormarollo"]),
        ("Eile võitis Tallinna FC Kotkas KK Raplat.", ["Tallinna FC Kotkas", "KK Rapla"]),
        ("Liitu ei tulnud Reformi- ja Keskerakonnal.", ["Reformierakond", "Keskerakond"]),
        (
            "Avati Rapla Kreuksi muuseum. Kreuksi muuseum ootab.",
            ["Rapla Kreuksi muuseum"],
        ),
        ("Kogunes riigikaitsenõukogu.", ["Riigikaitsenõukogu"]),
        ("Foto: Pildiarhiivus", ["Pildiarhiivus"]),
        (
            "Kaebuse esitas MTÜ Metsa Ühendus Tartu maakohtule.",
            ["MTÜ Metsa Ühendus", "Tartu maakohus"],
        ),
        ("Võisteldi Rapla Kutsekoolis Kuldse Kellukese eest.", ["Rapla Kutsekool"]),
        (
            "Vaidlus on Narva halduskohtus. Halduskohus otsustab suvel.",
            ["Narva halduskohus"],
        ),
    ],
)
def test_names_as_newspapers_spell_them(
    enricher: ArticleEnricher, sentence: str, expected: list[str]
) -> None:
    assert names(enricher, sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Eesti presidendi amet on tähtis. Rapla linna keskus ja Poola robotiklaster on uued.",
        "Maja seisab Lennuki 22 kõrval. Ööbiti Rapla hotellis.",
    ],
)
def test_what_newspapers_spell_like_names(enricher: ArticleEnricher, sentence: str) -> None:
    assert names(enricher, sentence) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "MARI MAASIKAS",
        "KOKKUVÕTE Selles artiklis räägiti puidust.",
        "Vana LAX 697R seisis õues. Uuem LAX läks katki.",
        "Uut kiibivõrku (NKV) katsetati aasta, siis sai NKV valmis.",
        "Andmed liiguvad XTP/YP tasemel.",
        "Kasutati muutmälu (Random Access Memory) ja süsteemi Internet Explorer.",
        "Mindi Vabaduse väljakule ja Raekoja platsile.",
        "Eesti elektrijaamad, Tallinna gümnaasiumid ja Soome ülikoolid kohtusid.",
        "Laupäevasel MMil saadi neljas koht.",
    ],
)
def test_no_organisations_of_news(enricher: ArticleEnricher, sentence: str) -> None:
    assert names(enricher, sentence) == []


def test_what_the_tagger_knows(enricher: ArticleEnricher) -> None:
    text = "Riias teatas Reuters, et Nokia aktsia odavnes. Reutersile rääkis sellest Mari Tamm."
    assert names(enricher, text)[0] == "Reuters"


def test_part_of_an_organisation_mentions_it(enricher: ArticleEnricher) -> None:
    text = "Kohal oli Tartu Ülikooli õigusteaduskonna dekaan ja Tallinna Panga Narva filiaali juht."
    found = enricher.enrich(Article("a", "Uudis", (text,), "a.txt", language="et"))
    assert [(each.name, text[each.start : each.end]) for each in found.mentions] == [
        ("Tartu Ülikool", "Tartu Ülikooli õigusteaduskonna"),
        ("Tallinna Pank", "Tallinna Panga Narva filiaali"),
    ]


def test_a_blank_or_a_letter_is_amiss(enricher: ArticleEnricher) -> None:
    text = "Vooremaa Energiaklastri tegevjuhtMargit Saarepuu kohtus koostööpertneritega Raplas."
    assert names(enricher, text) == ["Vooremaa Energiaklaster"]


def test_noun_alone_is_the_one_named_in_the_article(enricher: ArticleEnricher) -> None:
    text = (
        "Kava kinnitas Narva linnavalitsus. Linnavalitsuse sõnul kool ehitatakse. "
        "Iga linnavalitsus teab seda. Lepingu sõlmis linnavalitsus."
    )
    found = enricher.enrich(Article("a", "Uudis", (text,), "a.txt", language="et"))
    assert [each.value for each in found.organisations] == ["Narva linnavalitsus"]
    assert [text[each.start : each.end] for each in found.mentions] == [
        "Narva linnavalitsus",
        "Linnavalitsuse",
        "linnavalitsus",
    ]


def test_noun_alone_is_none_of_several(enricher: ArticleEnricher) -> None:
    text = "Leppisid Narva linnavalitsus ja Paide linnavalitsus. Siis linnavalitsus taganes."
    found = enricher.enrich(Article("a", "Uudis", (text,), "a.txt", language="et"))
    assert [each.name for each in found.mentions] == ["Narva linnavalitsus", "Paide linnavalitsus"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ta mängis klubis FC Tormado. Aasta pärast läks ta Tormadost ära.", ["FC Tormado"]),
        ("Ta mängis klubis BC Tallinn. Kevadel lahkus ta Tallinnast.", ["BC Tallinn"]),
        ("Avati Elustiilikeskus Lemvik. Lemvikus on nüüd spaa.", ["Elustiilikeskus Lemvik"]),
    ],
)
def test_short_for_a_name(enricher: ArticleEnricher, text: str, expected: list[str]) -> None:
    assert names(enricher, text) == expected


def test_acronyms(enricher: ArticleEnricher) -> None:
    assert names(enricher, "Raha küsiti EASilt, EAS-i ja KIKi nõustajad aitasid.") == ["EAS", "KIK"]


@pytest.mark.parametrize(
    "sentence",
    [
        "Eesti Pagarite Liit (EPAL) kogunes. EPALi juhatus on uus.",
        "EPAL (Eesti Pagarite Liit) kogunes.",
        "Eesti Pagarite Liit, lühendina EPAL, kogunes. Kohal oli kogu EPAL.",
    ],
)
def test_acronym_and_full_name_are_one(enricher: ArticleEnricher, sentence: str) -> None:
    assert names(enricher, sentence) == ["Eesti Pagarite Liit"]


def test_initials_join_without_parentheses(enricher: ArticleEnricher) -> None:
    text = "Eesti Disainerite Liit kutsub. EDLi büroo asub Tallinnas."
    assert names(enricher, text) == ["Eesti Disainerite Liit"]


def test_name_without_its_legal_form_is_the_same(enricher: ArticleEnricher) -> None:
    text = "Näituse avas Alkranel OÜ. Hiljem rääkis Alkraneli juht tulemustest."
    assert names(enricher, text) == ["Alkranel OÜ"]


def test_title_comes_first(enricher: ArticleEnricher) -> None:
    found = names(
        enricher,
        "Kohal olid OÜ Kask, OÜ Kuusk ja Eesti Pagarite Liit.",
        title="Eesti Pagarite Liit kogunes",
    )
    assert found == ["Eesti Pagarite Liit", "OÜ Kask", "OÜ Kuusk"]


def test_other_languages_keep_letters_only(enricher: ArticleEnricher) -> None:
    text = "At Biotamm OÜ the guests met Lõunakaare Klaster and the Institute of Baltic Studies."
    assert set(names(enricher, text, language="en")) == {
        "Biotamm OÜ",
        "Lõunakaare Klaster",
        "Institute of Baltic Studies",
    }


def test_gazetteer_names_are_found_and_merged(analyzer: Analyzer) -> None:
    gazetteer = Gazetteer((GazetteerEntry("Uus Pagarikoda", ("Pagarnõu",), ("EPAL",)),))
    enricher = ArticleEnricher(analyzer, Taxonomy(()), gazetteer, Overrides(), 2026)
    found = enricher.enrich(
        Article("a", "Uudis", ("Kohal oli EPAL ning ka Pagarnõule öeldi.",), "a.txt", language="et")
    )
    assert [each.value for each in found.organisations] == ["Uus Pagarikoda"]
    assert [each.name for each in found.mentions] == ["EPAL", "Pagarnõu"]


def test_given_organisations_win(enricher: ArticleEnricher) -> None:
    given = Extracted("Kask", "given", (Evidence("given", 0, 4, "Kask"),))
    article = Article("a", "T", ("OÜ Kuusk tuli.",), "a.txt", organisations=(given,), language="et")
    found = enricher.enrich(article)
    assert found.organisations == (given,)
    assert [each.name for each in found.mentions] == ["OÜ Kuusk"]


def test_enriching_twice_is_enriching_once(enricher: ArticleEnricher) -> None:
    body = ("Alkranel OÜ ja EAS kohtusid 3. mail 2012.", "Kohal oli Eesti Pagarite Liit (EPAL).")
    once = enricher.enrich(Article("a", "Uudis", body, "a.txt", language="et"))
    assert enricher.enrich(once) == once


@pytest.mark.shared
def test_seed(analyzer: Analyzer, shared_dir: Path) -> None:
    enricher = ArticleEnricher(analyzer, Taxonomy(()), load_gazetteer(), Overrides(), 2026)
    text = next((shared_dir / "seeds").glob("*.txt")).read_text(encoding="utf-8")
    title, _, body = text.partition("\n\n")
    paragraphs = re.split(r"\n{2,}", body.strip())
    found = names(enricher, *paragraphs, title=title)
    assert sorted(found) == ["Avaesen", "EJKL Kompetentsikeskus", "Jäätmete Taaskasutusklaster"]


@pytest.mark.parametrize(
    "body",
    [
        "A & " * 300,
        "sõna " * 199 + "Tallinna- ja Harjumaa klaster kohtusid.",
        "Tallinna ja " * 99 + "Tallinna Puidu- ja metsaklaster kohtusid.",
        "sõna " * 199 + "klaster Avaesen & Tamm",
        "sõna " * 198 + "disainibüroo Velvet kolis.",
        "sõna " * 199 + "disainibüroo Velvet kolis.",
    ],
)
def test_a_sentence_may_end_anywhere(enricher: ArticleEnricher, body: str) -> None:
    names(enricher, body.strip())


def test_an_article_has_no_more_organisations_than_a_search_can_bear(
    enricher: ArticleEnricher,
) -> None:
    names = [f"Puidurist{number} OÜ" for number in range(2 * MOST_ORGANISATIONS)]
    found = enricher.enrich(Article("a", "Register", (", ".join(names),), "a.txt", language="et"))
    assert len(found.organisations) == MOST_ORGANISATIONS
    values = tuple(Extracted(each, "given") for each in names)
    given = Article("b", "Register", ("Loend.",), "b.txt", language="et", organisations=values)
    assert [each.value for each in enricher.enrich(given).organisations] == names[
        :MOST_ORGANISATIONS
    ]
    (remark,) = GivenChecks(Taxonomy(()), 2026).remarks(given)
    assert remark.startswith("b.txt: it has 400 organisations, of which the first 200 count")
