"""Addresses in plain text become links, and nothing else does."""

import time

import pytest

from search.results import Mark
from webui.pages.text_links import text_runs


def links(text: str) -> list[tuple[str, str]]:
    return [
        ("".join(each.text for each in run.segments), run.url)
        for run in text_runs(text, ())
        if run.url
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Vaata https://puit.example.ee/a.", [("https://puit.example.ee/a", "")]),
        ("(vt www.puit.example.ee)", [("www.puit.example.ee", "http://")]),
        ("„HTTPS://puit.example.ee/õ?a=1&b=2“,", [("HTTPS://puit.example.ee/õ?a=1&b=2", "")]),
        ("https://puit.example.ee/a_(b) ja (https://x.example.ee/c)!",
         [("https://puit.example.ee/a_(b)", ""), ("https://x.example.ee/c", "")]),
        ("Kirjuta: mari.mets+uudis@puit-klaster.example.ee;",
         [("mari.mets+uudis@puit-klaster.example.ee", "mailto:")]),
        ("https://puit.example.ee/?kiri=a@b.ee", [("https://puit.example.ee/?kiri=a@b.ee", "")]),
        ("http:// ja www. ja a@b ja xhttps://puit.example.ee", []),
        ("javascript:alert(1) data:text/html,x //puit.example.ee", []),
        ('https://puit.example.ee/"onclick="x', [("https://puit.example.ee/", "")]),
        ("puit.example.ee", []),
    ],
)  # fmt: skip
def test_what_is_an_address(text: str, found: list[tuple[str, str]]) -> None:
    assert links(text) == [(shown, f"{scheme}{shown}") for shown, scheme in found]


def test_text_and_marks_are_all_there() -> None:
    text = "Puit: https://puit.example.ee/puit, puit."
    marks = (Mark(0, 4), Mark(14, 18), Mark(30, 34), Mark(36, 40))
    runs = text_runs(text, marks)
    assert "".join(each.text for run in runs for each in run.segments) == text
    assert [[each.text for each in run.segments if each.marked] for run in runs] == [
        ["Puit"],
        ["puit", "puit"],
        ["puit"],
    ]


@pytest.mark.parametrize(
    "piece", ["a+", "www.", "(www.(", "a@", "a.a@a.", "https:", "https://a))))"]
)
def test_hostile_text_takes_no_longer(piece: str) -> None:
    started = time.process_time()
    text_runs(piece * (60_000 // len(piece)), ())
    assert time.process_time() - started < 2
