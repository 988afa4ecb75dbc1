"""Names behind a noun („klastrist Avaesen“), English names, and acronyms."""

from collections.abc import Iterator

from indexer.extract.organisations.lexicon import (
    ENGLISH_HEADS,
    ENGLISH_LINKS,
    ENGLISH_STARTERS,
    FOREIGN_ENDS,
    FOREIGN_FIRST,
    GIVEN_NAMES,
    NO_ORGANISATIONS,
    OTHER_THINGS,
    THINGS_BEHIND,
)
from indexer.extract.organisations.sentence_view import AND, Candidate, Scan
from indexer.extract.organisations.token_classes import CASE_ENDING, Word


def apposed_names(scan: Scan) -> Iterator[Candidate]:
    """„taastuvenergia klastrist Avaesen“, „ettevõttes „Kuldne Käsi““."""
    for i, word in enumerate(scan.words[:-1]):
        if word.capital and i > 0:
            continue
        if not word.introduces:
            continue
        quoted = scan.quote_end(i)
        if quoted is not None and scan.words[i + 1].capital:
            name = scan.surface(i + 1, quoted)
            yield scan.from_words("apposed", i + 1, quoted, (name,))
        elif scan.joined(i) and (scan.proper(i + 1) or scan.renamed_noun(i)):
            end = scan.proper_end(i + 1)
            before = scan.surface(i + 1, end)[: -len(scan.words[end].text)]
            names = tuple(before + each for each in scan.nominatives(end))
            yield scan.from_words("apposed", i + 1, end, names)


def listed_names(scan: Scan) -> Iterator[Candidate]:
    """„ettevõtted Nordfab, Kaske ja KTR“"""
    for i, word in enumerate(scan.words[:-2]):
        if not word.lists or not (scan.joined(i) or scan.gap(i) == ": "):
            continue
        items = list(_items(scan, i + 1))
        if len(items) > 1:
            for first, last in items:
                yield scan.from_words("apposed", first, last, (scan.surface(first, last),))


def _items(scan: Scan, i: int) -> Iterator[tuple[int, int]]:
    """Names in a row from the word ``i`` on, with commas and „ja“ between them."""
    while i < len(scan.words) and (scan.proper(i) or _is_own_acronym(scan.words[i])):
        end = scan.proper_end(i)
        yield i, end
        i = end + 1
        if i >= len(scan.words):
            return
        if scan.words[i].lower in AND:
            i += 1
        elif scan.gap(end) not in (", ", ",\u00a0"):
            return


def _is_own_acronym(word: Word) -> bool:
    return word.acronym is not None and word.acronym not in NO_ORGANISATIONS


def english_names(scan: Scan) -> Iterator[Candidate]:
    """„European Cluster Collaboration Platform“, „Institute of Baltic Studies“."""
    i = 0
    while i < len(scan.words):
        if not _english(scan, i) or scan.words[i].lower in GIVEN_NAMES:
            i += 1
            continue
        end = i
        while end + 1 < len(scan.words) and scan.joined(end):
            if _english(scan, end + 1):
                end += 1
            elif (
                scan.words[end + 1].lower in ENGLISH_LINKS
                and not _ends_name(scan, end)
                and _next_english(scan, end + 1) is not None
            ):
                end = _next_english(scan, end + 1) or end
            else:
                break
        while (
            end > i
            and _english_head(scan.words[end].lower) is None
            and scan.lexicon.is_adverbial(scan.words[end].text)
        ):
            # „… Valdeverde Hispaaniast“: an Estonian case ends a foreign name.
            end -= 1
        name = _english_name(scan, i, end)
        if name is not None:
            yield name
        i = end + 1


def _ends_name(scan: Scan, i: int) -> bool:
    """„… Cluster and the Institute of …“: behind a head, „and“ begins another name."""
    word = scan.words[i]
    listing = scan.words[i + 1].lower in ("and", "&", "in", "for")
    return listing and (word.head is not None or _english_head(word.lower) is not None)


