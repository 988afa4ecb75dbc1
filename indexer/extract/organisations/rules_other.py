"""Rules for appositions („klastrist Avaesen“), lists, English names and acronyms."""

from collections.abc import Iterator

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.sentence_view import AND, Candidate, SentenceView
from indexer.extract.organisations.token_classes import CASE_ENDING, TokenClass


def apposed_names(view: SentenceView) -> Iterator[Candidate]:
    """Names in apposition to a noun: „taastuvenergia klastrist Avaesen“."""
    for i, word in enumerate(view.words[:-1]):
        if word.capital and i > 0:
            continue
        if not word.introduces:
            continue
        quoted = view.quote_end(i)
        if quoted is not None and view.words[i + 1].capital:
            name = view.surface(i + 1, quoted)
            yield view.from_words("apposed", i + 1, quoted, (name,))
        elif view.joined(i) and (view.proper(i + 1) or view.renamed_noun(i)):
            end = view.proper_end(i + 1)
            before = view.surface(i + 1, end)[: -len(view.words[end].text)]
            names = tuple(before + each for each in view.nominatives(end))
            yield view.from_words("apposed", i + 1, end, names)


def listed_names(view: SentenceView) -> Iterator[Candidate]:
    """Names in a list: „ettevõtted Nordfab, Kaske ja KTR“."""
    for i, word in enumerate(view.words[:-2]):
        if not word.lists or not (view.joined(i) or view.gap(i) == ": "):
            continue
        items = list(_items(view, i + 1))
        if len(items) > 1:
            for first, last in items:
                yield view.from_words("apposed", first, last, (view.surface(first, last),))


def _items(view: SentenceView, i: int) -> Iterator[tuple[int, int]]:
    """Names in a list from the word ``i`` on, with commas and „ja“ between them."""
    while i < len(view.words) and (view.proper(i) or _is_own_acronym(view.words[i])):
        end = view.proper_end(i)
        yield i, end
        i = end + 1
        if i >= len(view.words):
            return
        if view.words[i].lower in AND:
            i += 1
        elif view.gap(end) not in (", ", ",\u00a0"):
            return


def _is_own_acronym(word: TokenClass) -> bool:
    return word.acronym is not None and word.acronym not in lexicon.NO_ORGANISATIONS


def english_names(view: SentenceView) -> Iterator[Candidate]:
    """English names: „Institute of Baltic Studies“, „European Cluster Collaboration Platform“."""
    i = 0
    while i < len(view.words):
        if not _english(view, i) or view.words[i].lower in lexicon.GIVEN_NAMES:
            i += 1
            continue
        end = i
        while end + 1 < len(view.words) and view.joined(end):
            if _english(view, end + 1):
                end += 1
            elif (
                view.words[end + 1].lower in lexicon.ENGLISH_LINKS
                and not _ends_name(view, end)
                and _next_english(view, end + 1) is not None
            ):
                end = _next_english(view, end + 1) or end
            else:
                break
        while (
            end > i
            and _english_head(view.words[end].lower) is None
            and view.classifier.is_adverbial(view.words[end].text)
        ):
            # „… Valdeverde Hispaaniast“: an Estonian case ends a foreign name.
            end -= 1
        name = _english_name(view, i, end)
        if name is not None:
            yield name
        i = end + 1


def _ends_name(view: SentenceView, i: int) -> bool:
    """True for an „and“ that begins another name: „… Cluster and the Institute of …“."""
    word = view.words[i]
    listing = view.words[i + 1].lower in ("and", "&", "in", "for")
    return listing and (word.head is not None or _english_head(word.lower) is not None)


