"""Heads of press releases: which line is the headline, what is letterhead, and what the day is."""

import pytest

from indexer.sources.documents.press_release import PressRelease, press_release
from indexer.sources.documents.text_flow import DocumentParagraph

TEXT = "Klastri juhi sõnul avab leping väikestele tegijatele tee suurtele turgudele. " * 3
LEAD = "Rakvere mööblitootjad sõlmisid Hamburgi ostjatega lepingu, mis toob kaks miljonit eurot."


def released(*lines: str) -> PressRelease:
    """A release of these lines: ``!`` before a bold one, ``#`` before a title, ``+`` a larger."""
    looks = {
        "!": {"size": 11.0, "is_bold": True},
        "#": {"size": 11.0, "rank": 0},
        "+": {"size": 16.0},
        "-": {"size": 8.0},
    }
    return press_release(
        [
            DocumentParagraph(each[1:], **looks[each[0]])  # type: ignore[arg-type]
            if each[0] in looks
            else DocumentParagraph(each, size=11.0)
            for each in (*lines, TEXT)
        ]
    )


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["!MÖÖBLIKLASTER MTÜ", "!KLASTER SÕLMIS LEPINGU HAMBURGI OSTJAGA", "Rakvere, 2. mai 2018",
          f"!{LEAD}"], "KLASTER SÕLMIS LEPINGU HAMBURGI OSTJAGA"),
        (["#Mööbliklaster", "Teade", "!Mööbel jõuab Hamburgi poodi"],
         "Mööbel jõuab Hamburgi poodi"),
        (["#Mööbliklaster"], "Mööbliklaster"),
        (["#Pressiteade", "!Mööbel jõuab Hamburgi poodi"], "Mööbel jõuab Hamburgi poodi"),
        (["PRESS RELEASE", "FOR IMMEDIATE RELEASE", "+Cluster Signs Contract"],
         "Cluster Signs Contract"),
        (["+MÖÖBLIKLASTER", "Ranna 3, 44310 Rakvere", "!Mööbel jõuab Hamburgi poodi"],
         "Mööbel jõuab Hamburgi poodi"),
        (["Pressiteade", "2. mai 2018", "Mööbel jõuab Hamburgi poodi"],
         "Mööbel jõuab Hamburgi poodi"),
        (["!Klaster sai 50000 eurot", f"!{LEAD}"], "Klaster sai 50000 eurot"),
        (["!Telefon leiab kõige targema tooli"], "Telefon leiab kõige targema tooli"),
    ],
)  # fmt: skip
def test_the_headline(lines: list[str], title: str) -> None:
    assert released(*lines).title == title


def test_letterhead_and_foot_are_no_text_and_a_lead_is() -> None:
    head = ["MÖÖBLIKLASTER | info@moobel.example", "PRESSITEADE", "+Mööbel jõuab Hamburgi poodi"]
    made = released(*head, "Rakvere, 2. mai 2018", f"!{LEAD}")
    assert made.paragraphs == (LEAD, TEXT)
    assert made.date is not None
    assert made.date.value.iso == "2018-05-02"


def test_days_that_differ_are_none() -> None:
    assert released("2. mai 2018", "#Mööbel jõuab poodi", "Rakvere, 3. mai 2018").date is None


def test_a_heading_within_the_text_is_no_headline() -> None:
    paragraphs = [
        DocumentParagraph("Mööbel jõuab Hamburgi poodi"),
        DocumentParagraph(TEXT * 3),
        DocumentParagraph("Lisateave", rank=1),
    ]
    assert press_release(paragraphs).title == "Mööbel jõuab Hamburgi poodi"
