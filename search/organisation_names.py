"""Entity resolution of organisation names: variants, legal forms and acronyms over a whole index.

One article may only mention *Elering* or *EKRE*; another one shows that the former is a firm, the
latter the *Eesti Konservatiivne Rahvaerakond*. Each article gives its
:class:`~search.engines.contract.NameEvidence`; it is resolved here over all articles of the index
together, so that their order does not matter.
"""

import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from search.normalisation import searchable

_QUOTES = str.maketrans("", "", '„“”"«»')
#: Legal forms and the words for them, which do not distinguish organisations.
_LEGAL_FORMS: Mapping[str, str] = {
    **{form: form for form in ("as", "oü", "mtü", "sa", "tüh", "ab", "ag", "oy", "oyj", "gmbh")},
    **{form: form for form in ("ltd", "inc", "llc", "plc", "sia", "uab", "aps", "asa")},
    "aktsiaselts": "as",
    "osaühing": "oü",
    "mittetulundusühing": "mtü",
    "sihtasutus": "sa",
}
#: An ambiguous alias is resolved to an organisation with so large a share of its articles.
_MOSTLY = 2 / 3
_SEPARATOR = "\t"


def name_key(name: str) -> str:
    """Normalised name: blanks, hyphens, quotation marks and case folded."""
    return " ".join(searchable(name).text.translate(_QUOTES).split()).casefold()


def organisation_key(name: str) -> str:
    """Key of all spellings of a name: :func:`name_key` without blanks, hyphens and legal form."""
    return "".join(_without_form(name)[0]).replace("-", "").replace("–", "")


def key_hash(key: str) -> int:
    """Hash of a :func:`organisation_key`, below 2**64."""
    raw = key.encode()
    return zlib.crc32(raw) << 32 | zlib.crc32(raw[::-1])


def legal_form(name: str) -> str:
    """The legal form of a name in lower case, empty if it has none."""
    return _without_form(name)[1]


def _without_form(name: str) -> tuple[list[str], str]:
    words = name_key(name).split()
    for at in (0, -1):
        if len(words) > 1 and words[at] in _LEGAL_FORMS:
            form = _LEGAL_FORMS[words.pop(at)]
            return words, form
    return words, ""


def canonical_spellings(
    names: Sequence[str], counts: Sequence[int], settled: Collection[str]
) -> list[int]:
    """For each of ``names`` of one key, the index of its canonical spelling, which is shown.

    ``counts`` are their articles; ``settled`` names are canonical. Names with different legal forms
    are different organisations, and a name without one is neither. Otherwise the commonest is
    canonical; of equals the one with more capitals, then with its legal form.
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
    """Packs an alias and the name it is introduced for into one text."""
    return f"{short}{_SEPARATOR}{name}"


def resolved_aliases(packed: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Resolves aliases by majority: keys of names by the keys of their aliases.

    ``packed`` are from :func:`packed_alias`, each with its number of articles.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each, count in packed:
        short, _, name = each.partition(_SEPARATOR)
        counts[organisation_key(short)][organisation_key(name)] += count
    agreed: dict[str, str] = {}
    for key, names in counts.items():
        name, count = max(names.items(), key=lambda each: (each[1], each[0]))
        if name != key and count >= _MOSTLY * names.total():
            agreed[key] = name
    return {key: name for key, name in agreed.items() if name not in agreed}
