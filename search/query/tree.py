"""The query tree: what a query means, whatever typed it and whichever engine answers it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from search.analysis.channels import Channel

FieldName = Literal["any", "title"]
FacetField = Literal["focus", "year", "org", "language"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet a word: ``term`` in ``channel``, counting ``weight`` (0 to 1)."""

    channel: Channel
    term: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed; an article matches if it holds any of the alternatives."""

    text: str
    alternatives: tuple[Alternative, ...]
    field: FieldName = "any"


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every surface form or lemma that begins with ``text`` (lower case)."""

    text: str
    field: FieldName = "any"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in order, each at most ``slop`` positions further on than next to the one before."""

    words: tuple[Word, ...]
    slop: int = 0
    field: FieldName = "any"
    exact: bool = False


@dataclass(frozen=True, slots=True)
class FacetTerm:
    """Articles that have ``value`` in a facet: an id, a year span, a name or a language."""

    facet: FacetField
    value: str


@dataclass(frozen=True, slots=True)
class And:
    """All of ``children``."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of ``children``."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything but ``child``."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words typed side by side: all of them first, some of them after.

    Only words stand here; whatever was typed with an operator is never relaxed.
    """

    children: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: an empty query."""


Node: TypeAlias = Word | Prefix | Phrase | FacetTerm | And | Or | Not | Words | Everything


def leaves(node: Node) -> tuple[Word | Prefix | Phrase, ...]:
    """The words, prefixes and phrases that an article may be marked with, in typed order.

    What stands under :class:`Not` is not there to be marked.
    """
    if isinstance(node, Word | Prefix | Phrase):
        return (node,)
    if isinstance(node, And | Or | Words):
        return tuple(leaf for child in node.children for leaf in leaves(child))
    return ()
