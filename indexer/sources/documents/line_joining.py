"""Dehyphenates and joins the lines of a printed paragraph; normalises ligatures and blanks.

Words hyphenated at the end of a line are joined; the hyphens of “rohe- ja ringmajandus”,
“Kesk-Eesti” and “e-poed” stay.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence

_LIGATURES = str.maketrans(
    {
        "\ufb00": "ff",
        "\ufb01": "fi",
        "\ufb02": "fl",
        "\ufb03": "ffi",
        "\ufb04": "ffl",
        "\ufb05": "st",
        "\ufb06": "st",
    }
)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2060\ufeff\ufffe\uffff]")
#: A hyphen at a line's end, with the piece of a word before it.
_CUT = re.compile(r"(?P<first>[^\W_][\w-]*|)(?P<hyphen>[-\u2010\u2011])$")
_NEXT = re.compile(r"[\w-]*\w")
#: Before these a hyphen replaces the rest of a compound: “rohe- ja ringmajandus”.
_CONJUNCTIONS = frozenset(("ja", "ning", "või", "ega", "kui", "and", "or", "и", "или"))

#: Predicate: whether a string is a word of the lexicon.
IsWord = Callable[[str], bool]


def printed(text: str) -> str:
    """Normalises a printed line: ligatures spelt out, one blank between words, NFC.

    A soft hyphen stays at the end, where :func:`joined` needs it.
    """
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text).translate(_LIGATURES))
    text = " ".join(text.split())
    return text[:-1].replace("\xad", "") + text[-1:]


def joined(lines: Sequence[str], is_word: IsWord, words: Collection[str] = ()) -> str:
    """Joins the lines of one paragraph; ``words`` are those of the text, in lower case."""
    text = ""
    for line in lines:
        if not text:
            text = line
        elif text.endswith("\xad"):
            text = text[:-1] + line
        else:
            text = _joined(text, line, is_word, words)
    return text.removesuffix("\xad")


def _joined(text: str, line: str, is_word: IsWord, words: Collection[str]) -> str:
    cut, begin = _CUT.search(text), _NEXT.match(line)
    if cut is None or not cut["first"] or begin is None:
        return f"{text} {line}"
    first, second = cut["first"], begin.group()
    if second.lower() in _CONJUNCTIONS:
        return f"{text} {line}"
    if _keeps_hyphen(first, second):
        return text + line
    whole, hyphened = first + second, f"{first}-{second}"
    if not _is_known(whole, is_word, words) and _is_known(hyphened, is_word, words):
        return text + line
    return text[: cut.start("hyphen")] + line


def _keeps_hyphen(first: str, second: str) -> bool:
    """True where a word is written with a hyphen: names, numbers, *e-pood*, *EAS-i*."""
    last = first.rpartition("-")[2]
    if len(last) < 2 or not second[0].islower():
        return True
    return last[-1].isdigit() or (last.isupper() and len(last) > 1)


def _is_known(word: str, is_word: IsWord, words: Collection[str]) -> bool:
    return word.lower() in words or is_word(word)
