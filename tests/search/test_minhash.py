"""The same story at two addresses is one hit, whichever came first, and nothing else is."""

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.near_duplicates.lsh import representatives
from search.near_duplicates.minhash import NO_SIGNATURE, PLACES, Wording, are_same
from search.request import FacetFilter, SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "uudised"
TITLE = "Puiduklaster avas Võrus õppetehase"
STORY = (
    "Kagu-Eesti Puiduklaster avas 12. mail 2016 Võrus õppetehase, kus kutsekooli õpilased saavad "
    "harjutada päris saepingil ja liimpuidu pressil. Tehase ehitus kestis kaheksa kuud ja läks "
    "maksma 340 000 eurot, millest poole andis klaster ise.",
    "Klastri juhi sõnul ei jätku ettevõtetel enam aega iga uut töötajat algusest peale välja "
    "õpetada. Seepärast leppisid neliteist ettevõtet kokku, et igaüks saadab tehasesse korra "
    "nädalas ühe kogenud meistri. Esimesed kakskümmend õpilast alustavad septembris.",
    "Õhtuti on pingid avatud ka väikestele mööblitootjatele, kellel endal suurt seadet ei ole. "
    "Broneerida saab klastri kodulehel ja tunnihind on kaksteist eurot.",
)
#: The same story as others took it over.
COPIES = {
    "teisel-lehel": (TITLE, STORY),
    "uue-pealkirjaga": ("Võrus saab nüüd õppida päris saepingil", STORY),
    "lausega-vahem": (TITLE, (STORY[0], STORY[1].split(". ", 1)[1], STORY[2])),
    "lisaga": (TITLE, (*STORY, "Uudist võib avaldada, kui viidatakse allikale.")),
    "kuupaev-parandatud": (TITLE, (STORY[0].replace("12. mail", "13. mail"), *STORY[1:])),
}
#: The next notice of the series: another day, place, builder and price.
OTHER = (
    STORY[0]
    .replace("Kagu-Eesti Puiduklaster", "Läänemaa Metallikoda")
    .replace("12. mail 2016 Võrus", "3. oktoobril 2018 Haapsalus")
    .replace("340 000", "515 000"),
    *STORY[1:],
)
NOTICE = "Klastri üldkoosolek toimub {} kell {} {}. Palume osalemisest teatada. Ootame kõiki!"


@dataclass
class Site:
    """An index over text files, filled by the real pipeline."""

    folder: Path
    configuration: Configuration
    analyzer: Analyzer

    def write(
        self, name: str, title: str, body: Sequence[str], date: str = "", url: str = ""
    ) -> None:
        head = [
            f"title: {title}",
            *([f"date: {date}"] * bool(date)),
            *([f"url: {url}"] * bool(url)),
        ]
        text = "\n".join(("---", *head, "---", "\n\n".join(body)))
        self.folder.mkdir(exist_ok=True)
        (self.folder / f"{name}.txt").write_text(text, encoding="utf-8")

    def reindex(self) -> None:
        index = index_of(self.configuration)
        assert not pipeline(self.configuration).reindex(index, [self.folder]).errors

    def update(self, *, prune: bool = False) -> None:
        index = index_of(self.configuration)
        pipeline(self.configuration).update(index, [self.folder], prune=prune, yes=True)

    @property
    def service(self) -> SearchService:
        path = self.configuration.index
        return SearchService(path, self.configuration, self.analyzer, load_taxonomy(None))

    def found(self, query: str = "") -> list[str]:
        service = self.service
        results = service.search(SearchRequest(query, page_size=1000))
        service.close()
        assert results.total == len([hit for hit in results.hits if hit.full])
        return sorted(hit.id for hit in results.hits if hit.full)


@pytest.fixture
def site(tmp_path: Path, analyzer: Analyzer) -> Site:
    return Site(tmp_path / "uudised", Configuration(index=tmp_path / "index"), analyzer)


def wording(analyzer: Analyzer, title: str, body: Sequence[str]) -> bytes:
    collected = Wording()
    for paragraph in (title, *body):
        collected.add(paragraph, analyzer.analyse(paragraph))
    return collected.signature()


def rows(*signatures: bytes) -> np.ndarray:
    return np.frombuffer(b"".join(signatures), dtype=np.uint16).reshape(-1, PLACES)


