"""Rules for names with a head noun: „Eesti Metsa- ja Puidutööstuse Liit“, „Tartu linnavalitsus“.

The head may be capitalised or not; genitives before it belong to the name.
"""

from collections.abc import Collection, Iterator

from indexer.extract.organisations import lexicon
from indexer.extract.organisations.sentence_view import AND, LONGEST_NAME, Candidate, SentenceView
from indexer.extract.organisations.token_classes import Head, TokenClass

_GENITIVES = ("sg g", "pl g")
_EPONYM = "nimeline"
_PARTY = "erakond"


def headed_names(view: SentenceView) -> Iterator[Candidate]:
    """Finds candidates that end in a head noun, or in a name in apposition behind it."""
    for i, word in enumerate(view.words):
        head = word.head
        if head is None:
            continue
        if word.capital:
            start = _name_start(view, i)
            if head.lemma.endswith(_PARTY) and start < i and view.words[i - 1].lower in AND:
                # „Reformi- ja Keskerakond“ coordinates two parties.
                first = i - 2
                yield view.from_words("head", first, first, (view.words[first].text + _PARTY,))
                start = i
            yield from _capitalised_head(view, head, start, i)
        elif word.public_body and not _precedes_foreign_name(view, i):
            yield _public_body(view, i)
        else:
            yield from _lower_case_head(view, head, i)


def _capitalised_head(view: SentenceView, head: Head, start: int, i: int) -> Iterator[Candidate]:
    end = i
    quoted = view.quote_end(i)
    if start == i and quoted is not None and head.lemma not in ("klubi",):
        name = view.surface(i + 1, quoted)
        stop = view.quote_stop(quoted)
        yield view.candidate("head", view.tokens[i].start, stop, (name,), name)
        return
    if _names_follow(view, start, i):
        # „Kompetentsikeskus Oksakoht“: the name is in apposition to the head.
        end = view.name_end(i + 1)
        name = f"{nominative_name(view, start, i)} {view.surface(i + 1, end)}"
        yield view.from_words("head", start, end, (name,))
        return
    if start == i and (not head.compound or head.lemma in lexicon.GENERIC_NAMES):
        return
    start = _with_eponym(view, _with_given_name(view, start, i))
    named = any(not view.words[k].capital for k in range(start + 1, i))
    if not named and any(view.words[k].lower in lexicon.GIVEN_NAMES for k in range(start + 1, i)):
        return
    if view.words[start].lower in lexicon.GIVEN_NAMES and i - start < 2:
        return
    certain = start < i or view.position(i) > 0 or head.lemma.endswith("ministeerium")
    if start == 0 and i > 0 and _is_doubtful_start(view, i):
        certain = False
    candidate = view.from_words("head", start, end, (nominative_name(view, start, i),), certain)
    yield candidate
    if not certain and start + 1 < i:
        yield view.from_words("head", start + 1, end, (nominative_name(view, start + 1, i),))


def _with_given_name(view: SentenceView, start: int, i: int) -> int:
    """Extends the name to a given name before ``start``: „Anu Tamme Keskus“."""
    k = start - 1
    if k < 0 or start == i or not view.joined(k):
        return start
    surname = view.words[start]
    named = surname.capital and surname.acronym is None and surname.head is None
    given = view.words[k].lower in lexicon.GIVEN_NAMES and view.words[k].capital
    inner = not view.classifier.is_place(surname.text)
    return k if named and given and inner else start


def _with_eponym(view: SentenceView, start: int) -> int:
    """Extends the name to the person it is named after: „Kalle Kuuse nimeline Rapla Kool“."""
    k = start - 1
    if k < 1 or _EPONYM not in view.classifier.lemmas(view.words[k].text) or not view.joined(k):
        return start
    first = k
    while first > 0 and view.joined(first - 1) and view.words[first - 1].capital:
        if first == 1 and view.is_capitalised_by_position():
            break
        first -= 1
    return first if first < k else start


