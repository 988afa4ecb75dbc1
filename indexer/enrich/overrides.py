"""The owner's corrections, per article and per organisation.

A YAML file::

    articles:
      2016/uudis:
        year: 2016                # a year, or unknown
        focus_areas: [rohe-ringmajandus]
        organisations: []         # replaces what was found; empty means none
    organisations:
      rename: {Roheklaster: Rohemajanduse klaster}
      merge: {Puidukoda: [Eesti Puidu Koda, EPK]}   # shown name: other names
      drop: [Energia]
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from indexer.enrich.dates import FIRST_YEAR, LAST_YEAR
from indexer.enrich.gazetteer import name_key
from search.errors import OverridesError
from search.strict_yaml import (
    YamlProblem,
    entries,
    line_of,
    mapping,
    read_yaml,
    string,
    strings,
)

#: The evidence text of a value that an override put in place.
OVERRIDE = "overrides"
_ARTICLE_KEYS = frozenset({"year", "focus_areas", "organisations"})
_ORGANISATION_KEYS = frozenset({"rename", "merge", "drop"})


@dataclass(frozen=True, slots=True)
class ArticleOverride:
    """What replaces an article's values. None leaves them; ``year_unknown`` takes the year away."""

    year: int | None = None
    year_unknown: bool = False
    focus_areas: tuple[str, ...] | None = None
    organisations: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Overrides:
    """All corrections. Keys of ``renamed`` and ``dropped`` are folded by ``name_key``."""

    articles: dict[str, ArticleOverride] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()

    def organisation(self, name: str) -> str | None:
        """The name under which ``name`` is shown, or None if it is dropped."""
        shown = self.renamed.get(name_key(name), name)
        return None if name_key(shown) in self.dropped or name_key(name) in self.dropped else shown


def load_overrides(path: Path | None) -> Overrides:
    """Read an overrides file; None means no corrections. Raises OverridesError."""
    if path is None:
        return Overrides()
    try:
        root = read_yaml(path)
        if root is None:
            return Overrides()
        top = mapping(root, "the file", frozenset({"articles", "organisations"}))
        articles = {}
        if "articles" in top:
            for key, value in entries(top["articles"], "articles"):
                articles[string(key, "an id")] = _article(value)
        renamed: dict[str, str] = {}
        dropped: frozenset[str] = frozenset()
        if "organisations" in top:
            keys = mapping(top["organisations"], "organisations", _ORGANISATION_KEYS)
            renamed = _renamed(keys)
            if "drop" in keys:
                dropped = frozenset(name_key(each) for each in strings(keys["drop"], "drop"))
    except YamlProblem as error:
        raise OverridesError(file=path, problem=error.problem, remedy=error.remedy) from error
    return Overrides(articles, renamed, dropped)


def _article(node: yaml.Node) -> ArticleOverride:
    keys = mapping(node, "an article", _ARTICLE_KEYS)
    year, unknown = None, False
    if "year" in keys:
        text = string(keys["year"], "year")
        unknown = text == "unknown"
        if not unknown:
            year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise YamlProblem(
                    f"“{text}” is no year",
                    "Write a year such as 2016, or unknown",
                    line_of(keys["year"]),
                )
    focus = keys.get("focus_areas")
    organisations = keys.get("organisations")
    return ArticleOverride(
        year=year,
        year_unknown=unknown,
        focus_areas=None if focus is None else strings(focus, "focus_areas"),
        organisations=None if organisations is None else strings(organisations, "organisations"),
    )


def _renamed(keys: dict[str, yaml.Node]) -> dict[str, str]:
    pairs: list[tuple[str, str, yaml.Node]] = []
    if "rename" in keys:
        for key, value in entries(keys["rename"], "rename"):
            pairs.append((string(key, "a name"), string(value, "a name"), key))
    if "merge" in keys:
        for key, value in entries(keys["merge"], "merge"):
            shown = string(key, "a name")
            pairs += [(each, shown, key) for each in strings(value, "merge")]
    renamed: dict[str, str] = {}
    for old, new, node in pairs:
        if renamed.setdefault(name_key(old), new) != new:
            raise YamlProblem(
                f"“{old}” would get two names, “{renamed[name_key(old)]}” and “{new}”",
                "Keep one of them",
                line_of(node),
            )
    return {old: _last(new, renamed, keys) for old, new in renamed.items()}


def _last(name: str, renamed: dict[str, str], keys: dict[str, yaml.Node]) -> str:
    """Follow a chain of renames to its end."""
    seen: set[str] = set()
    while (following := renamed.get(name_key(name))) is not None and following != name:
        if name_key(name) in seen:
            node = next(iter(keys.values()))
            raise YamlProblem(f"“{name}” is renamed in a circle", "Break the circle", line_of(node))
        seen.add(name_key(name))
        name = following
    return name
