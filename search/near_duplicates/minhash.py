"""MinHash signatures of articles, for near-duplicate detection.

Near-duplicates have most of their word n-grams (runs) in common, and most of their facts: numbers,
months and names. The next notice of a monthly series shares its runs with the last one as an edited
copy does, but has another day and place; ``benchmarks.duplicates`` measures both. A signature is a
MinHash of the runs and one of the facts: the share of equal places in two signatures estimates the
Jaccard similarity of the runs, or facts, of the articles.

Small differences may be decisive. „Saab toetust“ is no copy of „ei saa toetust“: nor are texts that
differ by negations alone. „Tabas 30 juhti“ and „tabas 17 juhti“ are the news of two days: so are
titles that differ by numbers, days, months and negations alone. In a text of few words every month
and year of its beginning is decisive.

Signatures are functions of the text alone, without state and randomness.
"""

import re
import zlib
from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from search.analysis import AnalysedToken

#: Words in a run, and the least shares of common runs and facts, measured by the benchmark.
RUN = 4
SAME_RUNS = 0.5
SAME_FACTS = 0.6
#: Articles of fewer words are duplicates only if every word is equal.
SHORTEST = 30
#: Of fewer words, only if their titles are equal: official notices often differ by nothing else.
SHORT = 80
RUN_PLACES, FACT_PLACES = 120, 72
#: Of fewer words, only if their beginnings have the same months and years.
FEW = 60
#: Tolerated error of the estimated share of common runs.
_ERROR = 0.1
#: Followed by the number of words, three places of the title, and four of decisive words.
_LENGTH = RUN_PLACES + FACT_PLACES
_TITLE = _LENGTH + 1
_TITLE_PLACES = 3
#: Places of the title without its decisive words, of these, of those of the text, and its number
#: of negations.
_FRAME, _TITLE_DECISIVE, _DECISIVE, _NEGATIONS = range(
    _TITLE + _TITLE_PLACES, _TITLE + _TITLE_PLACES + 4
)
PLACES = _NEGATIONS + 1
NO_SIGNATURE = bytes(2 * PLACES)

_MONTHS = frozenset(
    """jaanuar veebruar märts aprill mai juuni juuli august september oktoober november
    detsember""".split()
)
_WEEKDAYS = frozenset("esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev".split())
_NUMERALS = frozenset(
    """üks kaks kolm neli viis kuus seitse kaheksa üheksa kümme sada tuhat miljon miljard""".split()
)
_NUMERAL_ENDS = ("teist", "kümmend", "sada")
#: The title and the first paragraph.
_BEGINNING = 2
_NEGATING = frozenset("ei mitte pole polnud poleks ega ära ärge ärgu".split())
_YEAR = re.compile(r"(?:19|20)\d\d")
_WITHIN_SENTENCE = re.compile(r"[\s,;–„“”\"'()]*")

Numbers = npt.NDArray[np.int64]
Signatures = npt.NDArray[np.uint16]
_Hashes = npt.NDArray[np.uint64]


class Wording:
    """Collects the paragraphs of one article, title first, and computes its signature."""

    def __init__(self) -> None:
        self._lemmas: list[str] = []
        self._facts: set[str] = set()
        self._written: list[str] = []
        self._title: str | None = None
        self._title_lemmas: list[str] = []
        self._decisive: set[str] = set()
        self._paragraphs = 0
        self._negations = 0

    def add(self, paragraph: str, tokens: Sequence[AnalysedToken]) -> None:
        """Adds a paragraph with its tokens."""
        self._paragraphs += 1
        written = paragraph.casefold().split()
        if self._title is None:
            self._title = " ".join(written)
            self._title_lemmas = [_word(each) for each in tokens]
        self._written += written
        is_all_caps = paragraph.isupper()
        end = None
        for each in tokens:
            (text, start, stop, _, _), terms = each
            lemmas = terms.lemmas
            lemma = lemmas[0] if lemmas else terms.surface
            self._lemmas.append(lemma)
            if lemma in _MONTHS or (not text.isalpha() and any(map(str.isdigit, text))):
                self._facts.add(lemma)
                if self._paragraphs <= _BEGINNING and (lemma in _MONTHS or _YEAR.fullmatch(text)):
                    self._decisive.add(lemma)
            elif (
                text[0].isupper()
                and end is not None
                and not is_all_caps
                and _WITHIN_SENTENCE.fullmatch(paragraph, end, start) is not None
            ):
                self._facts.add(lemma)
            self._negations += terms.surface in _NEGATING
            end = stop

    def signature(self) -> bytes:
        """Signature of the added text; empty without words."""
        if not self._lemmas:
            return b""
        if len(self._lemmas) < SHORTEST:
            # One run of all words as written: only equal texts are near-duplicates.
            runs, facts = _runs(self._written, len(self._written)), _runs([], 1)
        else:
            runs, facts = _runs(self._lemmas, RUN), _runs(self._facts, 1)
        length = np.array([min(len(self._lemmas), 0xFFFF)], dtype="<u2").tobytes()
        title = _places(_runs([self._title or ""], 1), _TITLE_PLACES)
        return b"".join(
            (_places(runs, RUN_PLACES), _places(facts, FACT_PLACES), length, title, self._decisions)
        )

    @property
    def _decisions(self) -> bytes:
        """The four places of decisive words."""
        frame = [each for each in self._title_lemmas if not _is_decisive(each)]
        in_title = sorted(each for each in self._title_lemmas if _is_decisive(each))
        decided = (frame, in_title, sorted(self._decisive))
        negations = np.array([min(self._negations, 0xFFFF)], dtype="<u2").tobytes()
        return b"".join(_places(_runs(each, len(each)), 1) for each in decided) + negations