def _names_follow(view: SentenceView, start: int, i: int) -> bool:
    head = view.words[i].head
    if head is None or not head.compound or not view.joined(i) or i + 1 >= len(view.words):
        return False
    if start < i and view.classifier.is_adverbial(view.words[i].text):
        return False  # „Rapla Kutsekoolis Kuldne Kelluke“: the school is a location
    if not (view.is_proper_name(i + 1) or view.precedes_noun_as_name(i)):
        return False
    end = view.name_end(i + 1)
    return all(view.words[k].head is None for k in range(i + 1, end + 1))


def _is_doubtful_start(view: SentenceView, i: int) -> bool:
    """True if the only word before the head may be capitalised by sentence position."""
    first = view.words[0]
    return (
        first.acronym is None
        and not view.classifier.is_place(first.text)
        and bool(view.classifier.common(first.text))
        and not view.words[i].capital
    )


def _name_start(view: SentenceView, i: int) -> int:
    """First word of the name whose head is the word ``i``."""
    start = i
    head = view.words[i].head
    while start > 0 and i - start < LONGEST_NAME:
        k = start - 1
        previous = view.words[k]
        if previous.lower in AND and k > 0 and view.joined(k):
            before = view.words[k - 1]
            if (
                before.capital
                and view.tokens[k - 1].elliptic
                and view.gap(k - 1) in ("- ", "-\u00a0")
            ) or _is_joined_genitive(view, k, i):
                start = k - 1
            else:
                break
            continue
        listed = view.tokens[k].elliptic and view.gap(k) in ("-, ", "-,\u00a0")
        if not (view.joined(k) or listed) or not previous.capital or previous.legal:
            break
        if not view.classifier.is_inner(previous, view.tokens[k].elliptic, head):
            if _is_foreign_first(view, k):
                start = k
            break
        if k == 0 and not listed and _is_sentence_opener(view, previous):
            break
        if k == 0 and previous.lower in lexicon.ENGLISH_STARTERS:
            break
        start = k
    return start


def _is_foreign_first(view: SentenceView, k: int) -> bool:
    """True for an unknown word before the head, no surname: „Stoffkreis Institut“."""
    word = view.words[k]
    if word.lower in lexicon.GIVEN_NAMES or view.classifier.common(word.text):
        return False
    if not any(each.form == "sg n" for each in view.classifier.readings(word.text)):
        return False
    return k == 0 or not (view.joined(k - 1) and view.words[k - 1].capital)


def _is_joined_genitive(view: SentenceView, k: int, i: int) -> bool:
    """True for joined genitives in a name: „Infotehnoloogia ja Telekommunikatsiooni Liit“."""
    before = view.words[k - 1]
    if k + 1 == i and not (k - 1 > 0 and view.words[k - 2].capital and view.joined(k - 2)):
        return False
    return (
        before.capital
        and view.joined(k - 1)
        and before.head is None
        and before.acronym is None
        and before.legal is None
        and not view.classifier.is_place(before.text)
        and bool(view.classifier.common(before.text))
        and view.classifier.is_inner(before, view.tokens[k - 1].elliptic, None)
    )


def _is_sentence_opener(view: SentenceView, word: TokenClass) -> bool:
    """True for a word that begins the sentence, not the name."""
    common = view.classifier.common(word.text)
    if not common or word.acronym:
        return False
    if any(each.lemma.lower() in lexicon.NON_NAME_MODIFIERS for each in common):
        return True
    return not any(
        each.pos == "G" or (each.pos in "SAUC" and each.form in ("sg g", "pl g", "sg n"))
        for each in common
    )


def nominative_name(view: SentenceView, start: int, i: int) -> str:
    """Normalises the name ``start``..``i`` to the nominative: its head and words in agreement."""
    head = view.words[i].head
    assert head is not None  # noqa: S101 - only called for heads
    name = head.nominative
    for k in range(i - 1, start - 1, -1):
        text = view.words[k].text
        agreeing = _EPONYM if _EPONYM in view.classifier.lemmas(text) else None
        if agreeing is None and not view.classifier.is_place(text):
            agreeing = view.classifier.agreeing_nominative(text, head, next_to=k == i - 1)
        gap = view.slice(view.tokens[k].end, view.tokens[k + 1].start)
        name = f"{agreeing or text}{gap}{name}"
    return " ".join(name.split())


