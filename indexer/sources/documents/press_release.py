"""Extracts headline, date and body of a press release, or of any text with a letterhead.

The headline has a title style, else it is the first bold or larger line below letterhead, mark
(“PRESSITEADE”) and date. Only a line with nothing but a place and a date gives the day.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.sources.base import Input, article
from indexer.sources.dates import GivenDate, parse_date
from indexer.sources.documents.text_flow import DocumentParagraph
from search.article import Article
from search.errors import EmptyDocument

_MARK = re.compile(
    r"(?:pressi|meedia)(?:teade|info|teadaanne)|teade\s+(?:pressile|ajakirjandusele|meediale)"
    r"|(?:press|news|media)\s*(?:release|statement|notice|information)|uudis(?:ed|kiri)?|teade"
    r"|(?:for\s+)?immediate\s+release|(?:kohe|koheseks)\s+(?:avaldamiseks|avaldada)"
    r"|avaldada\s+kohe|avaldamiseks(?:\s+kohe)?|пресс-?\s?релиз",
    re.IGNORECASE,
)
#: Letter-spaced marks.
_SPACED = re.compile(r"(?:\w ){4,}\w")
_CONTACT = re.compile(
    r"@|\bwww\.|https?://|\+\d{3}[\s\d]{6}|\b(?:e-?post|e-?mail|iban|swift)\s*:"
    r"|\b(?:tel(?:efon)?|faks|fax|phone|mob(?:iil)?|gsm|reg\w*\.?\s?(?:nr|kood)|registrikood)"
    r"\b[.:\s]*[+(\d]|\b\d{5}\s+(?-i:[A-ZÕÄÖÜŠŽ][a-zõäöü]+)$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:kuupäev|date|avaldatud|published|väljastatud|issued|дата)\s*:?\s*(?P<rest>.+)",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?P<place>[A-ZÕÄÖÜŠŽА-Я][^\W\d_]+(?:[ -][A-ZÕÄÖÜŠŽА-Я][^\W\d_]+)?)"
    r"(?P<comma>,)?\s+(?P<rest>.+)"
)
_PLACES = frozenset(
    (
        "tallinn tartu pärnu narva võru viljandi rakvere haapsalu kuressaare paide jõgeva valga"
        " põlva rapla jõhvi kärdla elva otepää keila maardu sillamäe kohtla-järve türi tapa"
        " helsingi brüssel riia tallinnas tartus pärnus narvas võrus viljandis rakveres brussels"
        " helsinki riga таллинн таллин тарту нарва"
    ).split()
)
#: Words before a date that are no place: the date is that of a future event.
_EVENTS = re.compile(
    r"(?:konverents|seminar|infopäev|teabepäev|koolitus|kohtumine|koosolek|mess|laat|kutse|embargo"
    r"|tähtaeg|toimu\w+|algus|conference|workshop|deadline|invitation|event|meeting)s?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"(?:esmas|teisi|kolma|nelja|ree|laupä|pühapä)\w{1,9}|[ETKNRLP]|понедельник|вторник|среда|четверг"
    r"|пятница|суббота|воскресенье|(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}",
    re.IGNORECASE,
)
#: Most paragraphs before the body text, none longer than a headline or a lead may be.
_HEAD = 15
_LONG = 200
#: A heading with more characters of text before it is that of a section.
_BEFORE_HEADING = 400
_LARGER = 1.12
#: A lead may be bold like a headline, but is a long sentence, or several.
_LEAD = re.compile(r".{70,}\.|.{30,}[.!?]\s+[A-ZÕÄÖÜŠŽ].{30,}", re.DOTALL)
_LEGAL_FORM = re.compile(r"\b(?:MTÜ|OÜ|AS|SA|TÜ|Ltd|NGO)\b")
_SENTENCE = re.compile(r".{40,}[.!?…]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PressRelease:
    """The article of a document; ``date`` only if the layout clearly gives it."""

    title: str
    paragraphs: tuple[str, ...]
    date: GivenDate | None = None


def release_found(source: Input, release: PressRelease) -> Article:
    """Makes the article of a document. Raises EmptyDocument."""
    if not release.title:
        raise EmptyDocument(file=source.name)
    return article(source, release.title, release.paragraphs, date=release.date)


def press_release(paragraphs: Sequence[DocumentParagraph]) -> PressRelease:
    """Extracts the article from ``paragraphs``; its title is empty if there are none."""
    found = [each for each in paragraphs if any(map(str.isalnum, each.text))]
    if not found:
        return PressRelease("", ())
    head = found[: _head_length(found)]
    at = _headline(found, len(head))
    date = _only_date([*head, *found[at + 1 : at + 4]])
    above = [each.text for each in found[:at] if _is_text(each)]
    below = list(found[at + 1 :])
    while below and _is_furniture(below[0].text) and len(below) > 1:
        below.pop(0)
    size = _text_size(found)
    while len(below) > 1 and below[-1].size < size and _is_furniture(below[-1].text):
        below.pop()  # the foot of the page, in small type
    title = " ".join(found[at].text.split())
    return PressRelease(title, (*above, *(each.text for each in below)), date)


def _head_length(paragraphs: Sequence[DocumentParagraph]) -> int:
    """Number of paragraphs before the body text of a press release."""
    for n, each in enumerate(paragraphs[:_HEAD]):
        is_plain = each.rank is None and not each.is_bold
        if len(each.text) > (_LONG if is_plain else 2 * _LONG):
            return n
    return min(len(paragraphs), _HEAD)


def _headline(paragraphs: Sequence[DocumentParagraph], head: int) -> int:
    """Index of the headline."""
    places = [n for n in range(head) if _may_be_headline(paragraphs[n])]
    first = _below_letterhead(paragraphs, head, places)
    size = _text_size(paragraphs)
    below = [n for n in places if n >= first] or places
    marked = [n for n in below if _is_marked(paragraphs[n], size)]
    styled = _styled(paragraphs)
    if styled is not None:
        is_sender = _is_name(paragraphs[styled].text) and styled < first
        if not is_sender or all(_is_name(paragraphs[n].text) for n in marked):
            return styled
    if marked and not all(n in marked for n in range(len(paragraphs))):
        return _first_of(paragraphs, marked)
    return _first_of(paragraphs, below) if below else 0


def _styled(paragraphs: Sequence[DocumentParagraph]) -> int | None:
    """Index of the first title, else of the highest heading, above the text."""
    before = 0
    ranked: list[tuple[int, int]] = []
    for n, each in enumerate(paragraphs):
        if each.rank is not None and before <= _BEFORE_HEADING and _may_be_headline(each):
            ranked.append((each.rank, n))
        elif _is_text(each):
            before += len(each.text)
    named = [each for each in ranked if not _is_name(paragraphs[each[1]].text)]
    return min(named or ranked, default=(0, None))[1]


def _below_letterhead(
    paragraphs: Sequence[DocumentParagraph], head: int, places: Sequence[int]
) -> int:
    """Index after the last line of a letterhead that is followed by a possible headline."""
    furniture = [n for n in range(head) if _is_furniture(paragraphs[n].text)]
    size = _text_size(paragraphs)
    for at in reversed(furniture):
        after = [n for n in places if n > at]
        if any(_is_marked(paragraphs[n], size) for n in after):
            return at + 1
    marks = [n for n in furniture if _is_mark(paragraphs[n].text)]
    return marks[-1] + 1 if marks else 0


def _first_of(paragraphs: Sequence[DocumentParagraph], places: Sequence[int]) -> int:
    """The first of ``places``, unless it is a name and a later one is as prominent."""
    largest = max(paragraphs[n].size for n in places)
    large = [n for n in places if paragraphs[n].size * _LARGER >= largest]
    for some in (large, places):
        for n in some:
            if not _is_name(paragraphs[n].text):
                return n
    return large[0]


def _text_size(paragraphs: Sequence[DocumentParagraph]) -> float:
    """The font size of most letters."""
    counts: dict[float, int] = {}
    for each in paragraphs:
        counts[each.size] = counts.get(each.size, 0) + len(each.text)
    return max(counts, key=counts.__getitem__)


def _is_marked(paragraph: DocumentParagraph, text_size: float) -> bool:
    return paragraph.is_bold or paragraph.size > _LARGER * text_size


def _may_be_headline(paragraph: DocumentParagraph) -> bool:
    text = paragraph.text
    return (
        not paragraph.is_item
        and len(text) <= 300
        and " | " not in text
        and any(map(str.isalpha, text))
        and not _is_furniture(text)
        and (paragraph.rank is not None or not _LEAD.fullmatch(text))
    )


def _is_text(paragraph: DocumentParagraph) -> bool:
    """True for a sentence, even above a headline."""
    return len(paragraph.text) > _LONG or (
        _SENTENCE.fullmatch(paragraph.text) is not None and not _is_furniture(paragraph.text)
    )


def _is_name(text: str) -> bool:
    """True for a short line such as the sender's name."""
    words = re.findall(r"[^\W\d_][\w-]*", text)
    if len(words) < 3 or (len(words) <= 6 and _LEGAL_FORM.search(text)):
        return True
    return len(words) <= (3 if text.isupper() else 6) and all(each[0].isupper() for each in words)


