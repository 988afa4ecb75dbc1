"""Translation catalogue of the Estonian and English interface.

Message ids are the English texts; ``et.po`` holds the Estonian ones and is read without compiling.
"""

import functools
from collections.abc import Mapping
from importlib.resources import files

LANGUAGES = ("et", "en")
DEFAULT_LANGUAGE = "et"


class Translator:
    """Texts of the interface in one language.

    ``texts`` maps an English message to its forms: one, or singular and plural.
    """

    def __init__(self, language: str, texts: Mapping[str, tuple[str, ...]]) -> None:
        self.language = language
        self._texts = texts

    def gettext(self, message: str, /, **values: object) -> str:
        """``message`` in the translator's language, its ``{named}`` values filled in."""
        text = self._texts.get(message, (message,))[0]
        return text.format(**values) if values else text

    def ngettext(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """The plural form for ``number``, which the text may use as ``{count}``.

        A ``count`` among ``values`` is shown instead, such as a formatted number.
        """
        forms = self._texts.get(singular, (singular, plural))
        text = forms[0] if number == 1 else forms[-1]
        return text.format(**{"count": number, **values})


@functools.cache
def translator(language: str) -> Translator:
    """The translator of ``language`` (``et`` or ``en``). Raises KeyError for any other."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Translator(language, {} if language == "en" else _read(language))


def _read(language: str) -> dict[str, tuple[str, ...]]:
    """The filled-in entries of a catalogue; a missing or empty one leaves the English text."""
    # Imported here, as English needs no catalogue.
    from babel.messages.pofile import read_po

    with (files(__package__) / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    texts = {}
    for entry in catalogue:
        message = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        if message and forms and all(forms):
            texts[message] = forms
    return texts
