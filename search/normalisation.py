"""Unicode normalisation of every incoming text: its displayed form, and its searchable form.

:func:`clean` makes the form that is stored and displayed: composed letters (NFC), line breaks of
every kind as ``\\n``, no invisible characters. :func:`searchable` makes the form that is analysed,
of texts and queries alike: compatibility characters (CO₂, m², ﬁ, full width) as plain letters and
digits, one hyphen, one apostrophe, no stress marks. It maps each of its characters to an offset in
the displayed form, for highlights and evidence. Nearly all texts are their own searchable form, as
one search for odd characters finds out.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

#: Hyphens, then dashes; a dash is used between words and in ranges, a hyphen within a word.
HYPHENS = "-\u2010\u2011"
DASHES = "\u2012-\u2015\u2212"
#: Blanks that people set between groups of three digits.
BLANKS = " \u00a0\u2007\u2009\u202f"

# Where a page ends between lines, no paragraph does.
_PAGE_END = re.compile("(?<=[\r\n])[\x0b\x0c\x1c-\x1f]+|[\x0b\x0c\x1c-\x1f]+(?=[\r\n])")
_NEW_LINE = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
# Control characters, soft hyphens, zero-width characters, direction marks and lone surrogates are
# invisible, and would split words. A zero-width joiner stays between emoji, and so does a variation
# selector.
_PICTURES = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\U0001f000-\U0001faff"
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffc"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
    f"|(?<![{_PICTURES}])\ufe0f|(?<![{_PICTURES}])(?<![{_PICTURES}]\ufe0f)\u200d"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_ODD = re.compile(
    "[^\x00-\x5f\x61-\x7f\xa0-\xa9\xab-\xb1\xb6\xb8\xbb\xbf-\u0148\u014a-\u017e\u0180-\u01c3"
    "\u0391-\u03cf\u2007\u2009\u2013\u2014\u2018\u201a-\u201e\u2020-\u2026\u202f\u20ac\u2122]"
)
_APOSTROPHES = "`\u00b4\u02b9\u02bb\u02bc\u2019\u201b\u2032\uff07"
#: Replacements of single characters; others by their compatibility decomposition.
_FORMS = {
    **dict.fromkeys("\u2010\u2011\u2043\u02d7\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2012\u2015\u2212\ufe58", "\u2013"),
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys("\u201f\u2033\u301d\u301e\u301f\uff02", '"'),
    **dict.fromkeys("\u2215\u2044", "/"),
    **dict.fromkeys("\u22c5\u2219\u2027\u30fb", "\u00b7"),
    "\u223c": "~",
    **dict.fromkeys("\u2217\u204e\ufe61", "*"),
    "\u2116": "nr ",
    "\u2120": " ",
    "\u0451": "\u0435",
    "\u0401": "\u0415",
}
_FRACTION_SLASH = {0x2044: "/"}
_SUPERSCRIPTS = frozenset("\u00b2\u00b3\u00b9\u2070\u2074\u2075\u2076\u2077\u2078\u2079")
# „m²“, „x²“; after a longer word or a number it is a footnote mark.
_RAISED = re.compile(r"(?<![^\W_])[^\W\d_]{1,3}[\u00b2\u00b3\u00b9\u2070-\u2079]*$")
_RAISED_LENGTH = 6
# „e–pood“, „IT–ettevõte“, „16–aastane“, „Ida–Viru“, and anything joined by a minus: a dash in the
# place of a hyphen. „Tallinn–Tartu“ is none.
_FIRST_OF_PLACES = (
    "Põhja|Lõuna|Ida|Lääne|Kagu|Kirde|Edela|Loode|Kesk|Sise|Vana|Uus|Suur|Väike|Ülem|Alam"
)
_MISTAKEN_DASH = re.compile(
    rf"(?:(?<!\w)[a-zõäöü]|[A-ZÕÄÖÜŠŽ][A-ZÕÄÖÜŠŽ0-9]|\d)[{DASHES}](?=[a-zõäöüšž]{{2}})"
    rf"|(?<!\w)(?:{_FIRST_OF_PLACES})[{DASHES}](?=[A-ZÕÄÖÜŠŽ])"
    r"|(?<=[^\W\d_])[\u2012\u2015\u2212](?=[^\W\d_])"
)
#: „kW·h“ is written „kWh“ as well.
_POINT = "\u00b7"
_POINTED_UNIT = re.compile(rf"(?<=[kMGT]W){_POINT}(?=h(?!\w))")
_ORDINALS = frozenset("\u00aa\u00ba")
_DEGREE = "\u00b0"
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_MIXED_WORD = re.compile(r"(?<!\w)(?=\w*[A-Za-z])(?=\w*[\u0400-\u04ff])\w+")
_LATIN_ALIKE = "AaBCcEeHIiJjKMOoPpSsTXxYy"
_CYRILLIC_ALIKE = "АаВСсЕеНІіЈјКМОоРрЅѕТХхУу"
_AS_LATIN = str.maketrans(_CYRILLIC_ALIKE, _LATIN_ALIKE)
_AS_CYRILLIC = str.maketrans(_LATIN_ALIKE, _CYRILLIC_ALIKE)
_LATIN = re.compile("[A-Za-z]")


def clean(text: str) -> str:
    """Normalises ``text`` for display: NFC, breaks as ``\\n``, no invisible characters.

    >>> clean("jää\\u00adtmed\\x0cja tu\\u200bul")
    'jäätmed\\nja tuul'
    """
    if not text.isprintable():
        text = _UNSEEN.sub("", _NEW_LINE.sub("\n", _PAGE_END.sub("", text)))
    elif text.isascii():
        return text
    else:
        text = _UNSEEN.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def unescaped(text: str) -> str:
    """Replaces HTML character references in ``text``.

    >>> unescaped("tuule&shy;veski &amp; k&otilde;ik")
    'tuuleveski & kõik'
    """
    if "&" not in text:
        return text
    written = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text if written == text else clean(written)


def clean_line(text: str) -> str:
    """:func:`clean` on one line, with single blanks.

    >>> clean_line(" o\\u0303un\\n aed ")
    'õun aed'
    """
    return " ".join(clean(text).split())


def printable(text: str) -> str:
    """``text`` on one line, control characters escaped, safe to print in a terminal.

    >>> printable("a\\x1b]0;b")
    'a\\\\x1b]0;b'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