def _precedes_foreign_name(view: SentenceView, i: int) -> bool:
    """True for a head noun before a foreign name: „Briti rahvusringhääling BBC“."""
    if i == 0 or not view.joined(i) or not view.words[i + 1].capital:
        return False
    before = view.words[i - 1].lower
    return before in lexicon.COUNTRIES and before not in lexicon.HOME_COUNTRY


def _public_body(view: SentenceView, i: int) -> Candidate:
    """Name of a public body in lower case: „majandus- ja kommunikatsiooniministeerium“."""
    start = i
    if i >= 2 and view.words[i - 1].lower in AND and view.tokens[i - 2].elliptic:
        start = i - 2
    while (
        start > 0
        and view.joined(start - 1)
        and view.classifier.is_place(view.words[start - 1].text)
    ):
        # „Vene välisministeerium“
        start -= 1
    name = nominative_name(view, start, i)
    name = name[0].upper() + name[1:]
    return view.from_words("head", start, i, (name,))


def _is_local_body(head: Head, modifier: TokenClass) -> bool:
    """True for bodies named by a place: „Tartu linnavalitsus“, but not „Eesti ülikool“."""
    if head.compound and head.lemma not in lexicon.GENERIC_NAMES:
        of_country = modifier.lower in lexicon.COUNTRIES
        heads = lexicon.COUNTRY_HEADS if of_country else lexicon.COMPOUND_HEADS
        if _ends_in(head, heads):
            return True
    if modifier.lower in lexicon.COUNTRIES:
        return head.lemma in lexicon.NATIONAL_HEADS or head.lemma == "maaülikool"
    if head.lemma in ("valitsus", "kohus", "amet", "jaam"):
        return False
    return head.lemma in lexicon.TOWN_HEADS or _ends_in(head, lexicon.LOCAL_HEADS)


def _is_eponymous_compound(head: Head) -> bool:
    """True for a compound that may be named after somebody: „riigigümnaasium“, „keskhaigla“."""
    named = head.compound and _ends_in(head, lexicon.EPONYMOUS_HEADS)
    return named and head.lemma not in lexicon.GENERIC_NAMES


def _ends_in(head: Head, lemmas: Collection[str]) -> bool:
    return any(head.lemma.endswith(each) for each in lemmas)


def _lower_case_head(view: SentenceView, head: Head, i: int) -> Iterator[Candidate]:
    """Finds names with a lower-case head after a capitalised word: „Rohemajanduse klaster“."""
    quoted = view.quote_end(i) if head.lemma in lexicon.LOWER_CASE_HEADS else None
    if quoted is not None:
        name = view.surface(i + 1, quoted)
        yield view.candidate(
            "head", view.tokens[i + 1].start, view.tokens[quoted].end, (name,), name
        )
        return
    if i == 0 or not view.joined(i - 1):
        return
    if not view.words[i - 1].capital:
        start = _chain_start(view, head, i)
        if start is not None:
            yield view.from_words("head", start, i, (nominative_name(view, start, i),))
        return
    start = _with_given_name(view, _name_start(view, i), i)
    if start == i:
        return
    modifier = view.words[i - 1]
    if view.classifier.is_place(modifier.text) or modifier.lower in lexicon.REGIONS:
        if _is_local_body(head, modifier):
            yield view.from_words("head", start, i, (nominative_name(view, start, i),))
            yield from _coordinated_names(view, start, i)
        return
    lower = head.lemma in lexicon.LOWER_CASE_HEADS or _is_eponymous_compound(head)
    lower = lower or (modifier.acronym is not None and head.lemma.endswith("klubi"))
    if modifier.lower in lexicon.GIVEN_NAMES or not lower:
        return
    if modifier.head is not None or modifier.legal is not None:
        return
    common = view.classifier.common(modifier.text)
    descriptive = modifier.acronym is None and any(
        each.pos == "S" and each.form in ("sg g", "pl g") for each in common
    )
    descriptive = descriptive or (_ends_in(head, lexicon.EPONYMOUS_HEADS) and not common)
    known = modifier.acronym is not None and modifier.acronym not in lexicon.OTHER_ACRONYMS
    after = i - start > 1 and view.words[start].lower in lexicon.GIVEN_NAMES
    if (descriptive or known or after) and not any(
        view.words[k].lower in lexicon.GIVEN_NAMES for k in range(start + after, i)
    ):
        certain = view.position(start) > 0 or known or after
        yield view.from_words("head", start, i, (nominative_name(view, start, i),), certain)
        yield from _coordinated_names(view, start, i)


