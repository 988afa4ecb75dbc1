"""Recognises acronyms and strips their case endings.

Acronyms do not go through the morphology: Vabamorf reads ``EAS`` as a form of *iga* and ``AI`` as
an interjection. More than six capitals are an ordinary word.
"""

import re
from collections.abc import Collection

_UPPER = "A-ZÕÄÖÜŠŽ"
# Case endings of names, singular and plural, as they are added to an acronym.
_ENDINGS = (
    "i it isse is ist ile il ilt iks ini ina ita iga "
    "u ut usse us ust ule ul ult uks uga "
    "e t sse s st le l lt ks ni na ta ga d de te id ides itele idega"
)
_ENDING = re.compile(rf"[-']?(?:{'|'.join(_ENDINGS.split())})", re.IGNORECASE)
_ACRONYM = re.compile(
    rf"(?P<base>[{_UPPER}][{_UPPER}0-9&]{{1,5}}|[{_UPPER}]+\d+[{_UPPER}]*|\d+[{_UPPER}]+)"
    rf"(?:[-'’]?(?:{'|'.join(sorted(_ENDINGS.split(), key=len, reverse=True))}))?"
)


def acronym_base(form: str) -> str | None:
    """The acronym in ``form`` without its case ending, or None.

    >>> acronym_base("EASilt"), acronym_base("EAS-i"), acronym_base("Eas")
    ('EAS', 'EAS', None)
    """
    if form[:1].islower():
        return None
    match = _ACRONYM.fullmatch(form)
    return match.group("base") if match else None


def inflected_base(form: str, acronyms: Collection[str]) -> str | None:
    """``form`` in capitals as one of ``acronyms`` with its case ending in lower case, or None.

    >>> inflected_base("EASILT", {"EAS"}), inflected_base("EAS", {"EAS"})
    ('EASilt', 'EAS')
    """
    if form in acronyms:
        return form
    for size in range(len(form) - 1, 1, -1):
        if form[:size] in acronyms and _ENDING.fullmatch(form, size):
            return form[:size] + form[size:].lower()
    return None