def _word(token: AnalysedToken) -> str:
    """The lemma of a token, or a negation as written."""
    lemmas, surface = token.terms.lemmas, token.terms.surface
    return surface if surface in _NEGATING or not lemmas else lemmas[0]


def _is_decisive(word: str) -> bool:
    """True for numbers, also in letters, months, days of the week and negations."""
    return (
        word in _NUMERALS
        or word in _MONTHS
        or word in _WEEKDAYS
        or word in _NEGATING
        or word.endswith(_NUMERAL_ENDS)
        or any(map(str.isdigit, word))
    )


def similarity(first: Signatures, second: Signatures) -> npt.NDArray[np.float64]:
    """Estimated Jaccard similarity of word runs (first column) and of facts, by row."""
    equal = first == second
    shares = (equal[:, :RUN_PLACES].mean(axis=1), equal[:, RUN_PLACES:_LENGTH].mean(axis=1))
    return np.stack(shares, axis=1)


def are_same(first: Signatures, second: Signatures) -> npt.NDArray[np.bool_]:
    """Boolean mask of the rows that are near-duplicates."""
    shares = similarity(first, second)
    equal = first == second
    same_title = equal[:, _TITLE : _TITLE + _TITLE_PLACES].all(axis=1)
    shortest = np.minimum(first[:, _LENGTH], second[:, _LENGTH])
    are_similar = (shares[:, 0] >= SAME_RUNS) & (shares[:, 1] >= SAME_FACTS)
    may_be = are_similar & (same_title | (shortest >= SHORT))
    decided = (
        (equal[:, _FRAME] & ~equal[:, _TITLE_DECISIVE])
        | (~equal[:, _DECISIVE] & (shortest < FEW))
        | _differ_by_negations(first, second, shares[:, 0])
    )
    return np.asarray(may_be & ~decided, dtype=bool)


def _differ_by_negations(
    first: Signatures, second: Signatures, shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Boolean mask of the rows that differ by negations alone.

    Each negation replaces three runs of a text by four others; ``shares`` are those of common runs.
    """
    lengths = first[:, _LENGTH].astype(np.int64), second[:, _LENGTH].astype(np.int64)
    negations = np.abs(first[:, _NEGATIONS].astype(np.int64) - second[:, _NEGATIONS])
    words = np.maximum(*lengths)
    left = (words - (RUN - 1) * negations) / (words + RUN * negations + 1)
    grew = np.abs(lengths[0] - lengths[1]) <= negations
    return np.asarray((negations > 0) & grew & (shares >= left - _ERROR), dtype=bool)


def row_hashes(rows: Signatures) -> _Hashes:
    """Hash of each row; equal rows have equal hashes."""
    pieces = np.ascontiguousarray(rows).view(np.uint64)
    factors = _mixed(np.arange(1, pieces.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    return np.asarray((_mixed(pieces) * factors).sum(axis=1, dtype=np.uint64))


def _runs(words: Collection[str], length: int) -> _Hashes:
    """Hashes of all different n-grams of ``length`` words."""
    single = map(zlib.crc32, map(str.encode, words))
    hashes = _mixed(np.fromiter(single, np.uint64, len(words)))
    count = len(hashes) - length + 1
    runs = hashes[:count].copy()
    for offset in range(1, length):
        runs = _mixed(runs * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : count + offset])
    return np.unique(runs)


def _places(hashes: _Hashes, count: int) -> bytes:
    """MinHash of a set in ``count`` places; zeros for an empty set."""
    if not len(hashes):
        return bytes(2 * count)
    seeds = _mixed(np.arange(1, 2 * count + 1, dtype=np.uint64))
    factors, summands = seeds[:count] | np.uint64(1), seeds[count:]
    least = (hashes[:, None] * factors + summands).min(axis=0)
    # The highest bits of a minimum are nearly always zero, the lowest ones are mixed badly.
    places: bytes = ((least >> np.uint64(24)) & np.uint64(0xFFFF)).astype("<u2").tobytes()
    return places


def _mixed(values: _Hashes) -> _Hashes:
    """Finaliser of splitmix64: every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
