"""Names of organisations over a whole index: one value for each body, whatever the order."""

import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import NOW, document, models

from search.article import Article, Evidence, Extracted, KnownAs
from search.engines.contract import IndexedDocument, NameEvidence
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.reader import WhooshReader
from search.organisation_names import (
    canonical_spellings,
    organisation_key,
    packed_alias,
    resolved_aliases,
)
from search.query.ast import Everything
from search.request import FacetFilter, SearchRequest

PLAIN = document(models(1, 1)[0])


def written(name: str) -> Extracted[str]:
    return Extracted(name, "found", (Evidence("body", 0, 4, name),))


def article(article_id: str, *names: str, naming: NameEvidence | None = None) -> IndexedDocument:
    """A document that names organisations; without ``naming`` it proves them."""
    organisations = tuple(map(written, names))
    plain = replace(PLAIN.article, id=article_id, organisations=organisations)
    return replace(PLAIN, article=plain, naming=naming or NameEvidence(proven=names))


def maybe(article_id: str, *names: str) -> IndexedDocument:
    return article(article_id, naming=NameEvidence(maybe=tuple(map(written, names))))


def introducing(article_id: str, name: str, short: str) -> IndexedDocument:
    return article(article_id, name, naming=NameEvidence(aliases=((short, name),)))


@pytest.fixture
def generations(tmp_path: Path) -> WhooshIndex:
    return WhooshIndex(tmp_path)


def added(generations: WhooshIndex, documents: Iterable[IndexedDocument]) -> WhooshReader:
    with generations.build([], "f", NOW) as writer:
        for each in documents:
            writer.add(each)
    return generations.open("f")


def totals(reader: WhooshReader) -> dict[str, int]:
    return {each.value: each.count for each in reader.facet_totals("org")}


def read(reader: WhooshReader, article_id: str) -> Article:
    key = reader.find(article_id)
    assert key is not None
    return reader.article(key)


DOCUMENTS = (
    article("a", "AS Vurr"),
    article("b", "AS Vurr"),
    maybe("c", "Vurr", "Kuu"),
    article("d", "Eesti Pliidi-liit"),
    article("e", "Eesti pliidiliit"),
    article("f", "Eesti Pliidiliit"),
    article("g", "Eesti Pliidiliit"),
    introducing("h", "Rahva Ahju Erakond", "RAE"),
    article("i", "RAE", "Vurr OÜ"),
    maybe("j", "RAE"),
)


def test_all_articles_together_decide(generations: WhooshIndex) -> None:
    reader = added(generations, DOCUMENTS)
    assert totals(reader) == {
        "Eesti Pliidiliit": 4,
        "AS Vurr": 3,
        "Rahva Ahju Erakond": 3,
        "Vurr OÜ": 1,
    }
    assert [each.value for each in read(reader, "c").organisations] == ["AS Vurr"]
    spelt = read(reader, "d")
    assert [each.value for each in spelt.organisations] == ["Eesti Pliidiliit"]
    assert spelt.organisations[0].evidence[0].text == "Eesti Pliidi-liit"
    others = ("Eesti Pliidi-liit", "Eesti pliidiliit")
    assert spelt.known_as == (KnownAs("Eesti Pliidiliit", others),)
    key = reader.find("i")
    assert key is not None
    assert set(reader.listings([key])[0].organisations) == {"Rahva Ahju Erakond", "Vurr OÜ"}
    assert reader.document(key) == DOCUMENTS[8]
    for name in ("RAE", "Rahva Ahju Erakond"):
        request = SearchRequest("", org=FacetFilter((name,)))
        assert reader.search(Everything(), request).total == 3
    assert [each.value for each in reader.complete("organisation", "pli", 9)] == [
        "Eesti Pliidiliit"
    ]
    reader.close()


def test_what_proved_a_name_is_gone(generations: WhooshIndex) -> None:
    added(generations, DOCUMENTS).close()
    with generations.extend([], "f", NOW) as writer:
        for each in "abhi":
            writer.delete(each)
    reader = generations.open("f")
    assert totals(reader) == {"Eesti Pliidiliit": 4}
    assert read(reader, "c").organisations == read(reader, "j").organisations == ()
    reader.close()


NAMES = ("Vurr", "AS Vurr", "Vurr AS", "OÜ Vurr", "VURR", "Kuu Liit", "Kuu-liit", "KL", "Kuu liit")


@pytest.mark.parametrize("seed", range(4))
def test_the_order_does_not_matter(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)

    def drawn(number: int) -> IndexedDocument:
        names = draw.sample(NAMES, 5)
        naming = NameEvidence(
            maybe=tuple(map(written, names[2 : draw.choice((2, 4))])),
            proven=tuple(names[: draw.choice((0, 1))]),
            aliases=(("KL", "Kuu Liit"),) if draw.random() < 0.2 else (),
            settled=("VURR",) if draw.random() < 0.1 else (),
        )
        return article(f"u{number:02d}", *names[:2], naming=naming)

    living = {number: drawn(number) for number in range(20)}
    generations = WhooshIndex(tmp_path / "one")
    added(generations, living.values()).close()
    for step in range(6):
        with generations.extend([], "f", NOW) as writer:
            for number in draw.sample(sorted(living), 3):
                writer.delete(f"u{number:02d}")
                del living[number]
            for number in (100 + step, *draw.sample(range(50, 60), 1)):
                if number not in living:
                    living[number] = drawn(number)
                    writer.add(living[number])
    grown = generations.open("f")
    again = list(living.values())
    draw.shuffle(again)
    rebuilt = added(WhooshIndex(tmp_path / "two"), again)
    assert totals(grown) == totals(rebuilt)
    for number in living:
        one, other = (read(each, f"u{number:02d}") for each in (grown, rebuilt))
        assert set(one.organisations) == set(other.organisations)
        assert set(one.known_as) == set(other.known_as)
    grown.close()
    rebuilt.close()


def test_keys_and_spellings() -> None:
    spellings = (
        "Põhja-Eesti Haigla",
        "põhja eesti haigla",
        "SA Põhja-Eesti Haigla",
        "Põhja–Eesti Haigla",
    )
    assert len(set(map(organisation_key, spellings))) == 1
    assert organisation_key("Sihtasutus") == "sihtasutus"
    names = ("Vurr", "vurr", "AS Vurr", "OÜ Vurr")
    assert canonical_spellings(names, (1, 2, 3, 9), ()) == [1, 1, 2, 3]
    assert canonical_spellings(names[:3], (1, 2, 3), ()) == [2, 2, 2]
    assert canonical_spellings(names[:3], (1, 2, 3), {"vurr"}) == [1, 1, 1]


def test_an_alias_of_many_is_nobodys() -> None:
    told = [(packed_alias("KL", "Kuu Liit"), 2), (packed_alias("KL", "Kala Liit"), 2)]
    assert resolved_aliases(told) == {}
    assert resolved_aliases([*told, (packed_alias("KL", "KUU LIIT"), 3)]) == {"kl": "kuuliit"}
