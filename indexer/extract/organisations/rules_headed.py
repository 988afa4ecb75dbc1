"""Names headed by a noun of organisation: „Eesti Metsa- ja Puidutööstuse Liit“."""

from collections.abc import Iterator

from indexer.extract.organisations.lexicon import (
    COUNTRIES,
    ENGLISH_STARTERS,
    GIVEN_NAMES,
    KINDS,
    LOCAL_HEADS,
    LOWER_HEADS,
    NAMED_AFTER,
    NATIONAL_HEADS,
    NEVER_FIRST,
    NO_ORGANISATIONS,
    REGIONS,
)
from indexer.extract.organisations.sentence_view import AND, LONGEST_NAME, Candidate, Scan
from indexer.extract.organisations.token_classes import Head, Word


def headed_names(scan: Scan) -> Iterator[Candidate]:
    for i, word in enumerate(scan.words):
        head = word.head
        if head is None:
            continue
        if word.capital:
            start = _start_of(scan, i)
            yield from _capital_head(scan, start, i)
        elif word.body:
            yield _body(scan, i)
        else:
            yield from _lower_head(scan, i)


def _capital_head(scan: Scan, start: int, i: int) -> Iterator[Candidate]:
    head = scan.words[i].head
    assert head is not None  # noqa: S101 - the caller checked it
    end = i
    quoted = scan.quote_end(i)
    if start == i and quoted is not None and head.lemma not in ("klubi",):
        name = scan.surface(i + 1, quoted)
        stop = scan.quote_stop(quoted)
        yield scan.candidate("head", scan.tokens[i].start, stop, (name,), name)
        return
    if _names_follow(scan, i):
        # „Kompetentsikeskus Oksakoht“: the name stands behind what it is.
        end = scan.proper_end(i + 1)
        name = f"{nominative_name(scan, start, i)} {scan.surface(i + 1, end)}"
        yield scan.from_words("head", start, end, (name,))
        return
    if start == i and (not head.compound or head.lemma in KINDS):
        return
    if any(scan.words[k].lower in GIVEN_NAMES for k in range(start, i)):
        return
    certain = start < i or scan.position(i) > 0 or head.lemma.endswith("ministeerium")
    if start == 0 and i > 0 and _is_doubtful_start(scan, i):
        certain = False
    candidate = scan.from_words("head", start, end, (nominative_name(scan, start, i),), certain)
    yield candidate
    if not certain and start + 1 < i:
        yield scan.from_words("head", start + 1, end, (nominative_name(scan, start + 1, i),))


def _names_follow(scan: Scan, i: int) -> bool:
    head = scan.words[i].head
    if head is None or not head.compound or not scan.joined(i) or i + 1 >= len(scan.words):
        return False
    if not (scan.proper(i + 1) or scan.renamed_noun(i)):
        return False
    end = scan.proper_end(i + 1)
    return all(scan.words[k].head is None for k in range(i + 1, end + 1))


def _is_doubtful_start(scan: Scan, i: int) -> bool:
    """Only one word before the head, and that could be any noun at a sentence's beginning."""
    first = scan.words[0]
    return (
        first.acronym is None
        and not scan.lexicon.is_place(first.text)
        and bool(scan.lexicon.common(first.text))
        and not scan.words[i].capital
    )


def _start_of(scan: Scan, i: int) -> int:
    """The first word of the name whose head is the word ``i``."""
    start = i
    head = scan.words[i].head
    while start > 0 and i - start < LONGEST_NAME:
        k = start - 1
        previous = scan.words[k]
        if previous.lower in AND and k > 0 and scan.joined(k):
            before = scan.words[k - 1]
            if (
                before.capital
                and scan.tokens[k - 1].elliptic
                and scan.gap(k - 1) in ("- ", "-\u00a0")
            ) or _is_pair(scan, k, i):
                start = k - 1
            else:
                break
            continue
        listed = scan.tokens[k].elliptic and scan.gap(k) in ("-, ", "-,\u00a0")
        if not (scan.joined(k) or listed) or not previous.capital or previous.legal:
            break
        if not scan.lexicon.is_inner(previous, scan.tokens[k].elliptic, head):
            if _is_foreign_first(scan, k):
                start = k
            break
        if k == 0 and not listed and _is_no_first(scan, previous):
            break
        if k == 0 and previous.lower in ENGLISH_STARTERS:
            break
        start = k
    return start


def _is_foreign_first(scan: Scan, k: int) -> bool:
    """„Stoffkreis Institut“: an unknown word in the nominative, no second part of a person."""
    word = scan.words[k]
    if word.lower in GIVEN_NAMES or scan.lexicon.common(word.text):
        return False
    if not any(each.form == "sg n" for each in scan.lexicon.readings(word.text)):
        return False
    return k == 0 or not (scan.joined(k - 1) and scan.words[k - 1].capital)


