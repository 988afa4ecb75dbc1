"""Rules that find organisation candidates in a sentence.

Names with a legal form („AS Barrus“), in apposition („klastrist Avaesen“), in lists and in English,
and acronyms.
"""

from collections.abc import Iterator

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.headed_names import nominative_name
from indexer.extract.organisations.sentence_view import (
    AND,
    CLOSING,
    LONGEST_NAME,
    LONGEST_QUOTE,
    OPENING,
    Candidate,
    SentenceView,
)
from indexer.extract.organisations.token_classes import CASE_ENDING, TokenClass

_CITES = "vahendama"
_CITES_STEM = "vahenda"
_COMMAS = (", ", ",\u00a0")


def legal_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds names with a legal form before or behind them: „AS Barrus“."""
    for i, word in enumerate(view.words):
        if word.legal is None:
            continue
        behind = _name_start_before_form(view, i)
        ahead = _name_end_after_form(view, i) if _may_precede_name(word) else None
        if ahead and behind is not None and _belongs_to_name_before(view, i, behind):
            ahead = None
        if ahead:
            yield _leading_form_name(view, i, ahead)
        elif behind is not None and _may_follow_name(word):
            yield _trailing_form_name(view, behind, i)


def _may_precede_name(word: TokenClass) -> bool:
    """True if the legal form may precede its name."""
    return word.legal in lexicon.LEADING_FORMS


def _may_follow_name(word: TokenClass) -> bool:
    """True if the legal form may follow its name; not as a head: „… Arendamise Sihtasutus“."""
    return word.text[:2].isupper() or word.legal not in lexicon.LEADING_FORMS


def _belongs_to_name_before(view: SentenceView, i: int, behind: int) -> bool:
    """True if, between two capitalised words, the form belongs to the name before it."""
    before, after = view.words[i - 1], view.words[i + 1]
    if not _may_follow_name(view.words[i]):
        return before.capital and not view.classifier.common(before.text)
    if behind == 0 and i == 1:
        return not view.classifier.common(before.text) and view.classifier.is_place(after.text)
    return view.classifier.is_place(after.text) or after.lower in lexicon.GIVEN_NAMES


def _name_end_after_form(view: SentenceView, i: int) -> int | None:
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
        if end > i and (not view.joined(end) or _ends_before(view, i, end)):
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


def _ends_before(view: SentenceView, i: int, end: int) -> bool:
    """True if a name behind the form ``i`` ends here: „MTÜ Metsa Ühendus Tartu maakohtus“."""
    word, following = view.words[end], view.words[end + 1]
    if view.classifier.is_adverbial_noun(word.text):
        return True
    headed = end > i + 1 and word.head is not None
    return headed and following.head is None and view.classifier.is_place(following.text)


def _is_company(view: SentenceView, i: int) -> bool:
    return i < len(view.words) and view.words[i].text in {"Ko", "Co", "Pojad", "Partnerid"}


def _name_start_before_form(view: SentenceView, i: int) -> int | None:
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
        if previous.text.isupper() and view.classifier.is_all_caps_word(previous.text):
            break
        if start - 1 == 0 and start < i and view.is_capitalised_by_position():
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


def _leading_form_name(view: SentenceView, i: int, end: int) -> Candidate:
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
        cores = view.nominative_names(i + 1, end)
    names = tuple(f"{form.legal} {each}" for each in cores)
    stop = view.quote_stop(end) if view.before(i + 1) in OPENING else view.tokens[end].end
    if not form.capital:
        # „aktsiaselts Kask“: a form in lower case is no part of the mention.
        first = view.tokens[i + 1].start
        return view.candidate("legal", first, view.tokens[end].end, names, cores[0])
    return view.candidate("legal", view.tokens[i].start, stop, names, cores[0])


def _trailing_form_name(view: SentenceView, start: int, i: int) -> Candidate:
    form = view.words[i]
    core = view.surface(start, i - 1)
    first = view.tokens[start].start
    if start > 0 and view.before(start) and view.before(start) in OPENING:
        first -= 1
    return view.candidate("legal", first, view.tokens[i].end, (f"{core} {form.legal}",), core)


def apposition_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds names in apposition to a noun: „taastuvenergia klastrist Avaesen“."""
    for i, word in enumerate(view.words[:-1]):
        if word.capital and i > 0:
            continue
        if not word.introduces_name:
            continue
        quoted = view.quote_end(i)
        if quoted is not None and view.words[i + 1].capital:
            name = view.surface(i + 1, quoted)
            yield view.from_words("apposed", i + 1, quoted, (name,))
        elif view.joined(i) and _may_be_apposition(view, i):
            end = view.name_end(i + 1)
            yield view.from_words("apposed", i + 1, end, view.nominative_names(i + 1, end))


