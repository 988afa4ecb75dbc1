"""The reading that a form has in most places, for a tagger that was trained on one reading each."""

from collections.abc import Sequence

from search.analysis import Reading

_NAME = "H"
#: Of the parts of speech that one form may be, the one it is in most places; the first wins.
_COMMONNESS = {pos: rank for rank, pos in enumerate("KOJPNDUCGAYXSVIH")}
_FUNCTIONS = frozenset("DJPK")
_COMMON_FORMS = {
    form: rank for rank, form in enumerate(("sg n", "", "sg g", "pl n", "b", "s", "pl g"))
}
_RARE_FORMS = frozenset({"sg p", "adt", "pl p"})
#: Case endings as the morphology cuts them off.
_ENDINGS = {
    "ill": ("sse",),
    "in": ("s",),
    "el": ("st",),
    "all": ("le",),
    "ad": ("l",),
    "abl": ("lt",),
    "tr": ("ks",),
    "ter": ("ni",),
    "es": ("na",),
    "ab": ("ta",),
    "kom": ("ga",),
    "p": ("sid", "id", "t", "d"),
    "n": ("d",),
    "g": ("te", "de", "e"),
}
_PLURAL_SIGNS = ("de", "te", "i")


def likeliest(text: str, readings: Sequence[Reading]) -> Sequence[Reading]:
    """The likeliest of ``readings``; several where they tell the same.

    A capital stands for a name unless the word says nothing but grammar.
    """
    if len(readings) < 2:
        return readings
    lower = text.lower()
    if not text[:1].isupper():
        return _commonest(lower, readings)
    grammar = [each for each in readings if each.pos in _FUNCTIONS]
    if grammar:
        return _commonest(lower, grammar)
    names = [each for each in readings if each.pos == _NAME]
    if not names:
        return _commonest(lower, readings)
    place = any(each.pos == "G" for each in readings)
    ranks = [_name_rank(each, lower, place) for each in names]
    best = min(ranks)
    return [each for each, rank in zip(names, ranks, strict=True) if rank == best]


def endings(lower: str, likely: Sequence[Reading]) -> list[str]:
    """The case endings of a form in its likely readings, in alphabetical order."""
    return sorted({_ending(lower, each.form) for each in likely} - {""})


def _commonest(lower: str, readings: Sequence[Reading]) -> Sequence[Reading]:
    if lower == "ei":
        return [each for each in readings if each.pos == "V"] or readings
    ranks = [
        (_COMMONNESS.get(each.pos, 99), _COMMON_FORMS.get(each.form, len(_COMMON_FORMS)))
        for each in readings
    ]
    best = min(ranks)
    return [each for each, rank in zip(readings, ranks, strict=True) if rank == best]


def _name_rank(reading: Reading, lower: str, place: bool) -> int:
    """An inflected name is likelier than one that only ends as if it were inflected."""
    inflected = reading.lemma.lower() != lower
    if place:
        return 0 if reading.form == "sg g" else 1
    if reading.form == "sg n":
        return 3
    if reading.form in _RARE_FORMS:
        return 6
    if reading.form == "sg g":
        return 1 if inflected else 4
    return 2 if inflected else 5


def _ending(lower: str, form: str) -> str:
    number, _, case = form.partition(" ")
    if number not in ("sg", "pl") or form in ("sg n", "sg g"):
        return ""
    ending = next((each for each in _ENDINGS.get(case, ()) if lower.endswith(each)), "")
    if not ending or number == "sg" or case in ("n", "p", "g"):
        return ending
    stem = lower.removesuffix(ending)
    return next((each for each in _PLURAL_SIGNS if stem.endswith(each)), "") + ending
