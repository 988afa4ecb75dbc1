"""Names headed by a noun of organisation: „Eesti Metsa- ja Puidutööstuse Liit“."""

from collections.abc import Iterator

from indexer.enrich.lexicon import (
    ENGLISH_STARTERS,
    GIVEN_NAMES,
    KINDS,
    LOWER_HEADS,
    NEVER_FIRST,
    NO_ORGANISATIONS,
)
from indexer.enrich.scan import AND, LONGEST_NAME, Candidate, Scan
from indexer.enrich.words import Word


def headed_names(scan: Scan) -> Iterator[Candidate]:
    for i, word in enumerate(scan.words):
        head = word.head
        if head is None:
            continue
        if word.capital:
            start = _start_of(scan, i)
            yield from _capital_head(scan, start, i)
        elif head.lemma.endswith("ministeerium") and head.compound:
            yield _ministry(scan, i)
        elif head.lemma in LOWER_HEADS:
            yield from _lower_head(scan, i)


def _capital_head(scan: Scan, start: int, i: int) -> Iterator[Candidate]:
    word, head = scan.words[i], scan.words[i].head
    assert head is not None  # noqa: S101 - the caller checked it
    end = i
    quoted = scan.quote_end(i)
    if start == i and quoted is not None and head.lemma not in ("klubi",):
        name = scan.surface(i + 1, quoted)
        stop = scan.quote_stop(quoted)
        yield scan.candidate("head", word.token.start, stop, (name,), name)
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
                before.capital and before.token.elliptic and scan.gap(k - 1) in ("- ", "-\u00a0")
            ) or _is_pair(scan, k, i):
                start = k - 1
            else:
                break
            continue
        listed = previous.token.elliptic and scan.gap(k) in ("-, ", "-,\u00a0")
        if not (scan.joined(k) or listed) or not previous.capital or previous.legal:
            break
        if not scan.lexicon.is_inner(previous, head if k == i - 1 else None):
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
        and scan.lexicon.is_inner(before, None)
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
    """The name of words ``start``..``i`` in the nominative: only its head changes."""
    head = scan.words[i].head
    assert head is not None  # noqa: S101 - only called for heads
    name = head.nominative
    at = i
    if start < i and not scan.lexicon.is_place(scan.words[i - 1].text):
        adjective = scan.lexicon.agreeing_nominative(scan.words[i - 1].text, head)
        if adjective is not None:
            name = f"{adjective} {name}"
            at = i - 1
    if at > start:
        first, last = scan.words[start].token.start, scan.words[at].token.start
        name = scan.slice(first, last) + name
    return " ".join(name.split())


def _ministry(scan: Scan, i: int) -> Candidate:
    """„majandus- ja kommunikatsiooniministeerium“ is a name in lower case too."""
    start = i
    if i >= 2 and scan.words[i - 1].lower in AND and scan.words[i - 2].token.elliptic:
        start = i - 2
    name = nominative_name(scan, start, i)
    name = name[0].upper() + name[1:]
    return scan.from_words("head", start, i, (name,))


def _lower_head(scan: Scan, i: int) -> Iterator[Candidate]:
    """„Rohemajanduse klaster“ in mid-sentence: a capital that only a name explains."""
    head = scan.words[i].head
    assert head is not None  # noqa: S101 - the caller checked it
    quoted = scan.quote_end(i)
    if quoted is not None:
        name = scan.surface(i + 1, quoted)
        yield scan.candidate(
            "head", scan.words[i + 1].token.start, scan.words[quoted].token.end, (name,), name
        )
        return
    if i == 0 or not scan.words[i - 1].capital or not scan.joined(i - 1):
        return
    start = _start_of(scan, i)
    if start == i:
        return
    modifier = scan.words[i - 1]
    if head.lemma.endswith("ülikool") and scan.lexicon.is_place(modifier.text):
        country = modifier.lower in ("eesti", "läti", "leedu", "soome", "rootsi", "euroopa")
        if not country or head.lemma == "maaülikool":
            yield scan.from_words("head", start, i, (nominative_name(scan, start, i),))
        return
    if scan.lexicon.is_place(modifier.text) or modifier.lower in GIVEN_NAMES:
        return
    if modifier.head is not None or modifier.legal is not None:
        return
    descriptive = modifier.acronym is None and any(
        each.pos == "S" and each.form in ("sg g", "pl g")
        for each in scan.lexicon.common(modifier.text)
    )
    known = modifier.acronym is not None and modifier.acronym not in NO_ORGANISATIONS
    if (descriptive or known) and not any(
        scan.words[k].lower in GIVEN_NAMES for k in range(start, i)
    ):
        certain = scan.position(start) > 0 or known
        yield scan.from_words("head", start, i, (nominative_name(scan, start, i),), certain)
