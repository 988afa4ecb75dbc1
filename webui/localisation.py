"""Localisation: a visitor's interface language, with formatted texts, numbers and dates."""

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_decimal
from babel.units import format_unit
from werkzeug.datastructures import LanguageAccept

from search.article import PartialDate
from search.errors import KlastriError
from search.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, translator
from search.i18n.formats import LOCALES, PATTERNS, REVERSED, written_date

_MANY_SECONDS = 120
#: Values of an error that are messages of this program, and not text of a visitor or a file.
OWN_WORDS = frozenset({"remedy", "problem", "reason"})


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """Translations and formats of one interface language, of which there is one object."""

    language: str
    translator: Translator
    locale: Locale

    @classmethod
    @functools.cache
    def of(cls, language: str) -> "Localisation":
        return cls(language, translator(language), _locale(language))

    def gettext(self, message: str, /, **values: object) -> str:
        """Translates ``message``."""
        return self.translator.gettext(message, **values)

    def ngettext(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """Translates a plural form; ``number`` is shown with digit grouping."""
        shown = {"count": self.number(number), **values}
        return self.translator.ngettext(singular, plural, number, **shown)

    def number(self, value: float) -> str:
        """Formats ``value`` with this language's digit grouping."""
        return _number(value, self.language)

    def date(self, date: PartialDate) -> str:
        """Formats a date by its precision: “2. detsember 2016”, “detsember 2016” or “2016”."""
        return written_date(date, self.language)

    def reversed_date(self, date: PartialDate) -> str:
        """Formats a date with the year first, as in reference lists: “2016, 2. detsember”."""
        return written_date(date, self.language, REVERSED)

    def moment(self, moment: datetime.datetime) -> str:
        """Formats a time in the time zone of this machine: “2. detsember 2016, 14:05”."""
        pattern = f"{PATTERNS[self.language]['day']}, HH:mm"
        return str(format_datetime(moment.astimezone(), pattern, locale=self.locale))

    def duration(self, seconds: float) -> str:
        """Formats a duration: “12,3 sek”, or minutes if there are several."""
        unit, value = ("second", seconds) if seconds < _MANY_SECONDS else ("minute", seconds / 60)
        return str(format_unit(round(value, 1), unit, "short", locale=self.locale))

    def language_name(self, code: str) -> str:
        """Name of the language ``code`` in this language."""
        try:
            name = Locale.parse(code).get_language_name(self.locale)
        except (UnknownLocaleError, ValueError):
            name = None
        return name or code

    def error(self, error: KlastriError) -> str:
        """Translated message of ``error``."""
        values = {
            name: self.gettext(value) if name in OWN_WORDS and isinstance(value, str) else value
            for name, value in error.values.items()
        }
        return self.gettext(error.template).format(**values)


@functools.cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


# A page of results has about a hundred numbers, nearly all small.
@functools.lru_cache(maxsize=8192)
def _number(value: float, language: str) -> str:
    return str(format_decimal(value, locale=_locale(language)))


def choose_language(
    requested: str | None, cookie: str | None, accept: LanguageAccept, languages: Sequence[str]
) -> str:
    """Interface language: by URL, cookie, then browser; Estonian by default."""
    for wish in (requested, cookie):
        if wish and wish in languages:
            return wish
    wanted = "en" if _leaves_out_estonian(accept) else DEFAULT_LANGUAGE
    return wanted if wanted in languages else languages[0]


def site_languages(configured: Sequence[str]) -> tuple[str, ...]:
    """Configured languages with a catalogue; Estonian if there is none."""
    return tuple(each for each in configured if each in LANGUAGES) or (DEFAULT_LANGUAGE,)


def _leaves_out_estonian(accept: LanguageAccept) -> bool:
    listed = [name.lower() for name, quality in accept if quality > 0]
    return bool(listed) and not any(
        name == "*" or name.replace("_", "-").split("-")[0] == "et" for name in listed
    )
