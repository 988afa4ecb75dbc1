"""Compounds that hardly any article holds fall apart: articles with all parts match in part."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from news import ask, full, index_news, service_over, ways

from search.analysis import Analyzer
from search.results import Results
from search.service import SearchService

NEWS = [
    "Kaks küla. Küla lähedal avati saun, kus käib rahvas laupäeviti.",  # 1
    "Saun põles. Linnas süttis saun, kuid küla jäi terveks ning uusi hooneid tuleb.",  # 2
    "Ujula. Linn ehitab ujulat ja küla ootab.",  # 3
    "Metsasaun. Metsasaunas käis ka vallavanem.",  # 4
    "Trenn. Ujuja juhendas lapsi basseinis ja ütles, et vesi on soe.",  # 5
]
WHOLE = ["Suvesaun. Suvesauna lubati tuua mere äärde.", "Suvi. Suvel tehti sauna iga päev."]


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer
) -> Iterator[SearchService]:
    answering = service_over(index_news(tmp_path_factory.mktemp("apart"), NEWS), analyzer)
    yield answering
    answering.close()


def partial(results: Results) -> list[str]:
    return [hit.id for hit in results.hits if not hit.full]


def test_articles_with_all_parts_match_in_part_and_say_so(service: SearchService) -> None:
    found = ask(service, "külasaunad")
    assert (found.total, found.partial) == (0, 2)
    assert set(partial(found)) == {"1", "2"}
    assert ("külasaunad", "saun", "apart") in ways(found)
    assert {hit.missing for hit in found.hits} == {("külasaunad",)}
    assert "in part also “küla” and “saun”" in found.explanation


def test_parts_have_families(service: SearchService) -> None:
    assert partial(ask(service, "laupäevaujumine")) == []
    assert partial(ask(service, "basseiniujumine")) == ["5"]


@pytest.mark.parametrize(
    "query", ["=külasaunad", '"suured külasaunad"', "külasauna*", "raha -külasaun"]
)
def test_what_is_never_relaxed_does_not_fall_apart(query: str, service: SearchService) -> None:
    assert not {"1", "2"} & {hit.id for hit in ask(service, query).hits}


@pytest.mark.parametrize(
    "query", ["külasaun AND ujula", "külasaun OR ujula", "külasaun language:et"]
)
def test_an_operator_asks_for_the_whole(query: str, service: SearchService) -> None:
    assert not {"1", "2"} & set(full(ask(service, query)))


def test_whole_compounds_stand_above(tmp_path: Path, analyzer: Analyzer) -> None:
    service = service_over(index_news(tmp_path, WHOLE), analyzer)
    found = ask(service, "suvesaun")
    service.close()
    assert full(found) == ["1"]
    assert partial(found) == ["2"]


def test_a_lexicalised_compound_stays_whole(service: SearchService) -> None:
    assert not ask(service, "sihtasutus").hits
