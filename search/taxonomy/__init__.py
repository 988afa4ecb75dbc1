"""The taxonomy of focus areas: their labels, and the words that speak for each.

A taxonomy is a YAML file (``default.yaml`` beside this module shows the form)::

    areas:
      - id: rohe-ringmajandus
        label: {et: Rohe- ja ringmajandus, en: Green and circular economy}
        cues:
          - weight: 3
            lemmas: [ringmajandus]        # the whole word, in any form
            parts: [jäätmed]              # the word or a part of a compound (olmejäätmed)
            phrases: [jätkusuutlik tootmine]  # lemmas that follow each other
        exclude:
          phrases: [kaotatud energia]     # words inside these do not count
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from search.errors import TaxonomyError
from search.strict_yaml import (
    YamlProblem,
    items,
    line_of,
    mapping,
    number,
    read_yaml,
    string,
    strings,
)

DEFAULT_PATH = Path(__file__).with_name("default.yaml")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# ``focus=none`` asks for articles without an area.
_RESERVED = frozenset({"none"})
_AREA_KEYS = frozenset({"id", "label", "cues", "exclude"})
_LANGUAGES = frozenset({"et", "en"})
_WORD_KEYS = frozenset({"lemmas", "parts", "phrases"})


@dataclass(frozen=True, slots=True)
class CueSet:
    """Words of one kind of force. All lower case; a phrase is a tuple of at least two lemmas."""

    lemmas: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    phrases: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, slots=True)
class WeightedCues:
    """Cues that speak for an area with ``weight`` (above 0; 1 is an ordinary word)."""

    weight: float
    words: CueSet


@dataclass(frozen=True, slots=True)
class FocusArea:
    """One focus area. Words inside a match of ``exclude`` do not speak for it."""

    id: str
    label_et: str
    label_en: str
    cues: tuple[WeightedCues, ...] = ()
    exclude: CueSet = CueSet()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Focus areas in the order in which they are shown."""

    areas: tuple[FocusArea, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(area.id for area in self.areas)

    def label(self, area_id: str, language: str) -> str:
        """The area's label in ``et`` or ``en``; an id that is not in the taxonomy, itself."""
        for area in self.areas:
            if area.id == area_id:
                return area.label_en if language == "en" else area.label_et
        return area_id

    def order(self, area_id: str) -> int:
        """The place of an area among the others; unknown ones come last."""
        ids = self.ids
        return ids.index(area_id) if area_id in ids else len(ids)

    def find(self, name: str) -> str | None:
        """The id of the area that is called ``name`` by id or label, in any case; or None."""
        wanted = " ".join(name.split()).casefold()
        for area in self.areas:
            if wanted in (area.id, area.label_et.casefold(), area.label_en.casefold()):
                return area.id
        return None


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read a taxonomy file; None reads the default. Raises TaxonomyError."""
    file = DEFAULT_PATH if path is None else path
    try:
        root = read_yaml(file)
        if root is None:
            raise YamlProblem("is empty", "List at least one area under “areas:”")
        top = mapping(root, "the taxonomy", frozenset({"areas"}))
        if "areas" not in top:
            raise YamlProblem("has no areas", "List at least one area under “areas:”")
        areas = tuple(_area(each) for each in items(top["areas"], "areas"))
        if not areas:
            raise YamlProblem("has no areas", "List at least one area", line_of(top["areas"]))
        _check_unique(areas, items(top["areas"], "areas"))
    except YamlProblem as error:
        raise TaxonomyError(file=file, problem=error.problem, remedy=error.remedy) from error
    return Taxonomy(areas)


def _check_unique(areas: tuple[FocusArea, ...], nodes: list[yaml.Node]) -> None:
    seen: set[str] = set()
    for area, node in zip(areas, nodes, strict=True):
        if area.id in seen:
            raise YamlProblem(
                f"the id “{area.id}” stands twice", "Give each area its own id", line_of(node)
            )
        seen.add(area.id)


def _area(node: yaml.Node) -> FocusArea:
    keys = mapping(node, "an area", _AREA_KEYS)
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
    label = mapping(keys["label"], "label", _LANGUAGES)
    for language in sorted(_LANGUAGES):
        if language not in label:
            raise YamlProblem(
                f"the label of “{area_id}” has no “{language}”", "Add it", line_of(keys["label"])
            )
    cues = tuple(_weighted(each) for each in items(keys["cues"], f"cues of “{area_id}”"))
    if not cues:
        raise YamlProblem(f"“{area_id}” has no cues", "Add at least one", line_of(keys["cues"]))
    exclude = CueSet()
    if "exclude" in keys:
        exclude = _cue_set(mapping(keys["exclude"], "exclude", _WORD_KEYS))
    return FocusArea(
        id=area_id,
        label_et=string(label["et"], "label"),
        label_en=string(label["en"], "label"),
        cues=cues,
        exclude=exclude,
    )


def _weighted(node: yaml.Node) -> WeightedCues:
    keys = mapping(node, "a group of cues", _WORD_KEYS | {"weight"})
    weight = number(keys.pop("weight"), "weight") if "weight" in keys else 1.0
    if not keys:
        raise YamlProblem(
            "a group of cues holds no words", "Add lemmas, parts or phrases", line_of(node)
        )
    return WeightedCues(weight, _cue_set(keys))


def _cue_set(keys: dict[str, yaml.Node]) -> CueSet:
    words: dict[str, frozenset[str]] = {}
    for kind in ("lemmas", "parts"):
        found = strings(keys[kind], kind) if kind in keys else ()
        for word in found:
            if " " in word:
                raise YamlProblem(
                    f"“{word}” is not one word", "Put it under phrases", line_of(keys[kind])
                )
        words[kind] = frozenset(word.lower() for word in found)
    phrases = set()
    for phrase in strings(keys["phrases"], "phrases") if "phrases" in keys else ():
        lemmas = tuple(phrase.lower().split())
        if len(lemmas) < 2:
            raise YamlProblem(
                f"“{phrase}” is one word, not a phrase",
                "Put it under lemmas or parts",
                line_of(keys["phrases"]),
            )
        phrases.add(lemmas)
    return CueSet(words["lemmas"], words["parts"], frozenset(phrases))
