"""Terms and lists found in mapped files, against Whoosh's own reader."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from corpus import NOW
from drawn import draw_documents

from search.engines.whoosh import WhooshIndex, WhooshReader
from search.engines.whoosh.postings.decoding import stepped
from search.engines.whoosh.postings.dictionary import Dictionary

FIELDS = ("title", "body")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshReader]:
    generations = WhooshIndex(tmp_path_factory.mktemp("index"))
    with generations.build(["x"], "f", NOW) as writer:
        for each in draw_documents(600, seed=4):
            writer.add(each)
    opened = generations.open("f")
    yield opened
    opened.close()


def compared(leaf: Any) -> int:
    """Compare every list of a segment; how many there are."""
    dictionary = Dictionary(leaf._terms)
    for field in FIELDS:
        terms = [text for name, text in leaf.all_terms() if name == field]
        assert [each.text for each in dictionary.beginning(field, b"")] == terms
        for text in terms:
            entry = dictionary.find(field, text)
            assert entry is not None
            assert entry.documents == leaf.doc_frequency(field, text)
            slow = stepped(leaf.postings(field, text), 0)
            fast = list(dictionary.postings(entry))
            assert np.concatenate([e.documents for e in fast]).tolist() == slow.documents.tolist()
            for name in ("frequencies", "early", "positions"):
                whole = np.concatenate([getattr(each, name) for each in fast])
                assert whole.tolist() == getattr(slow, name).tolist()
    return len(terms)


def test_lists_are_those_of_whooshs_reader(reader: WhooshReader) -> None:
    assert sum(compared(leaf) for leaf, _ in reader._reader.leaf_readers()) > 100


def test_what_is_nowhere_is_not_found(reader: WhooshReader) -> None:
    for leaf, _ in reader._reader.leaf_readers():
        dictionary = Dictionary(leaf._terms)
        assert dictionary.find("body", b"lpuudu") is None
        assert dictionary.find("puudub", b"lma") is None
        assert not list(dictionary.beginning("body", b"zz"))
        assert not list(dictionary.beginning("puudub", b""))


def test_a_beginning_is_that_of_whoosh(reader: WhooshReader) -> None:
    for leaf, _ in reader._reader.leaf_readers():
        for begin in (b"lm", b"smet", b"l", "lõ".encode()):
            found = [each.text for each in Dictionary(leaf._terms).beginning("body", begin)]
            assert found == list(leaf.expand_prefix("body", begin))