def _is_pair(scan: Scan, k: int, i: int) -> bool:
    """„Infotehnoloogia ja Telekommunikatsiooni Liit“: two plain genitives inside a name."""
    before = scan.words[k - 1]
    if k + 1 == i and not (k - 1 > 0 and scan.words[k - 2].capital and scan.joined(k - 2)):
        return False
    return (
        before.capital
        and scan.joined(k - 1)
        and before.head is None
        and before.acronym is None
        and before.legal is None
        and not scan.lexicon.is_place(before.text)
        and bool(scan.lexicon.common(before.text))
        and scan.lexicon.is_inner(before, scan.tokens[k - 1].elliptic, None)
    )


def _is_no_first(scan: Scan, word: Word) -> bool:
    """A word that begins the sentence, not the name."""
    common = scan.lexicon.common(word.text)
    if not common or word.acronym:
        return False
    if any(each.lemma.lower() in NEVER_FIRST for each in common):
        return True
    return not any(
        each.pos == "G" or (each.pos in "SAUC" and each.form in ("sg g", "pl g", "sg n"))
        for each in common
    )


def nominative_name(scan: Scan, start: int, i: int) -> str:
    """The name of words ``start``..``i`` in the nominative: its head and what agrees with it."""
    head = scan.words[i].head
    assert head is not None  # noqa: S101 - only called for heads
    name = head.nominative
    for k in range(i - 1, start - 1, -1):
        text = scan.words[k].text
        agreeing = None
        if not scan.lexicon.is_place(text):
            agreeing = scan.lexicon.agreeing_nominative(text, head, next_to=k == i - 1)
        gap = scan.slice(scan.tokens[k].end, scan.tokens[k + 1].start)
        name = f"{agreeing or text}{gap}{name}"
    return " ".join(name.split())


def _body(scan: Scan, i: int) -> Candidate:
    """„majandus- ja kommunikatsiooniministeerium“ is a name in lower case too."""
    start = i
    if i >= 2 and scan.words[i - 1].lower in AND and scan.tokens[i - 2].elliptic:
        start = i - 2
    while (
        start > 0 and scan.joined(start - 1) and scan.lexicon.is_place(scan.words[start - 1].text)
    ):
        # „Vene välisministeerium“
        start -= 1
    name = nominative_name(scan, start, i)
    name = name[0].upper() + name[1:]
    return scan.from_words("head", start, i, (name,))


def _is_local(head: Head, modifier: Word) -> bool:
    """„Tartu linnavalitsus“, „Soome valitsus“ are names; „Eesti ülikool“ is any of them."""
    if modifier.lower in COUNTRIES:
        return head.lemma in NATIONAL_HEADS or head.lemma == "maaülikool"
    if head.lemma in ("valitsus", "kohus", "amet", "jaam"):
        return False
    return any(head.lemma.endswith(each) for each in LOCAL_HEADS)


def _lower_head(scan: Scan, i: int) -> Iterator[Candidate]:
    """„Rohemajanduse klaster“ in mid-sentence: a capital that only a name explains."""
    head = scan.words[i].head
    assert head is not None  # noqa: S101 - the caller checked it
    quoted = scan.quote_end(i) if head.lemma in LOWER_HEADS else None
    if quoted is not None:
        name = scan.surface(i + 1, quoted)
        yield scan.candidate(
            "head", scan.tokens[i + 1].start, scan.tokens[quoted].end, (name,), name
        )
        return
    if i == 0 or not scan.words[i - 1].capital or not scan.joined(i - 1):
        return
    start = _start_of(scan, i)
    if start == i:
        return
    modifier = scan.words[i - 1]
    if scan.lexicon.is_place(modifier.text) or modifier.lower in REGIONS:
        if _is_local(head, modifier):
            yield scan.from_words("head", start, i, (nominative_name(scan, start, i),))
        return
    if modifier.lower in GIVEN_NAMES or head.lemma not in LOWER_HEADS:
        return
    if modifier.head is not None or modifier.legal is not None:
        return
    common = scan.lexicon.common(modifier.text)
    descriptive = modifier.acronym is None and any(
        each.pos == "S" and each.form in ("sg g", "pl g") for each in common
    )
    descriptive = descriptive or (head.lemma in NAMED_AFTER and not common)
    known = modifier.acronym is not None and modifier.acronym not in NO_ORGANISATIONS
    if (descriptive or known) and not any(
        scan.words[k].lower in GIVEN_NAMES for k in range(start, i)
    ):
        certain = scan.position(start) > 0 or known
        yield scan.from_words("head", start, i, (nominative_name(scan, start, i),), certain)
