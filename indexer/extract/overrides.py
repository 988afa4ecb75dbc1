"""Overrides: the owner's corrections of extracted values, per article and organisation.

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

from collections.abc import Container, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from indexer.extract.dates.date_parser import FIRST_YEAR, LAST_YEAR
from search.article import OVERRIDE, Evidence
from search.errors import OverridesError
from search.organisation_names import name_key
from search.taxonomy import Taxonomy
from search.yaml_loader import (
    YamlProblem,
    entries,
    items,
    line_of,
    mapping,
    read_yaml,
    string,
    strings,
)

#: The evidence of an overridden value.
OVERRIDDEN = (Evidence("given", 0, 0, OVERRIDE),)
_ARTICLE_KEYS = frozenset({"year", "focus_areas", "organisations"})
_ORGANISATION_KEYS = frozenset({"rename", "merge", "drop"})


@dataclass(frozen=True, slots=True)
class ArticleOverride:
    """Overridden values of an article. None keeps them; ``year_unknown`` removes the year.

    ``line`` is that of the file, from 1.
    """

    year: int | None = None
    year_unknown: bool = False
    focus_areas: tuple[str, ...] | None = None
    organisations: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True)
class Overrides:
    """All overrides of ``file``.

    Keys of ``renamed`` and ``dropped`` are folded by ``name_key``; ``merged`` maps a name to those
    merged into it, as they are written.
    """

    articles: dict[str, ArticleOverride] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    file: Path | None = None
    merged: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def unmatched(self, article_ids: Container[str]) -> Iterator[str]:
        """A line for each override whose article is not among ``article_ids``."""
        for article_id, override in self.articles.items():
            if article_id not in article_ids:
                yield (
                    f"{self.file}: line {override.line}: there is no article “{article_id}”. "
                    "Correct its id, or leave the entry out"
                )

    @property
    def chosen_names(self) -> frozenset[str]:
        """The names that the owner chose to show."""
        return frozenset(self.renamed.values())

    def organisation(self, name: str) -> str | None:
        """Resolves ``name`` to its shown name; None if it is dropped."""
        if not self.renamed and not self.dropped:
            return name
        shown = self.renamed.get(name_key(name), name)
        return None if name_key(shown) in self.dropped or name_key(name) in self.dropped else shown


def load_overrides(path: Path | None, taxonomy: Taxonomy | None = None) -> Overrides:
    """Reads an overrides file; None means no overrides. Raises OverridesError.

    With a ``taxonomy``, a focus area that is not in it is an error, too.
    """
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
                articles[string(key, "an id")] = _article(value, taxonomy, line_of(key))
        renamed: dict[str, str] = {}
        merged: dict[str, tuple[str, ...]] = {}
        dropped: frozenset[str] = frozenset()
        if "organisations" in top:
            keys = mapping(top["organisations"], "organisations", _ORGANISATION_KEYS)
            if "drop" in keys:
                dropped = frozenset(name_key(each) for each in strings(keys["drop"], "drop"))
            renamed = _renamed(keys, dropped)
            if "merge" in keys:
                merges = entries(keys["merge"], "merge")
                merged = {string(key, "a name"): strings(value, "merge") for key, value in merges}
    except YamlProblem as error:
        raise OverridesError(file=path, problem=error.problem, remedy=error.remedy) from error
    return Overrides(articles, renamed, dropped, path, merged)


def _article(node: yaml.Node, taxonomy: Taxonomy | None, line: int) -> ArticleOverride:
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
        focus_areas=None if focus is None else _areas(focus, taxonomy),
        organisations=None if organisations is None else strings(organisations, "organisations"),
        line=line,
    )


def _areas(node: yaml.Node, taxonomy: Taxonomy | None) -> tuple[str, ...]:
    """Names of focus areas, by id or label."""
    names = strings(node, "focus_areas")
    for each, name in zip(items(node, "focus_areas"), names, strict=True):
        if taxonomy is not None and taxonomy.find(name) is None:
            raise YamlProblem(
                f"“{name}” is no focus area",
                f"Write one of the taxonomy: {', '.join(taxonomy.ids)}",
                line_of(each),
            )
    return names


@dataclass(frozen=True, slots=True)
class _Rename:
    """A rename of an organisation, with its line in the file."""

    old: str
    new: str
    node: yaml.Node


def _renamed(keys: dict[str, yaml.Node], dropped: Set[str]) -> dict[str, str]:
    """Resolves renames and merges: final names by the key of the old name."""
    renames: dict[str, _Rename] = {}
    for each in _renames(keys):
        key = name_key(each.old)
        other = renames.setdefault(key, each)
        if other.new != each.new:
            raise YamlProblem(
                f"“{each.old}” would get two names, “{other.new}” and “{each.new}”",
                "Keep one of them",
                line_of(each.node),
            )
        if key in dropped:
            raise YamlProblem(
                f"“{each.old}” would get another name and be dropped",
                "Keep one of the two",
                line_of(each.node),
            )
    return {key: _last(each, renames) for key, each in renames.items()}


def _renames(keys: dict[str, yaml.Node]) -> Iterator[_Rename]:
    if "rename" in keys:
        for key, value in entries(keys["rename"], "rename"):
            yield _Rename(string(key, "a name"), string(value, "a name"), key)
    if "merge" in keys:
        for key, value in entries(keys["merge"], "merge"):
            shown = string(key, "a name")
            for each in items(value, f"the names merged into “{shown}”"):
                yield _Rename(string(each, "a name"), shown, each)


def _last(rename: _Rename, renames: dict[str, _Rename]) -> str:
    """Follows a chain of renames to its end."""
    seen = {name_key(rename.old)}
    name = rename.new
    while (following := renames.get(name_key(name))) is not None and following.new != name:
        if name_key(name) in seen:
            raise YamlProblem(
                f"“{name}” is renamed in a circle", "Break the circle", line_of(following.node)
            )
        seen.add(name_key(name))
        name = following.new
    return name