def _may_be_apposition(view: SentenceView, i: int) -> bool:
    """True if a name may follow the noun ``i``: „firma RAF-AVIA“, „liit Meie Küla“."""
    if view.is_proper_name(i + 1) or view.precedes_noun_as_name(i):
        return True
    word = view.words[i + 1]
    if _is_organisation_acronym(word) or (len(word.text) > 3 and word.text.isupper()):
        return not is_thing(view, i + 1, i + 1)
    if not word.capital or word.legal or word.head or word.lower in lexicon.GIVEN_NAMES:
        return False
    if view.classifier.is_place(word.text):
        return False
    # „loomakaitseorganisatsioon Vaiksed Käpad“: common words need two capitals to be a name.
    return bool(view.classifier.common(word.text)) and view.name_end(i + 1) > i + 1


def company_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds unknown names before a noun for what only companies have: „Autorollo aktsionärid“."""
    for i, word in enumerate(view.words[:-1]):
        if not word.capital or word.acronym or word.legal or word.head or not view.joined(i):
            continue
        following = view.words[i + 1]
        if following.capital or not _may_be_genitive(view, word.text):
            continue
        if lexicon.COMPANY_ATTRIBUTES.isdisjoint(view.classifier.lemmas(following.text)):
            continue
        if word.lower in lexicon.GIVEN_NAMES or view.classifier.common(word.text):
            continue
        alone = i == 0 or not (view.joined(i - 1) and view.words[i - 1].capital)
        if alone and not view.classifier.is_place(word.text):
            yield view.from_words("apposed", i, i, view.nominatives(i))


def club_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds names of sports clubs: „Tallinna FC Kotkas“, „KK Rapla“."""
    for i, word in enumerate(view.words[:-1]):
        if word.text not in lexicon.CLUB_PREFIXES or not view.joined(i):
            continue
        end = i + 1
        name = view.words[end]
        if not name.capital or name.legal or (name.acronym and name.text != name.acronym):
            continue
        if view.classifier.is_place(name.text) and view.joined(end):
            following = view.words[end + 1]
            end += following.capital and following.text not in lexicon.CLUB_PREFIXES
        start = i
        if i > 0 and view.joined(i - 1) and view.classifier.is_place(view.words[i - 1].text):
            start -= view.words[i - 1].capital
        yield view.from_words("apposed", start, end, view.nominative_names(start, end))


def credit_line_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds organisations in credit lines of pictures: „Foto: ERR“."""
    if len(view.words) < 2 or view.words[0].lower not in lexicon.CREDIT_LABELS:
        return
    word = view.words[1]
    if ":" in view.gap(0) and len(view.words) == 2 and word.capital:
        given = word.lower in lexicon.GIVEN_NAMES or view.classifier.is_place(word.text)
        if not given and not view.classifier.common(word.text):
            yield view.from_words("tagged", 1, 1, (word.acronym or word.text,))


def cited_media_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds media outlets that are cited as the source: „…, vahendab Rannaraadio“."""
    for i, word in enumerate(view.words[:-1]):
        if word.capital or not word.lower.startswith(_CITES_STEM):
            continue
        if i == 0 or "," not in view.gap(i - 1) or not view.joined(i):
            continue
        if _CITES not in view.classifier.lemmas(word.text) or not view.is_proper_name(i + 1):
            continue
        end = view.name_end(i + 1)
        yield view.from_words("apposed", i + 1, end, view.nominative_names(i + 1, end))


def _may_be_genitive(view: SentenceView, text: str) -> bool:
    return any(each.form == "sg g" for each in view.classifier.readings(text))