def _chain_start(view: SentenceView, head: Head, i: int) -> int | None:
    """Start of a place and lower-case genitives before a head: „Taani näitlejate liit“."""
    if head.lemma not in lexicon.CHAIN_HEADS and not (
        head.compound
        and _ends_in(head, lexicon.COMPOUND_HEADS | lexicon.LOCAL_HEADS)
        and head.lemma not in lexicon.GENERIC_NAMES
    ):
        return None
    if head.lemma == "amet" and not view.words[i - 1].lower.endswith("ise"):
        return None  # „Eesti presidendi amet“ is an office
    k = i - 1
    while k >= 0 and i - k < LONGEST_NAME and not view.words[k].capital:
        if view.words[k].lower in AND and k > 0 and (k < i - 1 or view.tokens[k - 1].elliptic):
            k -= 1
        if not _is_chain_word(view, k) or not (view.joined(k) or view.tokens[k].elliptic):
            return None
        k -= 1
    if k < 0 or not view.joined(k):
        return None
    first = view.words[k]
    if not first.capital or not (view.classifier.is_place(first.text) or _makes_place(view, k + 1)):
        return None
    foreign = first.lower in lexicon.COUNTRIES and first.lower not in lexicon.HOME_COUNTRY
    return None if foreign and not _ends_in(head, lexicon.COUNTRY_HEADS) else k


def _makes_place(view: SentenceView, i: int) -> bool:
    """True for a noun that makes the word before it a place: „Liivi lahe …“."""
    return any(
        each.parts[-1] in lexicon.GEOGRAPHIC_NOUNS
        for each in view.classifier.common(view.words[i].text)
    )


def _is_chain_word(view: SentenceView, k: int) -> bool:
    """True for a noun in the genitive, or the first part of a compound: „haridus- ja …“."""
    if view.tokens[k].elliptic:
        return True
    return any(
        each.pos == "S" and each.form in _GENITIVES and each.lemma not in lexicon.NON_CHAIN_NOUNS
        for each in view.classifier.common(view.words[k].text)
    )


def _coordinated_names(view: SentenceView, start: int, i: int) -> Iterator[Candidate]:
    """Expands coordinated names with one head: „Ida-Tallinna ja Lääne-Tallinna haigla“."""
    head = view.words[i].head
    if head is None or not _ends_in(head, lexicon.SHARED_HEADS):
        return
    tail = nominative_name(view, start + 1, i)
    k = start - 1
    if k < 1 or view.words[k].lower not in AND or not view.joined(k):
        return
    places = []
    while k >= 1 and _is_unmodified_place(view, k - 1):
        places.append(k - 1)
        if view.gap(k - 2) not in (", ", ",\u00a0"):
            break
        k -= 1
    for at in places:
        yield view.from_words("head", at, at, (f"{view.words[at].text} {tail}",))


def _is_unmodified_place(view: SentenceView, i: int) -> bool:
    """True for the genitive of a place without a capitalised word before it."""
    word = view.words[i]
    if not word.capital or not view.classifier.is_place(word.text):
        return False
    return i <= 1 or not (view.joined(i - 1) and view.words[i - 1].capital)
