"""The owner's synonyms: how the file is read, and what it makes a search find."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from news import ask, full, index_news, service_over, ways

from search.analysis import Analyzer
from search.errors import SynonymError
from search.query.synonyms import DEFAULT_SYNONYMS, MAX_BYTES, SynonymRule, load_synonyms
from search.service import SearchService

RULES = """\
# Liidud ja klastrid
EJKL = Eesti Jäätmekäitlejate Liit = ERMEL
TalTech = TTÜ = Tallinna Tehnikaülikool   # endine nimi ka
Metsa ja Puidu Liit = EMPL
prügi ~ jäätmed
hoverboard -> tasakaaluliikur
"""
NEWS = [
    "EJKL pidas koosoleku. Liidu juhatus arutas eelarvet.",  # 1
    "Koosolek Tallinnas. Eesti Jäätmekäitlejate Liidu liikmed kogunesid sügisel.",  # 2
    "ERMELi uus nimi. Ühing muutis põhikirja.",  # 3
    "Jäätmed sorteeritakse. Linn kogub jäätmeid eraldi.",  # 4
    "Prügi vedu kallineb. Prügi viiakse ära harvem.",  # 5
    "Tasakaaluliikuri ostjad. Tasakaaluliikur sõidab kiiresti.",  # 6
    "Hoverboard põles. Tootja kutsus hoverboardi tagasi.",  # 7
    "Teadlased TTÜst. Tallinna Tehnikaülikooli teadlased uurisid puitu.",  # 8
    "TalTechi labor. Uus labor avati sügisel.",  # 9
    "Metsa ja Puidu Liidu aastapäev. Juubelit peeti Tartus.",  # 10
    "EMPLi juht vahetus. Uus juht alustas jaanuaris.",  # 11
    "Kohtumine ministriga. Eesti ettevõtjad ja liit said kokku.",  # 12
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return index_news(tmp_path_factory.mktemp("synonyms"), NEWS)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("rules") / "sünonüümid.txt"
    file.write_text(RULES, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def service(index: Path, rules: Path, analyzer: Analyzer) -> Iterator[SearchService]:
    answering = service_over(index, analyzer, rules)
    yield answering
    answering.close()


def test_the_file_is_read(rules: Path) -> None:
    found = load_synonyms(rules)
    assert found[0] == SynonymRule("same", ("EJKL", "Eesti Jäätmekäitlejate Liit", "ERMEL"))
    assert found[1].sides[-1] == "Tallinna Tehnikaülikool"
    assert [each.relation for each in found] == ["same", "same", "same", "related", "one-way"]
    assert load_synonyms(None) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prügi jäätmed", "line 1: there is no =, ~ or -> in it"),
        ("# hea\n\nEJKL = \n", "line 3: there is no word on one side"),
        ("= EJKL", "line 1: there is no word"),
        ("a = !!! = b", "line 1: there is no word"),
        ("a = b ~ c", "line 1: different signs"),
        ("a -> b -> c", "line 1: -> stands in it more than once"),
        (" = ".join("abcdefghijklmnopqrstuvwxyzõäöüšž"), "line 1: it has more than 30 names"),
        ("a = " + "sõna " * 13, "line 1: a name has more than 12 words"),
        ("x = y\n" * MAX_BYTES, "is larger than 1 MB"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "syn.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SynonymError) as error:
        load_synonyms(file)
    assert said in str(error.value)
    assert str(file) in str(error.value)
    assert str(error.value).count(". ")


def test_a_file_that_cannot_be_read(tmp_path: Path, index: Path, analyzer: Analyzer) -> None:
    (tmp_path / "ansi.txt").write_bytes("prügi ~ jäätmed".encode("latin-1"))
    with pytest.raises(SynonymError, match="not UTF-8"):
        load_synonyms(tmp_path / "ansi.txt")
    with pytest.raises(SynonymError, match="cannot be read"):
        service_over(index, analyzer, tmp_path / "pole.txt")


@pytest.mark.parametrize(
    "query",
    [
        "EJKL",
        "EJKLi",
        "ejkl",
        "ERMEL",
        "Eesti Jäätmekäitlejate Liit",
        "eesti jäätmekäitlejate liidule",
        '"Eesti Jäätmekäitlejate Liidus"',
    ],
)
def test_names_of_one_thing_find_the_same(service: SearchService, query: str) -> None:
    assert set(full(ask(service, query))) == {"1", "2", "3"}


def test_reasons_name_what_was_typed_and_the_form_in_the_text(service: SearchService) -> None:
    found = ways(ask(service, "EJKL"))
    assert ("EJKL", "EJKL", "exact") in found
    assert ("EJKL", "Eesti Jäätmekäitlejate Liidu", "synonym") in found
    assert ("EJKL", "ERMELi", "synonym") in found
    backwards = ways(ask(service, "jäätmekäitlejate eesti liit"))
    assert not any(how == "synonym" for _, _, how in backwards)


def test_a_name_is_partly_met_by_some_of_its_words(service: SearchService) -> None:
    results = ask(service, "Eesti Jäätmekäitlejate Liit")
    assert (results.total, "12" in {hit.id for hit in results.hits}) == (3, True)
    assert not next(hit for hit in results.hits if hit.id == "12").full


def test_a_name_is_one_word_among_others(service: SearchService) -> None:
    results = ask(service, "EJKL koosolek")
    assert set(full(results)) == {"1", "2"}
    assert "3" in {hit.id for hit in results.hits if not hit.full}
    assert set(full(ask(service, "Tallinna Tehnikaülikool labor"))) == {"9"}
    assert set(full(ask(service, "TTÜ AND labor"))) == {"9"}
    assert set(full(ask(service, "(TTÜ OR EMPL) juht"))) == {"11"}


def test_a_name_with_a_conjunction(service: SearchService) -> None:
    for query in ("EMPL", "Metsa ja Puidu Liit", '"metsa ja puidu liit"'):
        assert set(full(ask(service, query))) >= {"10", "11"}


def test_related_words_find_each_other_below(service: SearchService) -> None:
    assert full(ask(service, "prügi"))[:2] == ["5", "4"]
    assert full(ask(service, "jäätmed"))[0] == "4"
    assert "5" in full(ask(service, "jäätmed"))
    assert ("prügi", "jäätmeid", "synonym") in ways(ask(service, "prügi"))


def test_one_way_goes_one_way(service: SearchService) -> None:
    assert set(full(ask(service, "hoverboardid"))) == {"6", "7"}
    assert set(full(ask(service, "tasakaaluliikur"))) == {"6"}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("=prügi", {"5"}),
        ('="prügi vedu"', {"5"}),
        ("prüg*", {"5"}),
        ("title:prügi", {"5"}),
        ("koosolek -ERMEL", {"1", "2"}),
        ('"prügi vedu"', {"5"}),
    ],
)
def test_what_is_never_expanded(service: SearchService, query: str, ids: set[str]) -> None:
    assert set(full(ask(service, query))) == ids


def test_the_explanation_says_it(service: SearchService) -> None:
    assert ask(service, "prügi").explanation == (
        "Searched: “prügi” in any form or its synonym “jäätmed”."
    )
    said = ask(service, "EJKL koosolek").explanation
    assert "or its synonyms “Eesti Jäätmekäitlejate Liit”, “ERMEL”) and" in said


def test_a_change_needs_no_reindex(
    tmp_path: Path, index: Path, analyzer: Analyzer, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "syn.txt"
    file.write_text("prügi ~ jäätmed", encoding="utf-8")
    service = service_over(index, analyzer, file)
    assert set(full(ask(service, "põhikiri"))) == {"3"}
    _write_later(file, "põhikiri = eelarve")
    assert set(full(ask(service, "põhikiri"))) == {"1", "3"}
    assert full(ask(service, "prügi")) == ["5"]
    with caplog.at_level(logging.WARNING):
        _write_later(file, "põhikiri = ")
        for _ in range(2):
            assert set(full(ask(service, "põhikiri"))) == {"1", "3"}
    assert caplog.text.count("line 1") == 1
    file.unlink()
    assert set(full(ask(service, "põhikiri"))) == {"1", "3"}
    _write_later(file, "# enam mitte\n")
    assert set(full(ask(service, "põhikiri"))) == {"3"}
    service.close()


def _write_later(file: Path, text: str) -> None:
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))


PIECES = st.sampled_from(
    "EJKL ejkl ERMEL Eesti jäätmekäitlejate liit prügi jäätmed hoverboard TTÜ tallinna "
    'tehnikaülikool ja puidu metsa OR AND NOT - ( ) " = * title: ~2 jaatmed klsater xyzzyq'.split()
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(PIECES, max_size=12), gap=st.sampled_from([" ", ""]))
def test_anything_typed_is_answered(service: SearchService, pieces: list[str], gap: str) -> None:
    results = ask(service, gap.join(pieces))
    assert results.total + results.partial == len(results.hits)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="aõ EJ=~->→#\n\t!", max_size=60))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.txt"
    file.write_text(text, encoding="utf-8")
    with contextlib.suppress(SynonymError):
        rules = load_synonyms(file)
        assert all(len(each.sides) > 1 and all(each.sides) for each in rules)


def test_the_programs_own_synonyms_count_unless_they_are_turned_off(
    index: Path, analyzer: Analyzer, rules: Path
) -> None:
    with contextlib.closing(service_over(index, analyzer, default=True)) as service:
        found = ask(service, "tehnikaülikool")
        assert set(full(found)) == {"8", "9"}
        assert ("tehnikaülikool", "TalTechi", "synonym") in ways(found)
        assert set(full(ask(service, "prügi"))) == {"2", "4", "5"}
        assert full(ask(service, "prügi"))[0] == "5"
    with contextlib.closing(service_over(index, analyzer)) as service:
        assert full(ask(service, "prügi")) == ["5"]
    with contextlib.closing(service_over(index, analyzer, rules, default=True)) as service:
        assert set(full(ask(service, "hoverboard"))) == {"6", "7"}
        assert set(full(ask(service, "TTÜ"))) == {"8", "9"}


def test_the_programs_own_synonyms_are_sound() -> None:
    rules = load_synonyms(DEFAULT_SYNONYMS)
    assert len(rules) > 150
    seen = [(rule.relation == "one-way", *sorted(rule.sides)) for rule in rules]
    assert len(seen) == len(set(seen))
    for rule in rules:
        folded = [side.casefold() for side in rule.sides]
        assert len(folded) == len(set(folded)), rule