def listed_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds names in a list: „ettevõtted Nordfab, Kaske ja KTR“."""
    for i, word in enumerate(view.words[:-2]):
        if not word.introduces_list or not (view.joined(i) or view.gap(i) == ": "):
            continue
        named = i + 2 if view.words[i + 1].lower == "nagu" else _after_numbers(view, i + 1)
        items = list(_items(view, named))
        if len(items) > 1:
            for first, last in items:
                yield view.from_words("apposed", first, last, (view.surface(first, last),))


def _after_numbers(view: SentenceView, i: int) -> int:
    """Skips a first item of numbers: „büroodes 3+1, Kaarkivi ja Hoov“."""
    at = i
    while at + 1 < len(view.words) and view.tokens[at].kind == "number":
        if view.gap(at) in _COMMAS:
            return at + 1
        at += 1
    return i


def _items(view: SentenceView, i: int) -> Iterator[tuple[int, int]]:
    """Items of a list from the word ``i`` on: first and last words."""
    first = i
    while i < len(view.words) and _may_be_item(view, i, is_first=i == first):
        end = view.name_end(i)
        yield i, end
        i = end + 1
        if i >= len(view.words):
            return
        if view.words[i].lower in AND:
            i += 1
        elif view.gap(end) not in _COMMAS:
            return


def _may_be_item(view: SentenceView, i: int, *, is_first: bool) -> bool:
    """True for a name; behind the first one also for a common word with a capital."""
    word = view.words[i]
    if view.is_proper_name(i) or _is_organisation_acronym(word):
        return True
    if is_first or not word.capital or word.legal or word.acronym:
        return False
    if word.lower in lexicon.GIVEN_NAMES or view.classifier.is_place(word.text):
        return False
    return any(each.form == "sg n" for each in view.classifier.common(word.text))


def _is_organisation_acronym(word: TokenClass) -> bool:
    base = word.acronym
    return base is not None and base.isalpha() and base not in lexicon.OTHER_ACRONYMS


def english_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds English names: „Institute of Baltic Studies“, „European Cluster Platform“."""
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
    foreign = lower[start] in lexicon.FOREIGN_LEADING_HEADS
    leads = any(
        lower[k] in lexicon.ENGLISH_HEADS and lower[k + 1] in ("of", "for", "on")
        for k in range(start, end)
    )
    head = _english_head(lower[end])
    if not leads and not foreign:
        if head is None:
            return None
        # „Treaty on European Union“: only what follows the linking word is an organisation.
        links = [k for k in range(start, end) if lower[k] in lexicon.ENGLISH_LINKS - {"and", "&"}]
        start = links[-1] + 1 if links else start
    if start >= end or (head == lower[end] and view.words[end].head is not None):
        return None  # a head in Estonian, too, such as „keskus“: headed_names finds it
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
    """Finds acronyms that may be organisations, by their neighbours."""
    for i, word in enumerate(view.words):
        base = word.acronym
        if base is None or len(base) < 3 or base in lexicon.OTHER_ACRONYMS:
            continue
        if not base.isalpha() or is_thing(view, i, i) or _is_in_capitals(view, i):
            continue
        if view.classifier.is_all_caps_word(base) or view.classifier.is_function_word(base):
            continue
        yield view.from_words("acronym", i, i, (base,))


def is_thing(view: SentenceView, first: int, last: int) -> bool:
    """True for the name of a project, product or event, by a neighbouring word."""
    if _follows_thing_noun(view, first):
        return True
    acronym = first == last and view.words[last].acronym is not None
    return acronym and (_precedes_thing(view, last) or _precedes_year(view, last))


def _is_in_capitals(view: SentenceView, i: int) -> bool:
    """True for words in capitals side by side: „MARI MAASIK“ under an article."""
    neighbours = [i - 1] if i > 0 and view.joined(i - 1) else []
    if view.joined(i):
        neighbours.append(i + 1)
    return len(view.words[i].text) > 3 and any(
        view.words[k].text.isupper() and len(view.words[k].text) > 3 for k in neighbours
    )


def _follows_thing_noun(view: SentenceView, first: int) -> bool:
    """True for a name behind a noun for a project, product or event: „projekt Lehelaine“."""
    if first == 0:
        return _is_thing_noun(view, 0)
    if not view.joined(first - 1) or (view.words[first - 1].capital and first > 1):
        return False
    return _is_thing_noun(view, first - 1)


def _is_thing_noun(view: SentenceView, i: int) -> bool:
    return not lexicon.THING_NOUNS.isdisjoint(view.classifier.lemmas(view.words[i].text))


def _precedes_thing(view: SentenceView, last: int) -> bool:
    """True if such a noun follows the acronym: „REDU projekt“, but not „EASi projekt“."""
    word = view.words[last]
    if word.text != word.acronym or not view.joined(last) or view.words[last + 1].capital:
        return False
    return not lexicon.THING_HEADS.isdisjoint(view.classifier.lemmas(view.words[last + 1].text))


def _precedes_year(view: SentenceView, i: int) -> bool:
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
    return word if word.endswith(lexicon.FOREIGN_HEAD_ENDINGS) else None
