"""Operators typed in small letters: what is offered, and that nothing is changed silently."""

import pytest

from search.query.lowercase_operators import with_operators
from search.request import SearchRequest
from search.service import SearchService


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("klaster või liit", "klaster VÕI liit"),
        ("klaster or liit", "klaster OR liit"),
        ("klaster  ja liit", "klaster JA liit"),
        ("puit and klaas or savi", "puit AND klaas OR savi"),
        ("puit mitte klaas", "puit EI klaas"),
        ("puit not klaas", "puit NOT klaas"),
        ('"või ja leib" või sai', '"või ja leib" VÕI sai'),
        ("või", None),
        ("või sai", None),
        ("sai või", None),
        ("klaster VÕI liit", None),
        ("sool või-vill", None),
        ("kuidas saab klaster või liit uue liikme vastu võtta", None),
    ],
)
def test_what_may_have_been_meant(query: str, meant: str | None) -> None:
    assert with_operators(query) == meant


def test_it_is_offered_with_what_it_finds_and_the_query_stays(service: SearchService) -> None:
    results = service.search(SearchRequest("puit või lammas"))
    meant = service.search(SearchRequest("puit VÕI lammas"))
    assert results.searched == "puit või lammas"
    assert [(each.query, each.count) for each in results.suggestions] == [
        ("puit VÕI lammas", meant.total)
    ]
    assert not service.search(SearchRequest("xyzzy või plugh")).suggestions