class Searchable(NamedTuple):
    """The searchable form of a text, which is analysed.

    ``origins`` maps each character, and the end, to its offset in the displayed form; None if all
    offsets are equal.
    """

    text: str
    origins: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The range of the displayed form that corresponds to ``text[start:end]``."""
        if self.origins is None:
            return start, end
        # Stress marks belong to the letter before them; one sign may have become many letters.
        last = self.origins[end - 1] + 1 if end > start else self.origins[end]
        return self.origins[start], max(self.origins[end], last)


def searchable(text: str) -> Searchable:
    """The searchable form of ``text``, which :func:`clean` has normalised.

    >>> searchable("CO₂ ja ﬁlm").text
    'CO2 ja film'
    """
    odd = _ODD.search(text)
    if odd is None and not _has_mistaken_dash(text):
        return Searchable(text)
    plain = _with_hyphens(text)
    if odd is None:
        return Searchable(plain)
    if _CYRILLIC.search(plain, odd.start()):
        plain = _MIXED_WORD.sub(_in_one_script, plain)
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    for match in _ODD.finditer(plain, odd.start()):
        start = match.start()
        form = _form_in(plain, start)
        pieces += (plain[at:start], form)
        at = start + 1
        if len(form) != 1:
            places.append((start, len(form)))
    pieces.append(plain[at:])
    return Searchable("".join(pieces), _origins(len(text), places) if places else None)


def searchable_line(text: str) -> str:
    """The searchable form of any query or name, on one line."""
    return searchable(clean_line(text)).text


def _has_mistaken_dash(text: str) -> bool:
    return ("\u2013" in text or "\u2014" in text) and _MISTAKEN_DASH.search(text) is not None


def _with_hyphens(text: str) -> str:
    """``text`` with hyphens for dashes within words, of the same length."""
    return _MISTAKEN_DASH.sub(lambda match: match[0][:-1] + "-", text)


def _in_one_script(match: re.Match[str]) -> str:
    """A word of mixed Latin and Cyrillic letters (homoglyphs), in one script where possible."""
    word = match[0]
    latin = word.translate(_AS_LATIN)
    if not _CYRILLIC.search(latin):
        return latin
    cyrillic = word.translate(_AS_CYRILLIC)
    return word if _LATIN.search(cyrillic) else cyrillic


def _form_in(text: str, at: int) -> str:
    """Replacement of the odd character at ``at`` in the searchable form."""
    sign = text[at]
    if sign in _SUPERSCRIPTS:
        is_raised = _RAISED.search(text, max(0, at - _RAISED_LENGTH), at)
        return unicodedata.normalize("NFKC", sign) if is_raised else " "
    form = _form(sign)
    if form == _POINT:
        return "" if _POINTED_UNIT.match(text, at) else form
    if sign in _ORDINALS and at and text[at - 1].isdigit():
        return _DEGREE  # „15 ºC“, as many type it
    return form


@lru_cache(4096)
def _form(sign: str) -> str:
    if sign in _FORMS:
        return _FORMS[sign]
    if unicodedata.combining(sign):
        return ""
    form = unicodedata.normalize("NFKC", sign)
    if form.isspace() or form[:1] == " ":  # „¨“ is a blank and a mark
        return " "
    kind = unicodedata.decomposition(sign).partition(" ")[0]
    if kind in ("<fraction>", "<circle>"):
        return f" {form.translate(_FRACTION_SLASH)} "
    return "".join(_FORMS.get(each, each) for each in form)


def _origins(length: int, places: Sequence[tuple[int, int]]) -> list[int]:
    """Offsets of :class:`Searchable`; ``places`` are replaced characters with their new lengths."""
    origins: list[int] = []
    at = 0
    for start, count in places:
        origins += range(at, start)
        origins += [start] * count
        at = start + 1
    origins += range(at, length + 1)
    return origins