def _is_furniture(text: str) -> bool:
    """True for a line of a letterhead: mark, date, address."""
    if len(text) > _LONG:
        return False
    pieces = list(_pieces(text))
    return bool(pieces) and all(
        _is_mark(each) or _date_of(each) or _is_contact(each) for each in pieces
    )


def _is_contact(text: str) -> bool:
    return _CONTACT.search(text) is not None and not _SENTENCE.fullmatch(text)


def _is_mark(text: str) -> bool:
    whole = text.strip(" .:!–—-*•")
    if _SPACED.fullmatch(whole):
        whole = whole.replace(" ", "")
    if _MARK.fullmatch(whole):
        return True
    match = _MARK.match(whole)
    return match is not None and _date_of(whole[match.end() :].strip(" ,:;–—-|/")) is not None


def _pieces(text: str) -> Iterator[str]:
    """Splits a letterhead line at line breaks and cells."""
    for each in re.split(r"\n|\s+\|\s+|\s{2,}|\t", text):
        if piece := each.strip():
            yield piece


def _only_date(paragraphs: Sequence[DocumentParagraph]) -> GivenDate | None:
    """The day given by lines with nothing but a place and a date, if they agree."""
    lines = (
        piece for each in paragraphs if len(each.text) <= _LONG for piece in _pieces(each.text)
    )
    dates = [date for each in lines if (date := _marked_date(each))]
    return dates[0] if len({each.value.iso for each in dates}) == 1 else None


def _marked_date(line: str) -> GivenDate | None:
    """The date of a line, ignoring a mark before it."""
    mark = _MARK.match(line)
    rest = line[mark.end() :].strip(" ,:;–—-|/") if mark else line
    return _date_of(rest)


def _date_of(line: str) -> GivenDate | None:
    """Parses ``line`` as a day after a place or the word “date”."""
    line = line.strip(" .;")
    if field := _FIELD.fullmatch(line):
        line = field["rest"]
    if date := _day(line):
        return date
    place = _PLACE.fullmatch(line)
    if place is None or _EVENTS.fullmatch(place["place"]):
        return None
    if not place["comma"] and place["place"].lower() not in _PLACES:
        return None
    return _day(place["rest"])


def _day(text: str) -> GivenDate | None:
    """Parses ``text`` as a day; it may begin with a weekday or a month, but no other word."""
    text = text.strip(" .;")
    date = parse_date(text)
    if date is None or date.value.iso.count("-") != 2:
        return None
    word, _, rest = text.partition(" ")
    if word[:1].isdigit() or _WEEKDAY.fullmatch(word.strip(",.")):
        return date
    return None if parse_date(rest) else date
