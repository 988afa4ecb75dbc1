"""Gazetteer: known organisations with aliases and former names, read from a YAML file.

The form (see ``gazetteer.yaml`` beside this module)::

    organisations:
      - name: Eesti Ringmajandusettevõtete Liit
        aliases: [ERMEL]
        former: [Eesti Jäätmekäitlejate Liit, EJKL]

All names of an entry are normalised to its ``name``, and match even without a legal form or head
noun. Their words match as written, except that the last may be inflected. A name that is lower case
in the file, or a compound with a head noun („Sisekaitseakadeemia“), also matches in lower case. A
longer name in the text has priority, and so has the article's own definition of an acronym.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from search.analysis.acronyms import acronym_base
from search.errors import GazetteerError
from search.organisation_names import name_key, organisation_key
from search.yaml_loader import YamlProblem, items, line_of, mapping, read_yaml, string, strings

DEFAULT_PATH = Path(__file__).with_name("gazetteer.yaml")
#: Case endings of names unknown to the morphology, and the shortest name without one.
_CASE_ENDINGS = ("sse", "st", "le", "lt", "ga", "ks", "s", "l")
_SHORTEST_BASE = 4
_HOME = "Eesti "
_KEYS = frozenset({"name", "aliases", "former"})


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """One organisation: shown name, aliases, former names."""

    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases, *self.former)


@dataclass(frozen=True)
class Gazetteer:
    """Gazetteer entries, looked up by any of their names."""

    entries: tuple[GazetteerEntry, ...] = ()
    _shown: dict[str, str] = field(init=False, repr=False, compare=False)
    _by_key: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shown = {name_key(name): entry.name for entry in self.entries for name in entry.names}
        by_key: dict[str, str] = {}
        for entry in self.entries:
            for name in entry.names:
                by_key.setdefault(organisation_key(name), entry.name)
        object.__setattr__(self, "_shown", shown)
        object.__setattr__(self, "_by_key", by_key)

    def shown(self, name: str) -> str:
        """Resolves ``name`` to its shown name, also in another spelling; else returns it."""
        known = self._shown.get(name_key(name)) or self._by_key.get(organisation_key(name))
        if known is None and name.startswith(_HOME):
            # „Eesti kultuuriministeerium“ is listed as „Kultuuriministeerium“.
            known = self._by_key.get(organisation_key(name.removeprefix(_HOME)))
        return known or name

    def shown_uninflected(self, name: str) -> str:
        """Resolves a foreign name with a case ending („Fotografiskas“); else as :meth:`shown`."""
        key = name_key(name)
        if key in self._shown:
            return self._shown[key]
        for ending in _CASE_ENDINGS:
            if key.endswith(ending) and len(key) >= len(ending) + _SHORTEST_BASE:
                shown = self._shown.get(key.removesuffix(ending))
                if shown is not None:
                    return shown
        return self.shown(name)

    @property
    def acronyms(self) -> frozenset[str]:
        """Those of the names that are acronyms."""
        names = (name for entry in self.entries for name in entry.names)
        return frozenset(each for each in names if each.isupper() and acronym_base(each) == each)

    def knows(self, name: str) -> bool:
        """True for a name of an entry."""
        return name_key(name) in self._shown


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """Reads a gazetteer file; None reads the default. Raises GazetteerError."""
    file = DEFAULT_PATH if path is None else path
    try:
        root = read_yaml(file, is_ours=path is None)
        if root is None:
            return Gazetteer()
        top = mapping(root, "the gazetteer", frozenset({"organisations"}))
        nodes = items(top["organisations"], "organisations") if top else []
        entries = tuple(_entry(each) for each in nodes)
        _check_unique(entries, nodes)
    except YamlProblem as error:
        raise GazetteerError(file=file, problem=error.problem, remedy=error.remedy) from error
    return Gazetteer(entries)


def known_organisations(path: Path | None, *, defaults: bool = True) -> Gazetteer:
    """Reads the owner's gazetteer, extended by the default one. Raises GazetteerError.

    A default entry that shares a name with one of the owner's is left out. Without ``defaults``
    there is only the owner's.
    """
    own = Gazetteer() if path is None else load_gazetteer(path)
    if not defaults:
        return own
    others = load_gazetteer().entries
    return Gazetteer((*own.entries, *(e for e in others if not any(map(own.knows, e.names)))))


def _entry(node: yaml.Node) -> GazetteerEntry:
    keys = mapping(node, "an organisation", _KEYS)
    if "name" not in keys:
        raise YamlProblem("an organisation has no “name”", "Add it", line_of(node))
    return GazetteerEntry(
        string(keys["name"], "name"),
        strings(keys["aliases"], "aliases") if "aliases" in keys else (),
        strings(keys["former"], "former") if "former" in keys else (),
    )


def _check_unique(entries: tuple[GazetteerEntry, ...], nodes: list[yaml.Node]) -> None:
    owners: dict[str, GazetteerEntry] = {}
    for entry, node in zip(entries, nodes, strict=True):
        for name in entry.names:
            other = owners.setdefault(name_key(name), entry)
            if other is not entry:
                raise YamlProblem(
                    f"“{name}” is a name of both “{other.name}” and “{entry.name}”",
                    "Leave it with one of them",
                    line_of(node),
                )