@pytest.mark.parametrize("copy", COPIES)
def test_small_edits_leave_it_the_same_story(analyzer: Analyzer, copy: str) -> None:
    first, second = wording(analyzer, TITLE, STORY), wording(analyzer, *COPIES[copy])
    assert are_same(rows(first), rows(second)).all()


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ((" ja läks", " ega läinud"), TITLE),
        (("ei jätku", "jätkub"), TITLE),
        (("saadab tehasesse", "ei saada tehasesse"), TITLE),
        (("", ""), "Puiduklaster avas Võrus teise õppetehase"),
    ],
)
def test_a_negation_turns_a_story(analyzer: Analyzer, change: tuple[str, str], title: str) -> None:
    body = [each.replace(*change) for each in STORY]
    first, second = wording(analyzer, TITLE, STORY), wording(analyzer, title, body)
    assert are_same(rows(first), rows(second)).all() == (title != TITLE)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Politsei tabas 30 joobes juhti", "Politsei tabas 17 joobes juhti"),
        ("Leiti kaks kadunud matkajat", "Leiti kolm kadunud matkajat"),
        ("Laat jääb esmaspäeval ära", "Laat jääb teisipäeval ära"),
        ("Tehas laieneb aprillis", "Tehas laieneb septembris"),
        ("Klaster saab toetust", "Klaster ei saa toetust"),
    ],
)
def test_titles_that_differ_in_what_decides_are_two_days_news(
    analyzer: Analyzer, first: str, second: str
) -> None:
    one, other = (rows(wording(analyzer, each, STORY)) for each in (first, second))
    assert not are_same(one, other).any()


def test_in_a_short_text_another_month_is_another_story(analyzer: Analyzer) -> None:
    body = (
        "Kagu-Eesti Puiduklaster ja Võrumaa Kutsehariduskeskus kutsuvad {} 2014 Väimelasse "
        "Metsa tallu huvilisi, kes tahavad näha, kuidas Soome saeveski palgist laua teeb. "
        "Osalemine on tasuta, aga Klastri kodulehel tuleb end enne kirja panna."
    )
    may, june, moved = (
        rows(wording(analyzer, "Õppepäev", [body.format(each)]))
        for each in ("12. mail", "12. juunil", "13. mail")
    )
    assert not are_same(may, june).any()
    assert are_same(may, moved).all()


def test_the_next_of_a_series_is_another_story(analyzer: Analyzer) -> None:
    other = wording(analyzer, "Metallikoda avas Haapsalus õppetehase", OTHER)
    assert not are_same(rows(wording(analyzer, TITLE, STORY)), rows(other)).any()


def test_very_short_texts_must_be_equal(analyzer: Analyzer) -> None:
    may = ["Üldkoosolek", [NOTICE.format("5. mail", "14", "Tartus")]]
    june = ["Üldkoosolek", [NOTICE.format("9. juunil", "14", "Tartus")]]
    again = ["Üldkoosolek", [NOTICE.format("5. mail", "14", "Tartus")]]
    one, other, same = (wording(analyzer, *each) for each in (may, june, again))
    assert one == same
    assert not are_same(rows(one), rows(other)).any()
    assert wording(analyzer, "", []) == b""


def test_short_official_notices_with_other_titles_stay_apart(analyzer: Analyzer) -> None:
    body = ["Andmed avaldatakse kord aastas vastavalt seadusele. " * 6]
    signatures = [wording(analyzer, f"Seire {year}. aastal", body) for year in (2001, 2002)]
    assert not are_same(rows(signatures[0]), rows(signatures[1])).any()


def test_no_signature_is_like_no_other() -> None:
    several = rows(NO_SIGNATURE, NO_SIGNATURE, NO_SIGNATURE)
    assert representatives(several, np.arange(3)).tolist() == [0, 1, 2]


def test_grouping_does_not_depend_on_the_order_of_rows(analyzer: Analyzer) -> None:
    stories = [(TITLE, STORY), *COPIES.values(), ("Metallikoda avas tehase", OTHER)]
    signatures = [wording(analyzer, *each) for each in stories]
    expected = [0] * (len(stories) - 1) + [len(stories) - 1]
    for order in itertools.islice(itertools.permutations(range(len(stories))), 0, None, 97):
        shuffled = rows(*(signatures[i] for i in order))
        # Whatever the numbering, the first story stands first in line.
        line = np.argsort(order)
        found = representatives(shuffled, line)
        assert [order[found[row]] for row in line] == expected


def test_one_of_many_series_is_not_swallowed() -> None:
    draw = np.random.default_rng(1)
    several = draw.integers(1, 65536, (400, PLACES)).astype(np.uint16)
    several[200:] = several[:200]
    several[200:, ::9] = 0
    found = representatives(several, np.arange(400))
    assert found.tolist() == list(range(200)) * 2


