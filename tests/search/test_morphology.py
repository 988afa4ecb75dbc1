"""What saves the native morphology work must not change what it says: EstNLTK's own way tells."""

import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from search.analysis import Analyzer, Reading, Vabamorf, sentence_spans
from search.analysis.morphology import load_wrapper

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "uudised"
_TOKEN = re.compile(r"\w+(?:-\w+)*|[^\w\s]")


@pytest.fixture(scope="module")
def native() -> Vabamorf:
    return Vabamorf()


@pytest.fixture(scope="module")
def sentences() -> list[list[str]]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.iterdir())]
    return [
        tokens
        for text in texts
        for start, end in sentence_spans(text)
        if (tokens := _TOKEN.findall(text, start, end))
    ]


def test_a_sentence_in_pieces_is_read_as_in_whole(
    native: Vabamorf, sentences: list[list[str]]
) -> None:
    for tokens in sentences:
        assert native.in_context(tokens) == _in_full(tokens), tokens


def test_odd_sentences_are_read_as_in_whole(native: Vabamorf, sentences: list[list[str]]) -> None:
    drawn = random.Random(7)
    words = [word for tokens in sentences for word in tokens]
    marks = [*'.,;:()–„“"!?-', "(", ")", "1", "12", "nr", "…"]
    for _ in range(300):
        odd = [
            drawn.choice(marks) if drawn.random() < 0.3 else drawn.choice(words)
            for _ in range(drawn.randint(1, 25))
        ]
        odd = [each.title() if drawn.random() < 0.3 else each for each in odd]
        whole = _in_full(odd)
        assert native.in_context(odd) == whole, odd
        asked = {i for i in range(len(odd)) if drawn.random() < 0.2}
        some = [each if i in asked else () for i, each in enumerate(whole)]
        assert native.in_context(odd, asked) == some, (odd, asked)


def test_only_the_words_asked_for_are_read(native: Vabamorf, sentences: list[list[str]]) -> None:
    drawn = random.Random(11)
    for tokens in drawn.sample(sentences, 100):
        asked = {i for i in range(len(tokens)) if drawn.random() < 0.2}
        whole, some = native.in_context(tokens), native.in_context(tokens, asked)
        assert some == [each if i in asked else () for i, each in enumerate(whole)]


def test_readings_do_not_depend_on_the_words_beside(native: Vabamorf) -> None:
    words = ["Tuleb", "Kui", "Klaasist", "klaster", "Tartu", "peeti"]
    together = dict(zip(words, native.readings(words), strict=True))
    for word in words:
        assert native.readings([word]) == [together[word]]
    assert native.readings(reversed(words)) == list(reversed(together.values()))


def test_terms_do_not_depend_on_what_was_read_before() -> None:
    text = "Tuleb kevad. Kui klaster kasvab, tuleb ka raha. Eile Tuleb üllatas."
    fresh, used = Analyzer(Vabamorf()), Analyzer(Vabamorf())
    used.warm(["üllatas", "Tuleb", "Kui"])
    assert fresh.analyse(text) == used.analyse(text)


def test_guessing_adds_nothing_to_a_known_word_in_lower_case(
    native: Vabamorf, sentences: list[list[str]]
) -> None:
    words = sorted({word for tokens in sentences for word in tokens if word.islower()})
    certain = native.readings(words, guess=False, names=False)
    for sure, known in zip(certain, native.readings(words), strict=True):
        assert sure in ((), known)


def _in_full(tokens: Sequence[str]) -> list[tuple[Reading, ...]]:
    found = load_wrapper().Vabamorf.instance().analyze(list(tokens), disambiguate=True)
    return [tuple(dict.fromkeys(map(_reading, each["analysis"]))) for each in found]


def _reading(told: dict[str, Any]) -> Reading:
    return Reading(told["lemma"], tuple(told["root_tokens"]), told["partofspeech"], told["form"])
