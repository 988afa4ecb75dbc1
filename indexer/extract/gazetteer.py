"""Gazetteer: known organisations with their names.

A YAML file (``gazetteer.yaml`` beside this module shows the form)::

    organisations:
      - name: Eesti Ringmajandusettevõtete Liit
        aliases: [ERMEL]
        former: [Eesti Jäätmekäitlejate Liit, EJKL]

All names of an entry are shown as its ``name``, and found in texts even without a legal form or a
noun that tells an organisation. All words of a name stand as they are written, save the last, which
may be inflected. A name that the file writes in lower case, or a compound that says what it is
(„Sisekaitseakadeemia“), is found in lower case, too. The article knows better what it means: a
longer name around one of these wins, and so does its own explanation of an acronym.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from search.analysis.acronyms import acronym_base
from search.errors import GazetteerError
from search.organisation_names import name_key, organisation_key
from search.yaml_loader import YamlProblem, items, line_of, mapping, read_yaml, string, strings

DEFAULT_PATH = Path(__file__).with_name("gazetteer.yaml")
#: What a name that the morphology does not know may have at its end, and what must be left of it.
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
    _spelt: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shown = {name_key(name): entry.name for entry in self.entries for name in entry.names}
        spelt: dict[str, str] = {}
        for entry in self.entries:
            for name in entry.names:
                spelt.setdefault(organisation_key(name), entry.name)
        object.__setattr__(self, "_shown", shown)
        object.__setattr__(self, "_spelt", spelt)

    def shown(self, name: str) -> str:
        """The shown name for ``name``, also for one that is only spelt otherwise; else itself."""
        known = self._shown.get(name_key(name)) or self._spelt.get(organisation_key(name))
        if known is None and name.startswith(_HOME):
            # „Eesti kultuuriministeerium“ is the ministry.
            known = self._spelt.get(organisation_key(name.removeprefix(_HOME)))
        return known or name

    def base_of(self, name: str) -> str:
        """The shown name for a foreign one in some case: „Fotografiskas“; else :meth:`shown`."""
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
    """The owner's gazetteer of ``path`` with the default one behind it. Raises GazetteerError.

    An organisation of the default that shares a name with one of the owner's is left out: it is as
    the owner says. Without ``defaults`` there is only the owner's.
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
