"""Preferences of a visitor, in the site's only cookie: language, and how results are listed."""

from dataclasses import dataclass
from typing import cast, get_args

from webui.addresses.list_options import View

#: The name is from when it had only the language; another would lose the visitors' preferences.
PREFERENCES_COOKIE = "klastriotsing_lang"


@dataclass(frozen=True, slots=True)
class Preferences:
    """Preferences that a visitor has chosen; empty or None by default.

    >>> Preferences.read("en.brief")
    Preferences(language='en', view='brief')
    >>> Preferences("", "brief").written
    '.brief'
    """

    language: str = ""
    view: View | None = None

    @classmethod
    def read(cls, text: str) -> "Preferences":
        """Parses the cookie; unknown values are ignored."""
        language, _, view = text.partition(".")
        return cls(language, cast("View", view) if view in get_args(View) else None)

    @property
    def written(self) -> str:
        """Serialises to the value of the cookie."""
        return f"{self.language}.{self.view}" if self.view else self.language