def _english_name(view: SentenceView, start: int, end: int) -> Candidate | None:
    """The name in words ``start``..``end``, if one of them is a head noun."""
    while start < end and view.words[start].lower in ("the", "a", "an"):
        start += 1
    if start >= end:
        return None
    lower = {k: view.words[k].lower for k in range(start, end + 1)}
    foreign = lower[start] in lexicon.FOREIGN_FIRST
    leads = any(
        lower[k] in lexicon.ENGLISH_HEADS and lower[k + 1] in ("of", "for", "on")
        for k in range(start, end)
    )
    head = _english_head(lower[end])
    if not leads and not foreign:
        if head is None:
            return None
        # „Treaty on European Union“: what leads is no organisation, what follows the link is.
        links = [k for k in range(start, end) if lower[k] in lexicon.ENGLISH_LINKS - {"and", "&"}]
        start = links[-1] + 1 if links else start
    if start >= end:
        return None
    name = view.surface(start, end)
    if head is not None and not leads and not foreign:
        name = name[: len(name) - len(lower[end]) + len(head)]
    return view.from_words("english", start, end, (name,))


def _english(view: SentenceView, i: int) -> bool:
    word = view.words[i]
    if not word.capital or word.legal is not None or view.tokens[i].kind != "word":
        return False
    if i > 0:
        return True
    return word.lower not in lexicon.ENGLISH_STARTERS and not view.classifier.common(word.text)


def _next_english(view: SentenceView, link: int) -> int | None:
    """The capitalised word behind one or two English linking words."""
    for k in (link + 1, link + 2):
        if k >= len(view.words) or not view.joined(k - 1):
            return None
        if _english(view, k):
            return k
        if view.words[k].lower not in lexicon.ENGLISH_LINKS:
            return None
    return None


def acronyms(view: SentenceView) -> Iterator[Candidate]:
    """Acronyms that may be organisations, by their neighbours."""
    for i, word in enumerate(view.words):
        base = word.acronym
        if base is None or len(base) < 3 or base in lexicon.NO_ORGANISATIONS:
            continue
        if not base.isalpha() or is_thing(view, i, i) or _is_in_capitals(view, i):
            continue
        if view.classifier.is_shouted_word(base):
            continue
        yield view.from_words("acronym", i, i, (base,))


def is_thing(view: SentenceView, first: int, last: int) -> bool:
    """True for a project, a fair or an event of some year, by a neighbouring word."""
    if _is_called_thing(view, first):
        return True
    acronym = first == last and view.words[last].acronym is not None
    return acronym and (_owns_nothing(view, last) or _before_year(view, last))


def _is_in_capitals(view: SentenceView, i: int) -> bool:
    """True for words in capitals side by side: „MARI MAASIK“ under an article."""
    neighbours = [i - 1] if i > 0 and view.joined(i - 1) else []
    if view.joined(i):
        neighbours.append(i + 1)
    return len(view.words[i].text) > 3 and any(
        view.words[k].text.isupper() and len(view.words[k].text) > 3 for k in neighbours
    )


def _is_called_thing(view: SentenceView, first: int) -> bool:
    """True for a name behind a word for a thing: „projekt Lehelaine“."""
    if first == 0:
        return _calls_thing(view, 0)
    if not view.joined(first - 1) or (view.words[first - 1].capital and first > 1):
        return False
    return _calls_thing(view, first - 1)


def _calls_thing(view: SentenceView, i: int) -> bool:
    return not lexicon.OTHER_THINGS.isdisjoint(view.classifier.lemmas(view.words[i].text))


def _owns_nothing(view: SentenceView, last: int) -> bool:
    """True if the acronym names a thing: „REDU projekt“, but not „EASi projekt“."""
    word = view.words[last]
    if word.text != word.acronym or not view.joined(last) or view.words[last + 1].capital:
        return False
    return not lexicon.THINGS_BEHIND.isdisjoint(view.classifier.lemmas(view.words[last + 1].text))


def _before_year(view: SentenceView, i: int) -> bool:
    following = view.words[i + 1] if i + 1 < len(view.words) else None
    return (
        following is not None
        and view.tokens[i + 1].kind == "number"
        and len(following.text) == 4
        and view.gap(i) in (" ", "-", "\u00a0")
    )


def _english_head(word: str) -> str | None:
    """The English head noun in ``word`` without its Estonian case ending, or a foreign one."""
    for size in range(len(word), max(3, len(word) - 5), -1):
        if word[:size] in lexicon.ENGLISH_HEADS and CASE_ENDING.fullmatch(word[size:]):
            return word[:size]
    return word if word.endswith(lexicon.FOREIGN_ENDS) else None
