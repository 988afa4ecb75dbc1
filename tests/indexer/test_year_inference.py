"""Years that follow from what a text tells in two ways."""

import pytest
from enriching import ArticleEnricher

from indexer.extract import Gazetteer, Overrides
from search.analysis import Analyzer
from search.article import Article
from search.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def enricher(analyzer: Analyzer) -> ArticleEnricher:
    return ArticleEnricher(analyzer, Taxonomy(()), Gazetteer(), Overrides(), 2026)


def published(enricher: ArticleEnricher, title: str, *body: str) -> str | None:
    found = enricher.enrich(Article("a", title, body, "uudis.txt", language="et"))
    if found.published is None:
        return None
    assert found.year is not None
    for each in found.year.evidence:
        part = found.title if each.part == "title" else found.body_text
        assert part[each.start : each.end] == each.text
    return found.published.value.iso


@pytest.mark.parametrize(
    ("iso", "title", "body"),
    [
        # One plan, one figure, told with a relative and with an absolute year.
        (
            "2017",
            "Klaster avab järgmisel aastal töökojad Valgas ja Võrus",
            ["Klastri liikmeid on sada.", "2018. aastal avatakse töökojad Valgas ja Võrus."],
        ),
        (
            "2015",
            "Saeveski kasvas",
            [
                "Veski müüs mullu Soome 3,4 miljonit tihumeetrit saematerjali.",
                "Soome müüdi 2014. aastal saematerjali 3,4 miljonit tihumeetrit.",
            ],
        ),
        (
            "2020",
            "Kunstnike tänavune suvenäitus rändab Narva",
            ["Kunstnike suvenäitus 2020. aastal rändab Narva ja Jõhvi."],
        ),
        # A page has joined its sentences.
        (
            "2017",
            "Uus töökoda",
            [
                "Järgmisel aastal avab klaster töökojad Valgas ja Võrus.Liikmeid on sada."
                "2018. aastal avatakse klastri töökojad Valgas ja Võrus."
            ],
        ),
        # What ended last year ends the range of years.
        (
            "2019",
            "Klastril on uus juht",
            ["Aastatel 2012–2018 juhtis klastrit Mari Saar, kelle leping lõppes mullu sügisel."],
        ),
        (
            "2018",
            "Valla kava on valmis",
            ["Arutati järgmise nelja aasta eelarvet.", "2019: 10, 2020: 12, 2021: 9, 2022: 14"],
        ),
        ("2016", "Liit valis aasta parimad puidutöötlejad", ["Parimad 2016. aastal: Saar, Kuusk."]),
        (
            "2022",
            "Klastri käive kasvas poolaastaga",
            ["2022. aasta kuue kuu käive oli suur.", "2025. aastaks saab klaster uue maja."],
        ),
        ("2020", "Ringmajandus ootab", ["Täna on 2020. aasta lõpp ja kava pole ikka valmis."]),
        (
            "2020",
            "Saematerjal kallines aastaga",
            ["Hinnad tõusid 2019. aasta septembriga võrreldes viis protsenti."],
        ),
        (
            "2020",
            "Laat oli väiksem",
            ["Kui 2019 käis laadal sada müüjat, siis 2020 vaid pool.", "Sel aastal oli vihma."],
        ),
        (
            "2019",
            "Klaster tähistab 10. aastapäeva",
            ["Klaster asutati 2009. aastal Valgas, kokku tuli kaheksa ettevõtet."],
        ),
        ("2020", "Klaster kasvas", ["Alustati viis aastat tagasi, 2015. aastal, kahe pingiga."]),
        ("2020", "Uus maja tuleb", ["Maja saab valmis kolme aasta pärast, 2023. aastal."]),
        ("2021", "Klaster kasvas", ["Mullu ehk 2020. aastal võeti vastu kümme liiget."]),
        # Between what is over and what is ahead.
        (
            "2022",
            "Kool ootab",
            ["2022/2023. õppeaastal saab kool õpetaja.", "Konkursil oli 2022. aasta mais ruumi."],
        ),
        # The thirteenth of March is a Friday in 2020 and no other of these years.
        (
            "2020",
            "Laat tuleb",
            [
                "Eelmine laat peeti 2018. aastal.",
                "Reedel, 13. märtsil kogunetakse Elvas.",
                "Uus hoone valmib 2021. aastaks.",
            ],
        ),
    ],
)
def test_two_places_that_one_year_reconciles(
    enricher: ArticleEnricher, iso: str, title: str, body: list[str]
) -> None:
    assert published(enricher, title, *body) == iso


@pytest.mark.parametrize(
    ("title", "body"),
    [
        # Other figures: a comparison of two years.
        (
            "Saeveski kasvas",
            [
                "Veski müüs mullu Soome 3,4 miljonit tihumeetrit saematerjali.",
                "Soome müüdi 2014. aastal saematerjali 1,9 miljonit tihumeetrit.",
            ],
        ),
        # Once more: another time.
        ("Elva suur laat jääb tänavu ära", ["Elva suur laat tuleb taas 2021. aastal."]),
        # Older than what the text tells as past.
        (
            "Klaster avab järgmisel aastal töökojad Valgas ja Võrus",
            ["2018. aastal avatakse töökojad Valgas ja Võrus.", "2020. aastal läks hästi."],
        ),
        # Two statements that disagree.
        (
            "Klaster avab järgmisel aastal töökojad Valgas ja Võrus",
            ["2018. aastal avatakse töökojad Valgas ja Võrus.", "Täna on 2020. aasta."],
        ),
        (
            "Laat oli mullu väiksem",
            ["Kui 2019 käis laadal sada müüjat, siis 2020 vaid pool.", "Sel aastal oli vihma."],
        ),
        # Two jubilees, or about so many years.
        (
            "Klaster tähistab 10. aastapäeva",
            ["Klaster asutati 2009. aastal.", "Liit peab 20. aastapäeva."],
        ),
        ("Klaster kasvas", ["Alustati ligi viis aastat tagasi, 2015. aastal, kahe pingiga."]),
        ("Kava saab aasta lõpuks valmis", ["Alustati 2016. aasta lõpus."]),
        ("Vana õpetus", ["See õpetus on 2000 aasta vanune.", "Seda loeti ka mullu."]),
    ],
)
def test_what_one_year_does_not_reconcile(
    enricher: ArticleEnricher, title: str, body: list[str]
) -> None:
    assert published(enricher, title, *body) is None


@pytest.mark.parametrize(
    ("iso", "sentence"),
    [
        ("2016-12", "Klastripäev peeti 1.-2. detsembrini 2016 Tartus."),
        ("2016-05", "Klastripäev peeti 12. mail 2016 Tartus."),
        # News of the last days of a month comes in the next one, of a year's in the next year.
        ("2016", "Klastripäev peeti 30. mail 2016 Tartus."),
        # What is ahead may be told of long before.
        ("2016", "Klastripäev toimub 12. mail 2016 Tartus."),
        ("2016", "Klastri näitus on avatud 9. oktoobrini 2016."),
    ],
)
def test_month_of_what_took_place(enricher: ArticleEnricher, iso: str, sentence: str) -> None:
    assert published(enricher, "Teade", sentence) == iso