@pytest.mark.parametrize("first", ["a", "kaugem-aadress"])
def test_one_hit_lists_the_other_addresses_whatever_came_first(site: Site, first: str) -> None:
    facts = {
        "a": ("2016-05-13", "https://ajaleht.example/a"),
        "kaugem-aadress": ("2016-05-12", "https://klaster.example/uudis"),
    }
    for name in sorted(facts, key=lambda each: each != first):
        site.write(name, TITLE, STORY, *facts[name])
        if name == first:
            site.reindex()
    site.write("teine", "Metallikoda avas Haapsalus õppetehase", OTHER, "2018-10-04")
    site.update()
    # The earlier date stands for both.
    assert site.found("õppetehas") == ["kaugem-aadress", "teine"]
    service = site.service
    view = service.article("kaugem-aadress")
    assert view.article.duplicates == ("https://ajaleht.example/a",)
    assert service.article("a").article.duplicates == ("https://klaster.example/uudis",)
    assert service.article("teine").article.duplicates == ()
    assert {each.id for each in view.similar} <= {"teine"}
    results = service.search(SearchRequest("õppetehas", year=FacetFilter(("2016",))))
    assert results.total == 1
    (hit,) = results.hits
    assert hit.duplicates == ("https://ajaleht.example/a",)
    assert results.to_dict()["hits"][0]["duplicates"] == ["https://ajaleht.example/a"]
    counts = {each.value: each.count for each in results.facet("year").values}
    assert counts == {2016: 1, 2018: 1}
    assert service.document_count() == 3
    assert dict(service.statistics().years) == {"2016": 1, "2018": 1}
    service.close()


def test_of_a_group_the_version_that_fits_best_is_shown(site: Site) -> None:
    site.write("algne", TITLE, STORY, "2016-05-12")
    site.write("täiendatud", TITLE, (*STORY, "Fotonäitust saab vaadata fuajees."), "2017-05-20")
    site.reindex()
    assert site.found("õppetehas") == ["algne"]
    assert site.found("fotonäitus") == ["täiendatud"]
    service = site.service
    results = service.search(SearchRequest("õppetehas fotonäitus"))
    assert [(each.id, each.full) for each in results.hits] == [("täiendatud", True)]
    assert (results.total, results.partial) == (1, 0)
    # A story counts in each year in which one of its versions stands, and is found there.
    assert dict(service.statistics().years) == {"2016": 1, "2017": 1}
    for year, wanted in (("2016", "algne"), ("2017", "täiendatud")):
        found = service.search(SearchRequest("õppetehas", year=FacetFilter((year,))))
        assert [each.id for each in found.hits] == [wanted]
        assert {each.value: each.count for each in found.facet("year").values} == {2016: 1, 2017: 1}
    assert service.search(SearchRequest()).total == 1
    service.close()


def test_without_dates_the_shortest_id_stands_for_all(site: Site) -> None:
    undated = tuple(each.replace("12. mail 2016 ", "") for each in STORY)
    for name in ("bb", "pikem", "aa"):
        site.write(name, TITLE, undated)
    site.reindex()
    assert site.found() == ["aa"]
    service = site.service
    assert service.article("aa").article.duplicates == ("bb", "pikem")
    assert service.article("pikem").article.duplicates == ("aa", "bb")
    service.close()


def test_when_the_representative_goes_the_other_appears(site: Site) -> None:
    site.write("algne", TITLE, STORY, "2016-05-12")
    site.write("koopia", *COPIES["lisaga"], "2016-05-20")
    site.reindex()
    assert site.found("saepink") == ["algne"]
    (site.folder / "algne.txt").unlink()
    site.update(prune=True)
    assert site.found("saepink") == ["koopia"]
    service = site.service
    assert service.article("koopia").article.duplicates == ()
    service.close()


def test_an_update_or_reapplication_does_not_store_what_is_worked_out(site: Site) -> None:
    site.write("algne", TITLE, STORY, "2016-05-12")
    site.write("koopia", TITLE, STORY, "2016-05-20")
    site.reindex()
    report = pipeline(site.configuration).reapply(index_of(site.configuration))
    assert not report.changes
    with contextlib.closing(index_of(site.configuration).open()) as reader:
        number = reader.find("algne")
        assert number is not None
        assert reader.article(number).duplicates == ()


def test_no_two_examples_are_the_same_story(service: SearchService) -> None:
    assert service.search(SearchRequest()).total == len(list(EXAMPLES.glob("*.txt")))
