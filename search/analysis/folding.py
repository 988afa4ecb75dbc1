"""Diacritic folding: õ ä ö ü š ž and all accented Latin letters lose their marks.

Estonian distinguishes *too* and *töö*: nothing is indexed folded. Folding only restores the letters
of words typed without them.
"""

import re
import unicodedata

_MARKS = re.compile(r"(?<=[A-Za-z])[\u0300-\u036f]+")
# Letters without a decomposition into a letter and a mark.
_WHOLE = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE"}
)


def fold(text: str) -> str:
    """``text`` without the marks on Latin letters.

    >>> fold("jäätmekäitlus"), fold("šokk"), fold("é")
    ('jaatmekaitlus', 'sokk', 'e')
    """
    if text.isascii():
        return text
    apart = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", apart).translate(_WHOLE)


def folded_key(text: str) -> str:
    """``text`` without case and diacritics."""
    return fold(text.casefold())


def within_one_edit(one: str, other: str) -> bool:
    """True if the Damerau–Levenshtein distance of ``one`` and ``other`` is 1 at most."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, letter in enumerate(one) if letter != other[i]), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = other[at : at + 2][::-1]
    return one[at + 1 :] == other[at + 1 :] or one[at:] == swapped + other[at + 2 :]
