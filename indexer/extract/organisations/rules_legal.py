"""Names with a legal form: „AS Barrus“, „Kunda Nordic Tsement AS“, „MTÜ „Loov Eesti““."""

from collections.abc import Iterator

from indexer.extract.organisations.lexicon import (
    ENGLISH_LINKS,
    ENGLISH_STARTERS,
    GIVEN_NAMES,
    LEADING_FORMS,
)
from indexer.extract.organisations.rules_headed import nominative_name
from indexer.extract.organisations.sentence_view import (
    AND,
    CLOSING,
    LONGEST_NAME,
    LONGEST_QUOTE,
    OPENING,
    Candidate,
    Scan,
)
from indexer.extract.organisations.token_classes import Word


def legal_names(scan: Scan) -> Iterator[Candidate]:
    for i, word in enumerate(scan.words):
        if word.legal is None:
            continue
        behind = _extent_before(scan, i)
        ahead = _extent_after(scan, i) if _leads(word) else None
        if ahead and behind is not None and _stronger_behind(scan, i, behind):
            ahead = None
        if ahead:
            yield _leading(scan, i, ahead)
        elif behind is not None and _closes(word):
            yield _trailing(scan, behind, i)


def _leads(word: Word) -> bool:
    """May the form stand before its name?"""
    return word.legal in LEADING_FORMS


def _closes(word: Word) -> bool:
    """May it stand behind? „… Arendamise Sihtasutus“ is no legal form but a head."""
    return word.text[:2].isupper() or word.legal not in LEADING_FORMS


def _stronger_behind(scan: Scan, i: int, behind: int) -> bool:
    """Both neighbours are capitalised: does the form belong to the name before it?"""
    before, after = scan.words[i - 1], scan.words[i + 1]
    if not _closes(scan.words[i]):
        return before.capital and not scan.lexicon.common(before.text)
    if behind == 0 and i == 1:
        return not scan.lexicon.common(before.text) and scan.lexicon.is_place(after.text)
    return scan.lexicon.is_place(after.text) or after.lower in GIVEN_NAMES


def _extent_after(scan: Scan, i: int) -> int | None:
    """The last word of the name behind the form ``i``."""
    if i + 1 >= len(scan.words):
        return None
    quoted = scan.quote_end(i)
    if quoted is not None:
        return quoted
    if not scan.joined(i):
        return None
    end = i
    while end + 1 < len(scan.words) and end - i < LONGEST_NAME:
        following = scan.words[end + 1]
        if following.legal is not None and end > i:
            break
        if end > i and not scan.joined(end):
            break
        if following.capital and following.legal is None:
            end += 1
        elif (
            following.lower in AND
            and end > i
            and (scan.tokens[end].elliptic or _is_company(scan, end + 2))
            and end + 2 < len(scan.words)
            and scan.words[end + 2].capital
        ):
            end += 2
        else:
            break
    return end if end > i else None


def _is_company(scan: Scan, i: int) -> bool:
    return i < len(scan.words) and scan.words[i].text in {"Ko", "Co", "Pojad", "Partnerid"}


def _extent_before(scan: Scan, i: int) -> int | None:
    """The first word of the name before the form ``i``."""
    if i == 0:
        return None
    gap = scan.gap(i - 1)
    if gap[:1] and gap[0] in CLOSING and not gap[1:].strip(" \u00a0"):
        for start in range(i - 1, max(-1, i - 1 - LONGEST_QUOTE), -1):
            before = scan.before(start)
            if before and before in OPENING:
                return start
        return None
    if not scan.joined(i - 1):
        return None
    start = i
    if len(scan.words[i - 1].text) == 1:
        return None
    while start > 0 and i - start < LONGEST_NAME and scan.joined(start - 1):
        previous = scan.words[start - 1]
        if _links(scan, start - 1) and start < i:
            # „Mind the Meaning OÜ“
            start -= 1
            continue
        if not previous.capital or previous.legal is not None:
            break
        if scan.lexicon.is_adverbial(previous.text):
            break
        if previous.text.isupper() and scan.lexicon.is_shouted_word(previous.text):
            break
        if start - 1 == 0 and start < i and scan.is_ordinary_start():
            break
        if start - 1 == 0 and previous.lower in ENGLISH_STARTERS:
            break
        start -= 1
    return start if start < i else None


def _links(scan: Scan, i: int) -> bool:
    return (
        i > 0
        and scan.words[i].lower in ENGLISH_LINKS
        and scan.words[i - 1].capital
        and scan.joined(i - 1)
    )


def _leading(scan: Scan, i: int, end: int) -> Candidate:
    form = scan.words[i]
    last = scan.words[end]
    inner = scan.surface(i + 1, end)
    if scan.quote_end(i) is not None:
        cores: tuple[str, ...] = (inner,)
    elif last.head is not None and end > i + 1:
        cores = (nominative_name(scan, i + 1, end),)
    elif form.legal_inflected:
        cores = (inner,)
    else:
        stem = inner[: len(inner) - len(last.text)]
        cores = tuple(stem + each for each in scan.nominatives(end))
    names = tuple(f"{form.legal} {each}" for each in cores)
    stop = scan.quote_stop(end) if scan.before(i + 1) in OPENING else scan.tokens[end].end
    if not form.capital:
        # „aktsiaselts Kask“: in lower case the form only tells what it is.
        first = scan.tokens[i + 1].start
        return scan.candidate("legal", first, scan.tokens[end].end, names, cores[0])
    return scan.candidate("legal", scan.tokens[i].start, stop, names, cores[0])


def _trailing(scan: Scan, start: int, i: int) -> Candidate:
    form = scan.words[i]
    core = scan.surface(start, i - 1)
    first = scan.tokens[start].start
    if start > 0 and scan.before(start) and scan.before(start) in OPENING:
        first -= 1
    return scan.candidate("legal", first, scan.tokens[i].end, (f"{core} {form.legal}",), core)
