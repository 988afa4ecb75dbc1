"""Sentences that say who pays: the same words stand under every article of a project."""

import re
import sys
from bisect import bisect_right
from collections.abc import Sequence

from indexer.extract.organisations.lexicon import FUNDED, FUNDING
from indexer.extract.organisations.token_classes import Words
from indexer.extract.text_view import Passages, Sentence, TextPart

#: Part, start and end of a sentence.
Place = tuple[TextPart, int, int]

# Structural funds and their likes name themselves under everything they pay for.
_PUBLIC_MONEY = re.compile(
    r"Euroopa\s(?:Liidu|Regionaal|Sotsiaal|Põllumajandus|Majanduspiirkonna|Ühtekuuluvus)|"
    r"struktuurifon|struktuuritoet|ühtekuuluvusf|maaelu arengu|Norra (?:toetus|rahast)|"
    r"\bERAF|\bERDF|European (?:Regional|Social|Union)",
    re.IGNORECASE,
)
_MAYBE_FUNDING = ("rahasta", "rahastu", "finantseeri", "toet", "toel")
_MOST_WORDS = 16
_ONLY_SUPPORT = frozenset({"toetama", "toetus"})


def small_print(passages: Passages, words: Words) -> list[Place]:
    """The sentences of small print, in order."""
    if not _may_speak_of_funding(passages.body):
        return []
    last = max((each.paragraph for each in passages.sentences), default=0)
    return [
        (each.part, each.start, each.end)
        for each in passages.sentences
        if each.part == "body"
        and _may_speak_of_funding(each.text)
        and _is_small_print(each, words, each.paragraph == last)
    ]


def is_inside(part: TextPart, start: int, places: Sequence[Place]) -> bool:
    """Does ``start`` of ``part`` lie in one of ``places``?"""
    at = bisect_right(places, (part, start, sys.maxsize)) - 1
    return at >= 0 and places[at][0] == part and start < places[at][2]


def _may_speak_of_funding(text: str) -> bool:
    lower = text.lower()
    return any(each in lower for each in _MAYBE_FUNDING)


def _is_small_print(sentence: Sentence, words: Words, at_end: bool) -> bool:
    lemmas = [
        set(words.lemmas(token.text)) if token.kind == "word" else set()
        for token in sentence.tokens
    ]
    told = set().union(*lemmas)
    if FUNDING.isdisjoint(told) and "toel" not in sentence.text:
        return False
    if _PUBLIC_MONEY.search(sentence.text):
        return True
    formula = len(lemmas) <= _MOST_WORDS and bool(lemmas[0] & FUNDED)
    return at_end and formula and bool((FUNDING - _ONLY_SUPPORT) & told)
