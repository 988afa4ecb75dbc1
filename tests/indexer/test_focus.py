"""Focus areas: the subject of an article, not what it lists in passing."""

import re
from pathlib import Path

import pytest
from enriching import ArticleEnricher

from indexer.extract import Gazetteer, Overrides
from search.analysis import Analyzer
from search.article import Article, Evidence, Extracted
from search.taxonomy import CueSet, FocusArea, Taxonomy, WeightedCues, load_taxonomy

TECHNOLOGY = "korgtehnoloogia-digitootmine"
GREEN = "rohe-ringmajandus"
CREATIVE = "teenuseinnovatsioon-loomemajandus"


@pytest.fixture(scope="module")
def enricher(analyzer: Analyzer) -> ArticleEnricher:
    return ArticleEnricher(analyzer, load_taxonomy(None), Gazetteer(), Overrides(), 2026)


def areas(enricher: ArticleEnricher, title: str, *body: str, language: str = "et") -> list[str]:
    found = enricher.enrich(Article("a", title, body, "a.txt", language=language))
    for each in found.focus_areas:
        assert each.evidence
        for evidence in each.evidence:
            part = found.title if evidence.part == "title" else found.body_text
            assert part[evidence.start : evidence.end] == evidence.text
    return [each.value for each in found.focus_areas]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        (
            "Tööstusrobotid jõudsid väikefirmasse",
            "Keevitusrobot ja andurid võimaldavad tootmisliini automatiseerida.",
            [TECHNOLOGY],
        ),
        (
            "Saeveskid digitaliseerivad tootmist",
            "Puidutööstus otsib insenere, kes tunneksid tarkvara ja masinnägemist.",
            [TECHNOLOGY],
        ),
        (
            "Haigla katsetab telemeditsiini",
            "Meditsiiniseade saadab patsiendi andmed arstile; tervisetehnoloogia areneb.",
            [TECHNOLOGY],
        ),
        (
            "Olmejäätmed uuele ringile",
            "Jäätmekäitluse ja taaskasutuse seminar rääkis pakenditest ning biogaasist.",
            [GREEN],
        ),
        (
            "Reovesi kütab kasvuhoonet",
            "Puhasti toodab taastuvenergiat ja vähendab süsinikuheidet.",
            [GREEN],
        ),
        (
            "Filmiklaster ootab välismaa režissööre",
            "Filmitööstus ja turism kasvavad koos: kino toob külastajad muuseumi ja kohvikusse.",
            [CREATIVE],
        ),
        (
            "Teenusedisaini töötuba loomeettevõtetele",
            "Disainerid aitavad majutajatel luua uusi teenuseid.",
            [CREATIVE],
        ),
        # Newer words.
        (
            "Idufirma kaasas miljoni",
            "Start-up ehitab droone ja isesõitvaid autosid; riskikapital tuli Soomest.",
            [TECHNOLOGY],
        ),
        (
            "Ravimifirma vaktsiin jõuab katseteni",
            "Vaktsiini arendamine kestis aasta. Kliinilised uuringud algavad sügisel.",
            [TECHNOLOGY],
        ),
        (
            "Elektriautod tahavad laadida",
            "Põhivõrk vajab uusi elektriliine. Tuulikud ja laadimisjaamad liidetakse.",
            [GREEN],
        ),
        (
            "Kohalik köök meelitab sööjaid",
            "Gastronoomia aasta toob peakokad kokku, restoranid pakuvad toidukultuuri.",
            [CREATIVE],
        ),
        # One passing word is no subject.
        (
            "Galerii: seltskond kogunes peole",
            "Peol tantsiti hommikuni. Vaata pilte galeriist ja ütle, kes oli kõige ilusam.",
            [],
        ),
        ("Konto jääk on väike", "Konto jääk vähenes. Pangas oli jääk veel eile suur.", []),
        (
            "Uus maja valmis",
            "Maja keskkonda sulanduv fassaad on puidust. Elanikud kolivad sisse mais.",
            [],
        ),
        (
            "Reisijad ootasid bussi",
            "Buss ei tulnud. Reisija sõnul oli puhkus rikutud, sihtkoht jäi nägemata.",
            [],
        ),
        (
            "Juhatus valis esimehe",
            "Koosolek kinnitas põhikirja ja liikmemaksu. Järgmine kord saadakse kokku sügisel.",
            [],
        ),
    ],
)
def test_subjects(enricher: ArticleEnricher, title: str, body: str, expected: list[str]) -> None:
    assert areas(enricher, title, body) == expected


def test_names_tell_less_than_words(enricher: ArticleEnricher) -> None:
    told = "Juhatusse valiti {0} tundja. Peale teda tahtis sinna teinegi {0} tundja."
    assert areas(enricher, "Juhatus", told.format("ringmajanduse")) == [GREEN]
    assert areas(enricher, "Juhatus", told.format("Ringmajanduse")) == []
    # An acronym is written so wherever it stands.
    assert areas(enricher, "Juhatus", told.format("ROBOOTIKA")) == [TECHNOLOGY]


