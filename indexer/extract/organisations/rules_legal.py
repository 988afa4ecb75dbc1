"""Rules for names with a legal form: „AS Barrus“, „Kunda Nordic Tsement AS“, „MTÜ „Loov Eesti““."""

from collections.abc import Iterator

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.rules_headed import nominative_name
from indexer.extract.organisations.sentence_view import (
    AND,
    CLOSING,
    LONGEST_NAME,
    LONGEST_QUOTE,
    OPENING,
    Candidate,
    SentenceView,
)
from indexer.extract.organisations.token_classes import TokenClass


def legal_names(view: SentenceView) -> Iterator[Candidate]:
    """Candidates of a sentence with a legal form before or behind the name."""
    for i, word in enumerate(view.words):
        if word.legal is None:
            continue
        behind = _extent_before(view, i)
        ahead = _extent_after(view, i) if _leads(word) else None
        if ahead and behind is not None and _stronger_behind(view, i, behind):
            ahead = None
        if ahead:
            yield _leading(view, i, ahead)
        elif behind is not None and _closes(word):
            yield _trailing(view, behind, i)


def _leads(word: TokenClass) -> bool:
    """True if the legal form may stand before its name."""
    return word.legal in lexicon.LEADING_FORMS


def _closes(word: TokenClass) -> bool:
    """True if it may stand behind; not where it is a head: „… Arendamise Sihtasutus“."""
    return word.text[:2].isupper() or word.legal not in lexicon.LEADING_FORMS


def _stronger_behind(view: SentenceView, i: int, behind: int) -> bool:
    """True if, between two capitalised words, the form belongs to the name before it."""
    before, after = view.words[i - 1], view.words[i + 1]
    if not _closes(view.words[i]):
        return before.capital and not view.classifier.common(before.text)
    if behind == 0 and i == 1:
        return not view.classifier.common(before.text) and view.classifier.is_place(after.text)
    return view.classifier.is_place(after.text) or after.lower in lexicon.GIVEN_NAMES


def _extent_after(view: SentenceView, i: int) -> int | None:
    """Last word of the name behind the form ``i``."""
    if i + 1 >= len(view.words):
        return None
    quoted = view.quote_end(i)
    if quoted is not None:
        return quoted
    if not view.joined(i):
        return None
    end = i
    while end + 1 < len(view.words) and end - i < LONGEST_NAME:
        following = view.words[end + 1]
        if following.legal is not None and end > i:
            break
        if end > i and not view.joined(end):
            break
        if following.capital and following.legal is None:
            end += 1
        elif (
            following.lower in AND
            and end > i
            and (view.tokens[end].elliptic or _is_company(view, end + 2))
            and end + 2 < len(view.words)
            and view.words[end + 2].capital
        ):
            end += 2
        else:
            break
    return end if end > i else None


def _is_company(view: SentenceView, i: int) -> bool:
    return i < len(view.words) and view.words[i].text in {"Ko", "Co", "Pojad", "Partnerid"}


def _extent_before(view: SentenceView, i: int) -> int | None:
    """First word of the name before the form ``i``."""
    if i == 0:
        return None
    gap = view.gap(i - 1)
    if gap[:1] and gap[0] in CLOSING and not gap[1:].strip(" \u00a0"):
        for start in range(i - 1, max(-1, i - 1 - LONGEST_QUOTE), -1):
            before = view.before(start)
            if before and before in OPENING:
                return start
        return None
    if not view.joined(i - 1):
        return None
    start = i
    if len(view.words[i - 1].text) == 1:
        return None
    while start > 0 and i - start < LONGEST_NAME and view.joined(start - 1):
        previous = view.words[start - 1]
        if _links(view, start - 1) and start < i:
            # „Mind the Meaning OÜ“
            start -= 1
            continue
        if not previous.capital or previous.legal is not None:
            break
        if view.classifier.is_adverbial(previous.text):
            break
        if previous.text.isupper() and view.classifier.is_shouted_word(previous.text):
            break
        if start - 1 == 0 and start < i and view.is_ordinary_start():
            break
        if start - 1 == 0 and previous.lower in lexicon.ENGLISH_STARTERS:
            break
        start -= 1
    return start if start < i else None


def _links(view: SentenceView, i: int) -> bool:
    return (
        i > 0
        and view.words[i].lower in lexicon.ENGLISH_LINKS
        and view.words[i - 1].capital
        and view.joined(i - 1)
    )


def _leading(view: SentenceView, i: int, end: int) -> Candidate:
    form = view.words[i]
    last = view.words[end]
    inner = view.surface(i + 1, end)
    if view.quote_end(i) is not None:
        cores: tuple[str, ...] = (inner,)
    elif last.head is not None and end > i + 1:
        cores = (nominative_name(view, i + 1, end),)
    elif form.legal_inflected:
        cores = (inner,)
    else:
        stem = inner[: len(inner) - len(last.text)]
        cores = tuple(stem + each for each in view.nominatives(end))
    names = tuple(f"{form.legal} {each}" for each in cores)
    stop = view.quote_stop(end) if view.before(i + 1) in OPENING else view.tokens[end].end
    if not form.capital:
        # „aktsiaselts Kask“: in lower case the form only tells what it is.
        first = view.tokens[i + 1].start
        return view.candidate("legal", first, view.tokens[end].end, names, cores[0])
    return view.candidate("legal", view.tokens[i].start, stop, names, cores[0])


def _trailing(view: SentenceView, start: int, i: int) -> Candidate:
    form = view.words[i]
    core = view.surface(start, i - 1)
    first = view.tokens[start].start
    if start > 0 and view.before(start) and view.before(start) in OPENING:
        first -= 1
    return view.candidate("legal", first, view.tokens[i].end, (f"{core} {form.legal}",), core)
