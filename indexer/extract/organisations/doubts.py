"""Acronyms and names in capitals that stand for something else than an organisation."""

from collections.abc import Iterable, Iterator, Sequence

from indexer.extract.organisations.lexicon import ENGLISH_HEADS, ENGLISH_LINKS
from indexer.extract.organisations.sentence_view import Scan

_SLASHES = frozenset("/+=<>[]")
_BEFORE_EXPLANATION = frozenset({"(", "-", "–", "—", "=", ":"})


def things_in_capitals(scans: Iterable[Scan]) -> set[str]:
    """Acronyms of which a place in the article says that they are words, makes or models."""
    return {name for scan in scans for name in _things(scan)}


def _things(scan: Scan) -> Iterator[str]:
    for i, word in enumerate(scan.words):
        if word.acronym is not None and (
            _is_piece(scan, i) or _is_model(scan, i) or _stands_for_words(scan, i)
        ):
            yield word.acronym


def _is_piece(scan: Scan, i: int) -> bool:
    """„TCP/IP“, „RISC- ja VLIW-arhitektuur“: a piece of a formula or of a compound."""
    before, after = scan.gap(i - 1) if i > 0 else "", scan.gap(i)
    return (
        scan.tokens[i].elliptic
        or bool(_SLASHES.intersection(before[-1:]))
        or bool(_SLASHES.intersection(after[:1]))
    )


def _is_model(scan: Scan, i: int) -> bool:
    """„LAZ 697R“"""
    if not scan.joined(i):
        return False
    following = scan.words[i + 1].text
    return following[0].isdigit() and following[-1].isupper()


def _stands_for_words(scan: Scan, i: int) -> bool:
    """„kiibivõrk (NoC)“, „NoC (Network on Chip)“: what it is short for is no organisation."""
    letters = scan.words[i].acronym or ""
    if i > 0 and scan.gap(i - 1).strip() == "(":
        before = scan.words[i - 1]
        if not before.capital:
            return before.head is None and not before.unit
        return _spells(scan, range(max(0, i - len(letters)), i), letters)
    if i + 1 < len(scan.words) and scan.gap(i).strip() in _BEFORE_EXPLANATION:
        last = min(i + 2 * len(letters), len(scan.words))
        return _spells(scan, range(i + 1, last), letters)
    return False


def _spells(scan: Scan, words: Sequence[int], letters: str) -> bool:
    """Do ``words`` begin with ``letters``, and is none of them a noun of organisation?"""
    initials = ""
    for k in words:
        word = scan.words[k]
        if word.head is not None or word.unit or word.lower in ENGLISH_HEADS:
            return False
        if word.lower not in ENGLISH_LINKS:
            initials += word.lower[0]
    return initials.startswith(letters.lower()) or initials.endswith(letters.lower())
