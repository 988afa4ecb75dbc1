"""What the tagger is told of each token: the features that its model was trained on.

The names of the features, and that some appear twice, are the model's.
"""

from collections.abc import Iterator, Sequence

from indexer.extract.organisations.tagger_readings import endings, likeliest
from search.analysis import Reading

_YES = "y"
_NAME = "H"
#: How far the model looks from the token that it tags.
SIGHT = 2


class Shape:
    """A token as the model sees it, wherever it stands.

    ``lemma`` is its stem in lower case, ``pos`` its parts of speech as the model writes them,
    ``proper`` tells a name. Features are worked out when they are first asked for: most tokens are
    only seen from their neighbours.
    """

    __slots__ = ("_likely", "_own", "_seen", "_told", "capital", "lemma", "pos", "proper", "text")

    def __init__(self, text: str, pos: str, likely: Sequence[Reading] = ()) -> None:
        self.text = text
        self.capital = text[:1].isupper()
        self.lemma = ("".join(likely[0].parts) if likely else "").lower() or text.lower()
        self.pos = f"_{pos}_"
        self.proper = pos == _NAME and len(likely) < 2
        self._likely = likely
        self._own: list[str] | None = None
        self._seen: dict[int, list[str]] = {}
        self._told: list[tuple[str, str]] | None = None

    def own(self) -> list[str]:
        """Features for the token's own tag."""
        if self._own is None:
            self._own = [*self._as_neighbour(), *self._as_itself()]
        return self._own

    def seen(self, away: int) -> list[str]:
        """Features for the tag of a token from which it stands ``away``: -1 is just before."""
        known = self._seen.get(away)
        if known is None:
            place = f"[{away}]="
            known = self._seen[away] = [name + place + value for name, value in self._tell()]
        return known

    def _tell(self) -> list[tuple[str, str]]:
        """What neighbours are told, by name and value."""
        if self._told is None:
            told = [("lem", self.lemma), ("pos", self.pos)]
            if not (self.text.islower() and self.text.isalpha()):
                told += ((flag, _YES) for flag in _flags(self.text, self.capital))
            if self.proper:
                told.append(("prop", _YES))
            parts = self._likely[0].parts if self._likely else ()
            if len(parts) > 1:
                told.append(("post", parts[-1].lower()))
            self._told = told
        return self._told

    def _as_neighbour(self) -> list[str]:
        """What neighbours are told, too; only once, and not that the token is a name."""
        told = dict.fromkeys(self._tell())
        told.pop(("prop", _YES), None)
        return [f"{name}[0]={value}" for name, value in told]

    def _as_itself(self) -> Iterator[str]:
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


def mark(text: str) -> Shape:
    """The shape of a punctuation mark."""
    return Shape(text, "Z")


def number(text: str) -> Shape:
    """The shape of a number; of an ordinal, if a full stop belongs to it."""
    return Shape(text, "O" if text.endswith(".") else "N")


def word(text: str, readings: Sequence[Reading]) -> Shape:
    """The shape of a word with the given readings, of which the likeliest is taken."""
    likely = likeliest(text, readings)
    pos = "|".join(sorted({each.pos for each in likely})) or _NAME
    return Shape(text, pos, likely)


def _flags(text: str, capital: bool) -> Iterator[str]:
    """What the characters of ``text`` are; the model was told twice of capitals throughout."""
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
