"""Selects the likely lemmas of query words by index statistics, and adds word variants.

Texts are indexed by lemmas that their context disambiguates, so the index has the frequency of each
lemma of a form: *seas* for *seas* (among) or for *siga* (pig). A query has no
context; its lemmas are selected by these counts, and the others make partial matches.

A word also matches without its hyphen (:meth:`search.analysis.Analyzer.dehyphenated`) and by
its English or Russian stem, if the index has these.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.analysis.stemming import likely_language, stem
from search.analysis.terms import LEMMA, READING, SURFACE, Channel, term
from search.query.ast import Alternative, Node, Word, is_exact, lemmas_of, typed_words, with_words
from search.query.families import Families
from search.query.term_statistics import SurfaceReadings, TermStatistics, terms_of

#: A lemma is likely if it has this share of the form's occurrences …
_LIKELY = 0.1
#: … or if it is so rare compared with the most frequent likely one that it hardly adds noise …
_RARE = 0.5
#: … and compared with a lemma typed as such, only if the form nearly always has it.
_LIKELY_BESIDE_TYPED = 0.7
#: Shared by the lemmas that are not selected; an article with only these comes last.
_OTHER_READINGS_WEIGHT = 0.3
_PART_WEIGHT = 0.25
#: Only articles in other languages have stems, which must not rank them above Estonian ones.
_STEM_WEIGHT = 0.05
#: :func:`select_lemmas` for one query: the words of several nodes are looked up at once.
LemmaSelector = Callable[[Sequence[Node]], list[Node]]


def select_lemmas(
    nodes: Sequence[Node], analyzer: Analyzer, statistics: TermStatistics
) -> list[Node]:
    """``nodes`` with the lemmas of typed words selected, and variants and families added."""
    words = [word for node in nodes for word, _ in typed_words(node) if not is_exact(word)]
    variants = {text: tuple(_variants(text, analyzer)) for text in {each.text for each in words}}
    families = Families(analyzer, statistics)
    added = [term(each.channel, each.term) for found in variants.values() for each in found]
    _load(words, [*added, *families.terms(words)], statistics)

    def change(word: Word, _: bool) -> Word:
        if is_exact(word):
            return word
        selected = _with_likely_lemmas(word, statistics)
        return _with_variants(selected, variants[word.text], statistics)

    return [families.extend(with_words(node, change)) for node in nodes]


def _load(words: Sequence[Word], added: Sequence[str], statistics: TermStatistics) -> None:
    """Loads the statistics of ``words`` and of the terms ``added`` to them in one batch.

    Then those of the other alternatives of words whose lemmas the index lacks.
    """
    lemmas = {each: None for word in words for each in lemmas_of(word)}
    statistics.load([*(channel + each for channel in (LEMMA, READING) for each in lemmas), *added])
    statistics.load_readings(found for word in words if (found := _readings(word)) is not None)
    rest = [word for word in words if not _is_lemma_held(lemmas_of(word), statistics)]
    statistics.load(each for word in rest for each in (*terms_of(word), *_surface_as_lemma(word)))


def _is_lemma_held(lemmas: Sequence[str], statistics: TermStatistics) -> bool:
    return any(statistics.document_frequency(LEMMA + each) for each in lemmas)


def _surface_as_lemma(word: Word) -> list[str]:
    return [LEMMA + e.term for e in word.alternatives if e.channel == "surface"]


def _readings(word: Word) -> SurfaceReadings | None:
    """Lemmas to select from; None for a single lemma or an exact word."""
    lemmas = lemmas_of(word)
    surface = _surface(word)
    if len(lemmas) < 2 or surface is None:
        return None
    return SURFACE + surface, tuple(LEMMA + each for each in lemmas)


def _surface(word: Word) -> str | None:
    return next((each.term for each in word.alternatives if each.channel == "surface"), None)


def _with_likely_lemmas(word: Word, statistics: TermStatistics) -> Word:
    """``word`` with its likely lemmas as alternatives, the others as readings."""
    lemmas = lemmas_of(word)
    if not lemmas or _surface(word) is None:
        return word
    likely = _likely_lemmas(word, lemmas, statistics)
    alternatives = tuple(
        each for each in word.alternatives if each.channel == "surface" or each.term in likely
    )
    same = len(alternatives) == len(word.alternatives)
    selected = word if same else replace(word, alternatives=alternatives)
    if not statistics.is_held(selected):
        # The disambiguation may have erred wherever the index has the word.
        readings = (Alternative("reading", each, 0.5 / len(lemmas)) for each in lemmas)
        return replace(word, alternatives=(*word.alternatives, *readings))
    # The disambiguation errs in some places, too.
    others: list[tuple[Channel, str]] = [
        *(("lemma", each) for each in lemmas if each not in likely),
        *(("reading", each) for each in lemmas),
    ]
    held = [each for each in others if statistics.document_frequency(term(*each))]
    if not held:
        return selected
    share = _OTHER_READINGS_WEIGHT / len(held)
    return replace(selected, readings=tuple(Alternative(*each, share) for each in held))


def _likely_lemmas(word: Word, lemmas: Sequence[str], statistics: TermStatistics) -> Sequence[str]:
    """Those of ``lemmas`` that are likely for ``word``, in the same order."""
    readings = _readings(word)
    if readings is None:
        return lemmas
    typed = word.text.lower()
    counts = statistics.reading_counts(readings)
    total = sum(counts)
    typed_is_lemma = lemmas[0] == typed
    if not total:
        # The index lacks the form: a lemma typed as such is likely, if the index has it.
        is_held = typed_is_lemma and statistics.document_frequency(LEMMA + typed)
        return lemmas[:1] if is_held else lemmas
    needed = _LIKELY_BESIDE_TYPED if typed_is_lemma else _LIKELY
    likely = {
        lemma
        for lemma, count in zip(lemmas, counts, strict=True)
        if count / total >= needed or (typed_is_lemma and lemma == typed) or lemma.isupper()
    }
    if not likely:
        return lemmas
    if not typed_is_lemma:
        frequency = {each: statistics.document_frequency(LEMMA + each) for each in lemmas}
        rare = _RARE * max(frequency[lemma] for lemma in likely)
        likely.update(lemma for lemma in lemmas if 0 < frequency[lemma] <= rare)
    return [each for each in lemmas if each in likely]


def _variants(text: str, analyzer: Analyzer) -> Iterator[Alternative]:
    """Variants of the word ``text``, whether or not the index holds them."""
    for joined in analyzer.dehyphenated(text):
        yield Alternative("lemma", joined, 1.0)
        yield Alternative("part", joined, _PART_WEIGHT)
    low = text.lower()
    if acronym_base(text) is None:
        for each in stem(low, likely_language(low)):
            yield Alternative("stem", each, _STEM_WEIGHT)


def _with_variants(word: Word, variants: Sequence[Alternative], statistics: TermStatistics) -> Word:
    """``word`` with those of its ``variants`` that are new and in the index."""
    known = {(each.channel, each.term) for each in word.alternatives}
    found = tuple(
        each
        for each in variants
        if (each.channel, each.term) not in known
        and statistics.document_frequency(term(each.channel, each.term))
    )
    return replace(word, alternatives=word.alternatives + found) if found else word
