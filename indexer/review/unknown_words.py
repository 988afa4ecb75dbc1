"""Finds words and acronyms unknown to lexicon and gazetteer."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from indexer.extract.organisations.lexicon import LEGAL_FORMS, OTHER_ACRONYMS
from search.analysis import ESTONIAN, Analyzer, tokenize
from search.analysis.acronyms import acronym_base
from search.analysis.terms import term
from search.engines.contract import EngineReader
from search.normalisation import HYPHENS
from search.query.ast import Alternative, Word

#: Acronyms that name no organisation by themselves.
_NOTHING = OTHER_ACRONYMS.union(LEGAL_FORMS, LEGAL_FORMS.values())
_LEAST_ARTICLES = 2
_LEAST_CAPITALS = 3
_LEAST_LETTERS = 5
#: Articles in which the spelling of a word is looked up, and words that are looked up.
_LOOKS = 3
_MOST_WORDS = 2000
#: Letters by which guessed lemmas of one unknown word may differ: *tuutor*, *tuutori*.
_GUESSED_LETTERS = 3
#: A spelling in this many times more articles may be the right one.
_MORE_USED = 2
_AROUND = 80
_NAME = "H"


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """An unknown word with its articles, an example and the likely spelling."""

    word: str
    articles: int
    example: str
    meant: str | None = None


def unknown_acronyms(
    reader: EngineReader, analyzer: Analyzer, known: Collection[str], values: Collection[str]
) -> Iterator[UnknownWord]:
    """Acronyms in several articles outside ``known``, most frequent first.

    A word of the lexicon counts as an acronym only if it is among ``values``, the shown
    organisations.
    """
    for each in reader.vocabulary("lemma", _LEAST_ARTICLES):
        word = each.value
        if word in known or word in _NOTHING or not word.isalpha() or not word.isupper():
            continue
        if len(word) < _LEAST_CAPITALS or acronym_base(word) != word:
            continue
        if word not in values and analyzer.is_known(word.lower()):
            continue  # written in capitals for emphasis
        (holding,) = reader.samples([(term("lemma", word), 1)])
        if holding:
            yield UnknownWord(word, each.count, *reader.ids(holding))


def unknown_words(reader: EngineReader, analyzer: Analyzer) -> list[UnknownWord]:
    """Words of several Estonian articles outside the lexicon, most frequent first.

    Names are excluded, because each word must occur in lower case somewhere; so are words of other
    languages, because its neighbours must be in the lexicon.
    """
    found: list[UnknownWord] = []
    looked = 0
    for each in reader.vocabulary("lemma", _LEAST_ARTICLES):
        word = each.value
        letters = word.replace("-", "")
        if len(letters) < _LEAST_LETTERS or not letters.isalpha() or not word.islower():
            continue
        if analyzer.is_known(word) or any(_is_guessed_too(word, other.word) for other in found):
            continue
        looked += 1
        if looked > _MOST_WORDS:
            break
        example = _example(reader, analyzer, word)
        if example is not None:
            meant = _meant(reader, analyzer, word, each.count)
            found.append(UnknownWord(word, each.count, example, meant))
    return found


def _is_guessed_too(word: str, other: str) -> bool:
    """True if ``word`` is another guess at the lemma of ``other``'s forms."""
    short, long = sorted((word, other), key=len)
    return long.startswith(short) and len(long) - len(short) <= _GUESSED_LETTERS


def _example(reader: EngineReader, analyzer: Analyzer, word: str) -> str | None:
    """Id of an Estonian article with ``word`` in an ordinary sentence."""
    (keys,) = reader.samples([(term("lemma", word), _LOOKS)])
    leaf = Word(word, (Alternative("lemma", word),))
    for key, found in zip(keys, reader.occurrences(keys, leaf), strict=True):
        article = reader.article(key)
        if article.language == ESTONIAN and any(
            _is_ordinary_word(article.body_text, each.start, analyzer)
            for each in found
            if each.field == "body"
        ):
            return article.id
    return None


def _is_ordinary_word(text: str, start: int, analyzer: Analyzer) -> bool:
    """True for a whole lower-case word at ``start`` between words of the lexicon."""
    begin = max(start - _AROUND, 0)
    tokens = list(tokenize(text[begin : start + _AROUND]))
    at = next((i for i, each in enumerate(tokens) if each.start == start - begin), None)
    if at is None or tokens[at].kind != "word" or not tokens[at].text[0].islower():
        return False
    if tokens[at].elliptic or text[max(start - 1, 0)] in HYPHENS:
        return False
    neighbours = [each.text for each in (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])]
    return bool(neighbours) and all(_is_common(each, analyzer) for each in neighbours)


def _is_common(form: str, analyzer: Analyzer) -> bool:
    """True if the lexicon has ``form`` as a common word, not only as a name."""
    return any(each.pos != _NAME for each in analyzer.lexicon_readings(form))


def _meant(reader: EngineReader, analyzer: Analyzer, word: str, articles: int) -> str | None:
    """A much more frequent spelling of ``word``, if there is one."""
    spelt = [each for each in analyzer.spelling(word) if each.isalpha() and each.islower()]
    found = reader.document_frequencies([term("lemma", each) for each in spelt])
    counts = dict(zip(spelt, found, strict=True))
    best = max(counts, key=lambda each: counts[each], default=None)
    return best if best is not None and counts[best] >= _MORE_USED * articles else None