def test_long_articles_need_more(enricher: ArticleEnricher) -> None:
    told = "Seminaril räägiti jäätmetest ja pakenditest."
    story = "Osalejad tulid bussiga, sõid lõunat ja mängisid palli. " * 40
    assert areas(enricher, "Seminar", told) == [GREEN]
    assert areas(enricher, "Seminar", told, story) == []


def test_two_areas_strongest_first(enricher: ArticleEnricher) -> None:
    found = areas(
        enricher,
        "Robot sorteerib jäätmeid",
        "Sorteerimisjaamas õpib tehisintellekt prügi tundma. Jäätmekäitlus saab abi robootikast.",
        "Masinnägemine eristab plastpakendi klaasist, taaskasutus kasvab ja prügila jääb tühjaks.",
    )
    assert found == [GREEN, TECHNOLOGY]


def test_elliptic_pairs_and_compounds_count(enricher: ArticleEnricher) -> None:
    found = areas(
        enricher,
        "Rohe- ja ringmajanduse päev",
        "Räägiti ehitus- ja lammutusjäätmetest ning taastuvenergiast.",
    )
    assert found == [GREEN]


def test_a_list_of_all_areas_is_no_subject(enricher: ArticleEnricher) -> None:
    found = areas(
        enricher,
        "Konverents tuleb sügisel",
        "Töörühmi on kolm: kõrgtehnoloogia ja digitaalne tootmine; rohe- ja ringmajandus; "
        "teenuseinnovatsioon ja loomemajandus.",
        "Registreerida saab klastri kontoris, osalemine on liikmetele tasuta.",
    )
    assert found == []


def test_weak_words_alone_are_no_subject(enricher: ArticleEnricher) -> None:
    body = "Teenus tellitakse kolmeks aastaks, teenuse hind ja teenuse maht on lepingus kirjas."
    assert areas(enricher, "Hange", body, body) == []


def test_english_news(enricher: ArticleEnricher) -> None:
    body = "The cluster showed how waste is turned into biogas and how compost is sold."
    assert areas(enricher, "Recycling in the circular economy", body, language="en") == [GREEN]


def test_given_areas_win_and_may_be_labels(enricher: ArticleEnricher) -> None:
    label = "Rohe- ja ringmajandus"
    given = Extracted(label, "given", (Evidence("given", 0, len(label), label),))
    article = Article("a", "Film ja teater", ("Kino.",), "a.txt", focus_areas=(given,))
    found = enricher.enrich(article)
    assert [(each.value, each.origin) for each in found.focus_areas] == [(GREEN, "given")]
    assert enricher.enrich(found) == found


def test_a_new_taxonomy_replaces_what_was_found(
    analyzer: Analyzer, enricher: ArticleEnricher
) -> None:
    cues = (WeightedCues(3, CueSet(frozenset({"kala"}), frozenset({"kala"}))),)
    fish = Taxonomy((FocusArea("kala", "Kala", "Fish", cues),))
    other = ArticleEnricher(analyzer, fish, Gazetteer(), Overrides(), 2026)
    body = ("Kalapüük ja jäätmekäitlus. Kala, jäätmed ja prügila.",) * 2
    article = Article("a", "Kalajäätmed", body, "a.txt", language="et")
    first = enricher.enrich(article)
    assert [each.value for each in first.focus_areas] == [GREEN]
    assert other.enrich(first) == other.enrich(article)
    assert [each.value for each in other.enrich(first).focus_areas] == ["kala"]


def test_excluded_words_do_not_speak(analyzer: Analyzer) -> None:
    area = FocusArea(
        "rand",
        "Rand",
        "Beach",
        (WeightedCues(9, CueSet(parts=frozenset({"rand"}))),),
        CueSet(frozenset({"randpalm"}), phrases=frozenset({("tallinn", "rand")})),
    )
    enricher = ArticleEnricher(analyzer, Taxonomy((area,)), Gazetteer(), Overrides(), 2026)
    assert areas(enricher, "Merelaine rannas", "Rand on lai.") == ["rand"]
    assert areas(enricher, "Päev Tallinna rannas", "Randpalm kasvab.") == []


def test_phrases_are_cut_as_texts_are(analyzer: Analyzer) -> None:
    cues = (WeightedCues(9, CueSet(phrases=frozenset({("tööstus", "4.0")}))),)
    taxonomy = Taxonomy((FocusArea("uus", "Uus", "New", cues),))
    enricher = ArticleEnricher(analyzer, taxonomy, Gazetteer(), Overrides(), 2026)
    assert areas(enricher, "Teade", "Räägiti tööstus 4.0 teemast.") == ["uus"]
    assert areas(enricher, "Teade", "Räägiti: tööstus. 4.0 oli vastus.") == []


def test_addresses_do_not_speak(enricher: ArticleEnricher) -> None:
    body = "Lisa: www.ringmajandus.ee, www.taaskasutus.ee, info@jäätmed.ee."
    assert areas(enricher, "Teade", body, body) == []


@pytest.mark.shared
def test_seed(enricher: ArticleEnricher, shared_dir: Path) -> None:
    text = next((shared_dir / "seeds").glob("*.txt")).read_text(encoding="utf-8")
    title, _, body = text.partition("\n\n")
    assert areas(enricher, title, *re.split(r"\n{2,}", body.strip()))[0] == GREEN
