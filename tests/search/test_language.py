"""The language of an article and of each of its passages."""

import pytest

from search.analysis import Analyzer, identify_language
from search.analysis.language import language_code

ESTONIAN = "Klaster avas Võrus õppetehase. Tehases saab harjutada kaheksal pingil."
POST = (
    "It was a true honour to open the factory with all of you, and we will be back for more. "
    "Thank you for being there with us!"
)
#: What sites leave of posts that they embed.
FRAME = "View this post on Instagram A post shared by Mets (@mets) on Nov 10, 2019 at 8:31am PST"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (f"{ESTONIAN}\n\n{POST}", "et"),
        (f"{ESTONIAN}{POST} {ESTONIAN * 3}", "et"),
        (f"Tehas avati Võrus külalistega\n\n{POST} {ESTONIAN}", "et"),
        (f"Tehas avati lõpuks\n\nPilte vaata siit: {' '.join([FRAME] * 9)}", "et"),
        (f"The factory has been opened\n\n{POST} „Klaster on õnnelik,“ said the manager.", "en"),
        (f"{ESTONIAN} Ütles ta: «Это было очень хорошо для всех нас»", "et"),
        ("Новый завод открыли в городе. Klaster aitas.", "ru"),
        ("Klaster", "et"),
    ],
)
def test_an_article_is_in_the_language_of_most_of_its_own_text(text: str, language: str) -> None:
    assert identify_language(text) == language


def test_passages_are_read_in_their_own_language(analyzer: Analyzer) -> None:
    text = (
        "Juht kiitis: „We have made the best machines of the year,“ ütles ta tehases.It was the "
        "right time for them. Klastri liikmed jäid rahule. Это было хорошо для города."
    )
    terms = {each.token.text: each.terms for each in analyzer.analyse(text)}
    assert terms["machines"].stems == ("machin",)
    assert terms["made"].lemmas == ("made",)
    assert terms["tehases"].lemmas == ("tehas",)
    assert terms["time"].stems == ("time",)
    assert terms["Klastri"].lemmas == ("klaster",)
    assert terms["города"].stems == ("город",)


def test_passages_in_estonian_of_a_foreign_article(analyzer: Analyzer) -> None:
    text = "We went to see the factory of the cluster. Tehast juhib nüüd üks õmbleja."
    terms = {each.token.text: each.terms for each in analyzer.analyse(text, "en")}
    assert terms["went"].stems == ("went",)
    assert terms["Tehast"].lemmas == ("tehas",)


def test_a_name_of_two_foreign_words_makes_no_passage(analyzer: Analyzer) -> None:
    text = "Sel aastal esineb „We Are The Wood“ taas Võru saalides, kus mängitakse palju laule."
    terms = {each.token.text: each.terms for each in analyzer.analyse(text)}
    assert terms["saalides"].lemmas == ("saal",)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ee", "et"),
        ("eesti", "et"),
        ("EST", "et"),
        ("et-EE", "et"),
        ("en_GB", "en"),
        ("russian", "ru"),
        ("vro", "vro"),
        ("xx", None),
        ("eesti keel", None),
        ("", None),
    ],
)
def test_codes_of_languages(name: str, code: str | None) -> None:
    assert language_code(name) == code
