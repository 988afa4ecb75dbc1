"""Entity resolution of organisation names: variants, legal forms and acronyms over a whole index.

An article alone cannot tell that *Elering* is a firm, or that *EKRE* is the *Eesti Konservatiivne
Rahvaerakond*; some other article does. What each says is its
:class:`~search.engines.contract.NameEvidence`; what follows is decided here, by all articles of the
index together, so that it matters not in which order they came.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from search.normalisation import searchable

_QUOTES = str.maketrans("", "", '„“”"«»')
#: Legal forms, and the words for them: what tells no body from another where one has it.
_FORMS: Mapping[str, str] = {
    **{form: form for form in ("as", "oü", "mtü", "sa", "tüh", "ab", "ag", "oy", "oyj", "gmbh")},
    **{form: form for form in ("ltd", "inc", "llc", "plc", "sia", "uab", "aps", "asa")},
    "aktsiaselts": "as",
    "osaühing": "oü",
    "mittetulundusühing": "mtü",
    "sihtasutus": "sa",
}
#: An alias that stands for several bodies is that of one if it has so much of the articles.
_MOSTLY = 2 / 3
_SEPARATOR = "\t"


def name_key(name: str) -> str:
    """Normalised name: blanks, hyphens, quotation marks and case folded."""
    return " ".join(searchable(name).text.translate(_QUOTES).split()).casefold()


def body_key(name: str) -> str:
    """What all spellings of a name share: no blanks, hyphens, legal form before it or behind."""
    return "".join(_without_form(name)[0]).replace("-", "").replace("–", "")


def key_hash(key: str) -> int:
    """Hash of a :func:`body_key`, below 2**64."""
    raw = key.encode()
    return zlib.crc32(raw) << 32 | zlib.crc32(raw[::-1])


def legal_form(name: str) -> str:
    """The legal form of a name in lower case, empty if it has none."""
    return _without_form(name)[1]


def _without_form(name: str) -> tuple[list[str], str]:
    words = name_key(name).split()
    for at in (0, -1):
        if len(words) > 1 and words[at] in _FORMS:
            form = _FORMS[words.pop(at)]
            return words, form
    return words, ""


def one_spelling(
    names: Sequence[str], counts: Sequence[int], settled: Collection[str]
) -> list[int]:
    """For each of ``names`` of one key the place of the one that is shown for it.

    ``counts`` are their articles; what is ``settled`` is shown itself. Two legal forms are two
    bodies, and a name without one means neither. Otherwise the commonest is shown; of equals the
    one of more capitals, then with its legal form.
    """
    forms = [legal_form(each) for each in names]
    places = range(len(names))
    groups: dict[str, list[int]] = defaultdict(list)
    several = len(set(forms) - {""}) > 1
    for at in places:
        groups[forms[at] if several else ""].append(at)
    shown = list(places)
    for members in groups.values():
        fixed = [at for at in members if names[at] in settled]
        best = max(fixed or members, key=lambda at: _rank(names[at], counts[at]))
        for at in members:
            shown[at] = at if at in fixed else best
    return shown


def _rank(name: str, count: int) -> tuple[int, int, int, str]:
    return count, sum(map(str.isupper, name)), len(name), name


def packed_alias(short: str, name: str) -> str:
    """An alias and the name it is introduced for, as one text."""
    return f"{short}{_SEPARATOR}{name}"


def agreed_aliases(packed: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Keys of names by the keys of their aliases, of those that the articles agree on.

    ``packed`` are from :func:`packed_alias`, each with its number of articles.
    """
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for each, count in packed:
        short, _, name = each.partition(_SEPARATOR)
        told[body_key(short)][body_key(name)] += count
    agreed: dict[str, str] = {}
    for key, names in told.items():
        name, count = max(names.items(), key=lambda each: (each[1], each[0]))
        if name != key and count >= _MOSTLY * names.total():
            agreed[key] = name
    return {key: name for key, name in agreed.items() if name not in agreed}
