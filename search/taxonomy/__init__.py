"""Taxonomy of focus areas: labels, descriptions and cue words.

A taxonomy is a YAML file (for example ``default.yaml`` beside this module)::

    areas:
      - id: rohe-ringmajandus
        label: {et: Rohe- ja ringmajandus, en: Green and circular economy}
        description: {et: Jäätmed toormeks., en: Waste as material.}  # a sentence for readers
        cues:
          - weight: 3
            lemmas: [ringmajandus]        # the whole word, in any form
            parts: [jäätmed]              # the word or a part of a compound (olmejäätmed)
            phrases: [jätkusuutlik tootmine]  # lemmas that follow each other
        exclude:
          phrases: [kaotatud energia]     # words inside these do not count
        areas:                            # areas within this one, in the same form, if any
          - id: jaatmed
            label: {et: Jäätmed, en: Waste}
            cues: [{weight: 3, parts: [jäätmed]}]

Cues of an area count for its parent, too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from search.errors import TaxonomyError
from search.normalisation import clean_line, searchable
from search.yaml_loader import (
    YamlProblem,
    items,
    line_of,
    mapping,
    number,
    read_yaml,
    string,
)

DEFAULT_PATH = Path(__file__).with_name("default.yaml")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# ``focus=none`` selects articles without an area.
_RESERVED = frozenset({"none"})
_AREA_KEYS = frozenset({"id", "label", "description", "cues", "exclude", "areas"})
_LANGUAGES = frozenset({"et", "en"})
_WORD_KEYS = frozenset({"lemmas", "parts", "phrases"})


@dataclass(frozen=True, slots=True)
class CueSet:
    """Cues of equal weight, in lower case; a phrase is a tuple of at least two lemmas."""

    lemmas: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    phrases: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class WeightedCues:
    """Cues for an area with ``weight`` (above 0; 1 is an ordinary word)."""

    weight: float
    words: CueSet


@dataclass(frozen=True, slots=True)
class FocusArea:
    """One focus area. Cues inside a match of ``exclude`` do not count.

    ``parent`` is the id of the area that it is nested in; the descriptions are a sentence or two
    for readers, empty where the file has none.
    """

    id: str
    label_et: str
    label_en: str
    cues: tuple[WeightedCues, ...] = ()
    exclude: CueSet = CueSet()
    parent: str | None = None
    description_et: str = ""
    description_en: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Focus areas in display order; nested ones follow their parent."""

    areas: tuple[FocusArea, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(area.id for area in self.areas)

    def label(self, area_id: str, language: str) -> str:
        """Label of an area in ``et`` or ``en``; the id of an unknown area."""
        for area in self.areas:
            if area.id == area_id:
                return area.label_en if language == "en" else area.label_et
        return area_id

    def description(self, area_id: str, language: str) -> str:
        """Description of an area in ``et`` or ``en``; empty for an unknown area or without one."""
        for area in self.areas:
            if area.id == area_id:
                return area.description_en if language == "en" else area.description_et
        return ""

    def order(self, area_id: str) -> int:
        """Sort key of an area in taxonomy order; unknown ones come last."""
        ids = self.ids
        return ids.index(area_id) if area_id in ids else len(ids)

    def with_parents(self, area_ids: Iterable[str]) -> tuple[str, ...]:
        """``area_ids``, each followed by its parents, without repeats."""
        parents = {area.id: area.parent for area in self.areas}
        complete: dict[str, None] = {}
        for each in area_ids:
            above: str | None = each
            while above is not None:
                complete.setdefault(above)
                above = parents.get(above)
        return tuple(complete)

    def find(self, name: str) -> str | None:
        """Id of the area with ``name`` as id or label, in any case; or None."""
        wanted = clean_line(name).casefold()
        for area in self.areas:
            if wanted in (area.id, area.label_et.casefold(), area.label_en.casefold()):
                return area.id
        return None


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Reads a taxonomy file; None reads the default. Raises TaxonomyError."""
    file = DEFAULT_PATH if path is None else path
    try:
        root = read_yaml(file, is_ours=path is None)
        if root is None:
            raise YamlProblem("is empty", "List at least one area under “areas:”")
        top = mapping(root, "the taxonomy", frozenset({"areas"}))
        if "areas" not in top:
            raise YamlProblem("has no areas", "List at least one area under “areas:”")
        areas = tuple(_areas(top["areas"], None, _Names({})))
        if not areas:
            raise YamlProblem("has no areas", "List at least one area", line_of(top["areas"]))
    except YamlProblem as error:
        raise TaxonomyError(file=file, problem=error.problem, remedy=error.remedy) from error
    return Taxonomy(areas)


@dataclass(slots=True)
class _Names:
    """Ids and labels read so far, to detect repeats."""

    owners: dict[str, str]

    def add(self, area: FocusArea, node: yaml.Node) -> None:
        """Adds the names of ``area``. Raises YamlProblem."""
        if self.owners.get(area.id) == area.id:
            raise YamlProblem(
                f"the id “{area.id}” stands twice", "Give each area its own id", line_of(node)
            )
        for name in (area.id, area.label_et.casefold(), area.label_en.casefold()):
            other = self.owners.setdefault(name, area.id)
            if other != area.id:
                raise YamlProblem(
                    f"“{name}” is a name of both “{other}” and “{area.id}”",
                    "Give each area its own id and labels",
                    line_of(node),
                )


def _areas(node: yaml.Node, parent: str | None, names: _Names) -> Iterator[FocusArea]:
    """The areas of a list, each followed by those nested in it."""
    for each in items(node, "areas"):
        keys = mapping(each, "an area", _AREA_KEYS)
        area = _area(each, keys, parent)
        names.add(area, each)
        yield area
        if "areas" in keys:
            yield from _areas(keys["areas"], area.id, names)


def _area(node: yaml.Node, keys: dict[str, yaml.Node], parent: str | None) -> FocusArea:
    for needed in ("id", "label", "cues"):
        if needed not in keys:
            raise YamlProblem(f"an area has no “{needed}”", "Add it", line_of(node))
    area_id = string(keys["id"], "id")
    if not _ID.fullmatch(area_id) or area_id in _RESERVED:
        raise YamlProblem(
            f"“{area_id}” cannot be an id",
            "Use lower-case letters a-z, digits and single hyphens; “none” is taken",
            line_of(keys["id"]),
        )
    label = _in_languages(keys["label"], "label", area_id)
    described = {"et": "", "en": ""}
    if "description" in keys:
        described = _in_languages(keys["description"], "description", area_id)
    cues = tuple(_weighted(each) for each in items(keys["cues"], f"cues of “{area_id}”"))
    if not cues:
        raise YamlProblem(f"“{area_id}” has no cues", "Add at least one", line_of(keys["cues"]))
    exclude = CueSet()
    if "exclude" in keys:
        exclude = _cue_set(mapping(keys["exclude"], "exclude", _WORD_KEYS))
    return FocusArea(
        id=area_id,
        label_et=label["et"],
        label_en=label["en"],
        cues=cues,
        exclude=exclude,
        parent=parent,
        description_et=described["et"],
        description_en=described["en"],
    )


def _in_languages(node: yaml.Node, key: str, area_id: str) -> dict[str, str]:
    """The text of ``key`` in every language."""
    texts = mapping(node, key, _LANGUAGES)
    for language in sorted(_LANGUAGES):
        if language not in texts:
            raise YamlProblem(
                f"the {key} of “{area_id}” has no “{language}”", "Add it", line_of(node)
            )
    return {language: string(text, key) for language, text in texts.items()}


def _weighted(node: yaml.Node) -> WeightedCues:
    keys = mapping(node, "a group of cues", _WORD_KEYS | {"weight"})
    weight = number(keys.pop("weight"), "weight") if "weight" in keys else 1.0
    if not keys:
        raise YamlProblem(
            "a group of cues holds no words", "Add lemmas, parts or phrases", line_of(node)
        )
    return WeightedCues(weight, _cue_set(keys))


def _cue_set(keys: dict[str, yaml.Node]) -> CueSet:
    words: dict[str, frozenset[str]] = {"lemmas": frozenset(), "parts": frozenset()}
    for kind in words.keys() & keys.keys():
        words[kind] = frozenset(_word(each, kind) for each in items(keys[kind], kind))
    phrases = items(keys["phrases"], "phrases") if "phrases" in keys else []
    return CueSet(words["lemmas"], words["parts"], frozenset(_phrase(each) for each in phrases))


def _word(node: yaml.Node, kind: str) -> str:
    word = string(node, f"an item of {kind}")
    if " " in word:
        raise YamlProblem(f"“{word}” is not one word", "Put it under phrases", line_of(node))
    return searchable(word).text.lower()


def _phrase(node: yaml.Node) -> tuple[str, ...]:
    phrase = string(node, "an item of phrases")
    lemmas = tuple(searchable(phrase).text.lower().split())
    if len(lemmas) < 2:
        raise YamlProblem(
            f"“{phrase}” is one word, not a phrase", "Put it under lemmas or parts", line_of(node)
        )
    return lemmas
