"""The gazetteer: organisations known by several names.

A YAML file (``gazetteer.yaml`` beside this module shows the form)::

    organisations:
      - name: Eesti Ringmajandusettevõtete Liit
        aliases: [ERMEL]
        former: [Eesti Jäätmekäitlejate Liit, EJKL]

All names of an entry are shown as its ``name``, and found in texts even without a legal form or a
noun that tells an organisation.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from search.errors import GazetteerError
from search.yaml_loader import YamlProblem, items, line_of, mapping, read_yaml, string, strings

DEFAULT_PATH = Path(__file__).with_name("gazetteer.yaml")
_KEYS = frozenset({"name", "aliases", "former"})
_QUOTES = str.maketrans("", "", '„“”"«»')


def name_key(name: str) -> str:
    """What two spellings of one name have in common: blanks, quotation marks and case folded."""
    return " ".join(name.translate(_QUOTES).split()).casefold()


@dataclass(frozen=True, slots=True)
class Entry:
    """One organisation: the name that is shown, other names of today, names of the past."""

    name: str
    aliases: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases, *self.former)


@dataclass(frozen=True)
class Gazetteer:
    """Entries, and the way from any of their names to the one that is shown."""

    entries: tuple[Entry, ...] = ()
    _shown: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shown = {name_key(name): entry.name for entry in self.entries for name in entry.names}
        object.__setattr__(self, "_shown", shown)

    def shown(self, name: str) -> str:
        """The name under which ``name`` is shown: that of its entry, else itself."""
        return self._shown.get(name_key(name), name)

    def knows(self, name: str) -> bool:
        """Is it one of the names of an entry?"""
        return name_key(name) in self._shown


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """Read a gazetteer file; None reads the default. Raises GazetteerError."""
    file = DEFAULT_PATH if path is None else path
    try:
        root = read_yaml(file)
        if root is None:
            return Gazetteer()
        top = mapping(root, "the gazetteer", frozenset({"organisations"}))
        nodes = items(top["organisations"], "organisations") if top else []
        entries = tuple(_entry(each) for each in nodes)
        _check_unique(entries, nodes)
    except YamlProblem as error:
        raise GazetteerError(file=file, problem=error.problem, remedy=error.remedy) from error
    return Gazetteer(entries)


def _entry(node: yaml.Node) -> Entry:
    keys = mapping(node, "an organisation", _KEYS)
    if "name" not in keys:
        raise YamlProblem("an organisation has no “name”", "Add it", line_of(node))
    return Entry(
        string(keys["name"], "name"),
        strings(keys["aliases"], "aliases") if "aliases" in keys else (),
        strings(keys["former"], "former") if "former" in keys else (),
    )


def _check_unique(entries: tuple[Entry, ...], nodes: list[yaml.Node]) -> None:
    owners: dict[str, Entry] = {}
    for entry, node in zip(entries, nodes, strict=True):
        for name in entry.names:
            other = owners.setdefault(name_key(name), entry)
            if other is not entry:
                raise YamlProblem(
                    f"“{name}” is a name of both “{other.name}” and “{entry.name}”",
                    "Leave it with one of them",
                    line_of(node),
                )
