"""A snippet begins near its first match where two lines could not hold both."""

import pytest
from page_reader import Page

from search.results import Mark, Snippet
from webui.pages.snippet_lines import snippet_lines

LEAD = "Pärast pikka ja põhjalikku arutelu leppisid kõik osalised lõpuks kokku selles, et "
#: What stands between, so that no phrase repeats.
MORE = "ühine väljaõpe algab järgmise aasta sügisel kolmes maakonnas korraga ning "


def snippet(text: str, *words: str) -> Snippet:
    marks = (Mark(text.index(each), text.index(each) + len(each)) for each in words)
    return Snippet(text, tuple(marks))


def shown(text: str, *words: str) -> Page:
    """What is shown of a snippet, in a paragraph."""
    return Page(f"<p>{snippet_lines((snippet(text, *words),))}</p>")


def test_a_match_in_the_first_line_stays_where_it_is() -> None:
    text = snippet_lines((snippet("Kohalik klaster <otsib> juhti.", "klaster"),))
    assert text == "Kohalik <mark>klaster</mark> &lt;otsib&gt; juhti."


def test_what_is_too_far_before_a_match_can_be_left_out_by_phones() -> None:
    text = f"{LEAD}klaster kolib & kasvab."
    page = shown(text, "klaster", "kasvab")
    assert page.one("p").text == text
    far = page.one("span", class_="far").text
    assert text.startswith(far)
    assert 0 < len(LEAD) - len(far) <= 25
    assert [each.text for each in page.all("mark")] == ["klaster", "kasvab"]


def test_what_no_screen_could_hold_is_left_out() -> None:
    page = shown(f"{LEAD}{MORE}klaster kolib.", "klaster")
    assert page.one("p").text.startswith("…")
    assert page.one("p").text.endswith("klaster kolib.")
    assert 40 < page.one("p").text.index("klaster") <= 81
    assert page.one("mark").text == "klaster"


@pytest.mark.parametrize(("length", "left_out"), [(60, "far"), (150, "")])
def test_a_long_word_before_a_match_is_left_out_whole(length: int, left_out: str) -> None:
    page = shown(f"Vaata {'a' * length} klastri lehel.", "klastri")
    assert page.one("mark").text == "klastri"
    if left_out:
        assert page.one("span", class_=left_out).text == f"Vaata {'a' * length}"
    else:
        assert page.one("p").text == "…klastri lehel."


def test_without_a_match_there_is_nothing_to_keep_in_view() -> None:
    assert snippet_lines(()) == ""
    assert snippet_lines((Snippet(LEAD * 3),)) == LEAD * 3
    assert snippet_lines((Snippet("Üks."), Snippet("Teine."))) == "Üks. Teine."
