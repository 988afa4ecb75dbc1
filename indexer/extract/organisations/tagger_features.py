"""Token features of the CRF tagger, as its model was trained.

The model defines the names of the features, and that some appear twice.
"""

from collections.abc import Iterator, Sequence

from search.analysis import Reading

_YES = "y"
_NAME = "H"
#: Number of tokens before and after the tagged one that the model uses.
CONTEXT_SIZE = 2


class TokenShape:
    """Context-free features of a token.

    ``lemma`` is its stem in lower case, ``pos`` its parts of speech as the model writes them,
    ``proper`` is True for a proper noun. Features are computed at first use: most tokens are only
    context of others.
    """

    __slots__ = (
        "_cached_pairs",
        "_context_cache",
        "_likely",
        "_own_cache",
        "capital",
        "lemma",
        "pos",
        "proper",
        "text",
    )

    def __init__(self, text: str, pos: str, likely: Sequence[Reading] = ()) -> None:
        self.text = text
        self.capital = text[:1].isupper()
        self.lemma = ("".join(likely[0].parts) if likely else "").lower() or text.lower()
        self.pos = f"_{pos}_"
        self.proper = pos == _NAME and len(likely) < 2
        self._likely = likely
        self._own_cache: list[str] | None = None
        self._context_cache: dict[int, list[str]] = {}
        self._cached_pairs: list[tuple[str, str]] | None = None

    def own_features(self) -> list[str]:
        """Features for the token's own tag."""
        if self._own_cache is None:
            self._own_cache = [*self._shared_features(), *self._other_features()]
        return self._own_cache

    def context_features(self, away: int) -> list[str]:
        """Features for the tag of another token, at the distance ``away`` from it: -1 is before."""
        known = self._context_cache.get(away)
        if known is None:
            place = f"[{away}]="
            known = self._context_cache[away] = [
                name + place + value for name, value in self._shared_pairs()
            ]
        return known

    def _shared_pairs(self) -> list[tuple[str, str]]:
        """Features that neighbours share: names and values."""
        if self._cached_pairs is None:
            pairs = [("lem", self.lemma), ("pos", self.pos)]
            if not (self.text.islower() and self.text.isalpha()):
                pairs += ((flag, _YES) for flag in _flags(self.text, self.capital))
            if self.proper:
                pairs.append(("prop", _YES))
            parts = self._likely[0].parts if self._likely else ()
            if len(parts) > 1:
                pairs.append(("post", parts[-1].lower()))
            self._cached_pairs = pairs
        return self._cached_pairs

    def _shared_features(self) -> list[str]:
        """Own features that neighbours share, each once."""
        pairs = dict.fromkeys(self._shared_pairs())
        pairs.pop(("prop", _YES), None)
        return [f"{name}[0]={value}" for name, value in pairs]

    def _other_features(self) -> Iterator[str]:
        lemma = self.lemma
        if len(lemma) > 2:
            yield "p3[0]=" + lemma[:3]
            yield "s3[0]=" + lemma[-3:]
        if len(lemma) > 3:
            yield "p4[0]=" + lemma[:4]
            yield "s4[0]=" + lemma[-4:]
        if self.text.isalnum():
            yield "aan[0]=" + _YES
        elif not any(map(str.isalnum, self.text)):
            yield "ao[0]=" + _YES
        if not self._likely:
            return
        first = self._likely[0]
        if len(first.parts) > 1:
            yield "pref[0]=" + first.parts[0].lower()
        case = first.form.partition(" ")[2]
        if case:
            yield "case[0]=" + case
        ending = "|".join(endings(self.text.lower(), self._likely))
        if ending:
            yield "end[0]=" + ending


def punctuation_shape(text: str) -> TokenShape:
    """Shape of a punctuation mark."""
    return TokenShape(text, "Z")


def number_shape(text: str) -> TokenShape:
    """Shape of a number; of an ordinal if followed by its full stop."""
    return TokenShape(text, "O" if text.endswith(".") else "N")


def word_shape(text: str, readings: Sequence[Reading]) -> TokenShape:
    """Shape of a word by the likeliest of the given readings."""
    likely = likeliest(text, readings)
    pos = "|".join(sorted({each.pos for each in likely})) or _NAME
    return TokenShape(text, pos, likely)


def _flags(text: str, capital: bool) -> Iterator[str]:
    """Character class features of ``text``; the model expects those of capitals twice."""
    if capital:
        yield "iu"
    if text.isupper():
        yield from ("au", "au")
    if text.isdigit():
        yield "ad"
    if any(map(str.isupper, text)):
        yield "cu"
    if any(map(str.isdigit, text)):
        yield "cd"
    for name, sign in (("cp", "'"), ("cds", "-"), ("cdt", ".")):
        if sign in text:
            yield name
    if not text.isalnum():
        yield "cs"
        if not any(map(str.isalnum, text)):
            yield "pun"


_NAME = "H"
#: Parts of speech of an ambiguous form by frequency; the first wins.
_POS_RANKS = {pos: rank for rank, pos in enumerate("KOJPNDUCGAYXSVIH")}
_FUNCTION_WORD_POS = frozenset("DJPK")
_FORM_RANKS = {
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
_PLURAL_MARKERS = ("de", "te", "i")


def likeliest(text: str, readings: Sequence[Reading]) -> Sequence[Reading]:
    """Selects the likeliest of ``readings``; several if they agree in all features.

    A capitalised word is a name, unless it can be a function word.
    """
    if len(readings) < 2:
        return readings
    lower = text.lower()
    if not text[:1].isupper():
        return _commonest(lower, readings)
    grammar = [each for each in readings if each.pos in _FUNCTION_WORD_POS]
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
    """Case endings of a form in its likely readings, in alphabetical order."""
    return sorted({_ending(lower, each.form) for each in likely} - {""})


def _commonest(lower: str, readings: Sequence[Reading]) -> Sequence[Reading]:
    if lower == "ei":
        return [each for each in readings if each.pos == "V"] or readings
    ranks = [
        (_POS_RANKS.get(each.pos, 99), _FORM_RANKS.get(each.form, len(_FORM_RANKS)))
        for each in readings
    ]
    best = min(ranks)
    return [each for each, rank in zip(readings, ranks, strict=True) if rank == best]


def _name_rank(reading: Reading, lower: str, place: bool) -> int:
    """Sort key: inflected names before names that only end like a case."""
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
    return next((each for each in _PLURAL_MARKERS if stem.endswith(each)), "") + ending