def _english_name(scan: Scan, start: int, end: int) -> Candidate | None:
    """The name that words ``start``..``end`` hold, if one of them heads an organisation."""
    while start < end and scan.words[start].lower in ("the", "a", "an"):
        start += 1
    if start >= end:
        return None
    lower = {k: scan.words[k].lower for k in range(start, end + 1)}
    foreign = lower[start] in FOREIGN_FIRST
    leads = any(
        lower[k] in ENGLISH_HEADS and lower[k + 1] in ("of", "for", "on") for k in range(start, end)
    )
    head = _english_head(lower[end])
    if not leads and not foreign:
        if head is None:
            return None
        # „Treaty on European Union“: what leads is no organisation, what follows the link is.
        links = [k for k in range(start, end) if lower[k] in ENGLISH_LINKS - {"and", "&"}]
        start = links[-1] + 1 if links else start
    if start >= end:
        return None
    name = scan.surface(start, end)
    if head is not None and not leads and not foreign:
        name = name[: len(name) - len(lower[end]) + len(head)]
    return scan.from_words("english", start, end, (name,))


def _english(scan: Scan, i: int) -> bool:
    word = scan.words[i]
    if not word.capital or word.legal is not None or scan.tokens[i].kind != "word":
        return False
    if i > 0:
        return True
    return word.lower not in ENGLISH_STARTERS and not scan.lexicon.common(word.text)


def _next_english(scan: Scan, link: int) -> int | None:
    """The capitalised word behind one or two English linking words."""
    for k in (link + 1, link + 2):
        if k >= len(scan.words) or not scan.joined(k - 1):
            return None
        if _english(scan, k):
            return k
        if scan.words[k].lower not in ENGLISH_LINKS:
            return None
    return None


def acronyms(scan: Scan) -> Iterator[Candidate]:
    for i, word in enumerate(scan.words):
        base = word.acronym
        if base is None or len(base) < 3 or base in NO_ORGANISATIONS:
            continue
        if not base.isalpha() or is_thing(scan, i, i) or _is_in_capitals(scan, i):
            continue
        if scan.lexicon.is_shouted_word(base):
            continue
        yield scan.from_words("acronym", i, i, (base,))


def is_thing(scan: Scan, first: int, last: int) -> bool:
    """Is it a project, a fair, an event of some year? A neighbour says so."""
    if _is_called_thing(scan, first):
        return True
    acronym = first == last and scan.words[last].acronym is not None
    return acronym and (_owns_nothing(scan, last) or _before_year(scan, last))


def _is_in_capitals(scan: Scan, i: int) -> bool:
    """„MARI MAASIK“ under an article: words in capitals side by side."""
    neighbours = [i - 1] if i > 0 and scan.joined(i - 1) else []
    if scan.joined(i):
        neighbours.append(i + 1)
    return len(scan.words[i].text) > 3 and any(
        scan.words[k].text.isupper() and len(scan.words[k].text) > 3 for k in neighbours
    )


def _is_called_thing(scan: Scan, first: int) -> bool:
    """„projekt Lehelaine“"""
    if first == 0:
        return _calls_thing(scan, 0)
    if not scan.joined(first - 1) or (scan.words[first - 1].capital and first > 1):
        return False
    return _calls_thing(scan, first - 1)


def _calls_thing(scan: Scan, i: int) -> bool:
    return not OTHER_THINGS.isdisjoint(scan.lexicon.lemmas(scan.words[i].text))


def _owns_nothing(scan: Scan, last: int) -> bool:
    """„REDU projekt“ is one, „EASi projekt“ belongs to an organisation."""
    word = scan.words[last]
    if word.text != word.acronym or not scan.joined(last) or scan.words[last + 1].capital:
        return False
    return not THINGS_BEHIND.isdisjoint(scan.lexicon.lemmas(scan.words[last + 1].text))


def _before_year(scan: Scan, i: int) -> bool:
    following = scan.words[i + 1] if i + 1 < len(scan.words) else None
    return (
        following is not None
        and scan.tokens[i + 1].kind == "number"
        and len(following.text) == 4
        and scan.gap(i) in (" ", "-", "\u00a0")
    )


def _english_head(word: str) -> str | None:
    """The English head that ``word`` is, without an Estonian case ending; or a foreign one."""
    for size in range(len(word), max(3, len(word) - 5), -1):
        if word[:size] in ENGLISH_HEADS and CASE_ENDING.fullmatch(word[size:]):
            return word[:size]
    return word if word.endswith(FOREIGN_ENDS) else None
