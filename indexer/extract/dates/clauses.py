"""Clauses: sentences with dates, the lemmas of their words and the tense of their verbs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.extract.dates.date_parser import DateSpan, find_dates
from indexer.text_view import Sentence, TextView
from search.analysis import ESTONIAN, Analyzer, Token

#: A past ``participle`` may also be part of a plan („peaks tehtud“).
Tense = Literal["past", "present", "participle"]
_LEAD_LENGTH = 500
_SHORTEST_SENTENCE = 4
_PAST = frozenset({"s", "sid", "sin", "sime", "site", "ti"})
_PRESENT = frozenset({"b", "n", "me", "te", "vad", "takse"})
_PARTICIPLE = frozenset({"nud", "tud"})


@dataclass(frozen=True, slots=True)
class ClauseWord:
    """A token with its possible lemmas (the word itself in unanalysed languages).

    ``tense`` is that of a verb or participle, None for other words; ``certain`` is False if the
    word may be another part of speech („tuli“: came, or fire).
    """

    token: Token
    lemmas: frozenset[str]
    tense: Tense | None = None
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence with the dates in it.

    ``first`` marks the title and the first sentence of the body, ``lead`` the title and the first
    500 characters of the body. ``lemmas`` are those of all its ``words``; ``before`` are the words
    of the sentence before it in the same paragraph. ``analysed`` is False if tenses are unknown.
    """

    sentence: Sentence
    spans: tuple[DateSpan, ...]
    words: tuple[ClauseWord, ...]
    lemmas: frozenset[str]
    before: tuple[ClauseWord, ...]
    first: bool
    lead: bool
    analysed: bool

    def near(self, start: int, end: int, distance: int) -> Iterator[ClauseWord]:
        """Words at most ``distance`` characters from ``start``..``end`` of the sentence."""
        start += self.sentence.start - distance
        end += self.sentence.start + distance
        return (word for word in self.words if word.token.end > start and word.token.start < end)

    def verb(self, span: DateSpan) -> ClauseWord | None:
        """The verb nearest to ``span``, preferably an unambiguous one; None without verbs."""
        at = self.sentence.start + span.start
        verbs = [word for word in self.words if word.tense is not None]
        verbs = [word for word in verbs if word.certain] or verbs
        return min(verbs, key=lambda word: abs(word.token.start - at)) if verbs else None


def clauses_of(text_view: TextView, language: str, analyzer: Analyzer) -> Iterator[Clause]:
    """Finds the clauses of a text: the title and the sentences with dates, in order."""
    known = analyzer if language == ESTONIAN else None
    begun = False
    previous: Sentence | None = None
    for sentence in text_view.sentences:
        first = sentence.part == "title" or not begun
        spans = find_dates(sentence.text)
        if spans or sentence.part == "title":
            words = _words(sentence, known)
            same = previous is not None and previous.paragraph == sentence.paragraph
            yield Clause(
                sentence=sentence,
                spans=tuple(spans),
                words=words,
                lemmas=frozenset(lemma for word in words for lemma in word.lemmas),
                before=_words(previous, known) if same and previous is not None else (),
                first=first,
                lead=first or (sentence.paragraph == 1 and sentence.start < _LEAD_LENGTH),
                analysed=known is not None,
            )
        if sentence.part == "body" and len(sentence.tokens) >= _SHORTEST_SENTENCE:
            begun = True
        previous = sentence


def _words(sentence: Sentence, analyzer: Analyzer | None) -> tuple[ClauseWord, ...]:
    return tuple(_word(token, analyzer) for token in sentence.tokens if token.kind == "word")


def _word(token: Token, analyzer: Analyzer | None) -> ClauseWord:
    if analyzer is None:
        return ClauseWord(token, frozenset({token.text.casefold()}))
    lemmas = frozenset(analyzer.terms(token.text).lemmas)
    # A verb at the beginning of a sentence has a reading as a name, too: „Loodame“.
    readings = [each for each in analyzer.readings(token.text) if each.pos != "H"]
    forms = {each.form for each in readings if each.pos == "V"}
    if not forms:
        return ClauseWord(token, lemmas)
    if forms & _PARTICIPLE:
        # „peetud koosolek“ is past; the noun „peetu“ is rare.
        return ClauseWord(token, lemmas, "participle", certain=True)
    tense: Tense | None = "past" if forms <= _PAST else "present" if forms <= _PRESENT else None
    return ClauseWord(token, lemmas, tense, certain=all(each.pos == "V" for each in readings))
