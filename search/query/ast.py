"""The query tree: what a query means, whatever typed it and whichever engine answers it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from search.analysis.terms import Channel

FieldName = Literal["any", "title"]
FacetField = Literal["focus", "year", "org", "language"]
#: How a word came into the tree: typed so, or standing for what was typed.
Way = Literal["typed", "synonym", "folded", "spelling"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet a word: ``term`` in ``channel``, counting ``weight`` (0 to 1)."""

    channel: Channel
    term: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Word:
    """A word; an article matches if it holds any of the alternatives.

    ``way`` says why it is asked for, ``typed`` what a person wrote where ``text`` stands for it.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    field: FieldName = "any"
    way: Way = "typed"
    typed: str = ""
    #: Parts of the word itself, and its first letters: an article that holds them ranks higher, but
    #: is not found by them.
    related: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Prefix:
    """Every surface form or lemma that begins with ``text`` (lower case).

    ``cut`` where there are more than an engine searches.
    """

    text: str
    field: FieldName = "any"
    cut: bool = False


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

    Only words stand here, some of them with their synonyms, and numbers that hang together (*1–0*);
    whatever was typed with an operator is never relaxed.
    """

    children: tuple["Word | Phrase | Choice", ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Another way to say what was typed, counting ``weight`` (0 to 1; 1 is the same thing)."""

    node: Word | Phrase
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing typed that can be met in several ways: as typed, or by any of ``others``."""

    typed: Word | Words | Phrase
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: an empty query."""


Node: TypeAlias = Word | Prefix | Phrase | FacetTerm | And | Or | Not | Words | Choice | Everything


def leaves(node: Node) -> tuple[Word | Prefix | Phrase, ...]:
    """The words, prefixes and phrases that an article may be marked with, in typed order.

    What stands under :class:`Not` is not there to be marked.
    """
    if isinstance(node, Word | Prefix | Phrase):
        return (node,)
    if isinstance(node, And | Or | Words):
        return tuple(leaf for child in node.children for leaf in leaves(child))
    if isinstance(node, Choice):
        return (*leaves(node.typed), *(each.node for each in node.others))
    return ()


def way_of(leaf: Word | Prefix | Phrase) -> Way:
    """How a leaf came into the tree; of a phrase, the first word that was not typed so."""
    if isinstance(leaf, Prefix):
        return "typed"
    words = leaf.words if isinstance(leaf, Phrase) else (leaf,)
    return next((each.way for each in words if each.way != "typed"), "typed")


def typed_text(leaf: Word | Prefix | Phrase) -> str:
    """What a person wrote that a leaf is asked for."""
    if isinstance(leaf, Prefix):
        return leaf.text + "*"
    if isinstance(leaf, Word):
        return leaf.typed or leaf.text
    if way_of(leaf) == "synonym":
        return leaf.words[0].typed  # the phrase as a whole stands for it
    return " ".join(each.typed or each.text for each in leaf.words)


def is_exact(word: Word) -> bool:
    """Was ``word`` typed with ``=``?"""
    return not any(each.channel == "lemma" for each in word.alternatives)


def typed_words(node: Node) -> Iterator[tuple[Word, bool]]:
    """Every word that was typed, and whether it is in a phrase: those of :func:`with_words`."""
    if isinstance(node, Word):
        yield node, False
    elif isinstance(node, Phrase):
        yield from ((each, True) for each in node.words)
    elif isinstance(node, Words):
        for thing in node.children:
            if not isinstance(thing, Choice):
                yield from typed_words(thing)
    elif isinstance(node, And | Or):
        for child in node.children:
            yield from typed_words(child)
    elif isinstance(node, Not):
        yield from typed_words(node.child)


def with_words(node: Node, change: Callable[[Word, bool], Word]) -> Node:
    """``node`` with every word that was typed changed; the flag says whether it is in a phrase."""
    if isinstance(node, Word):
        return change(node, False)
    if isinstance(node, Phrase):
        return _phrase_with(node, change)
    if isinstance(node, Words):
        return Words(tuple(_thing_with(each, change) for each in node.children))
    if isinstance(node, And | Or):
        return type(node)(tuple(with_words(each, change) for each in node.children))
    if isinstance(node, Not):
        return Not(with_words(node.child, change))
    return node


def _thing_with(
    thing: Word | Phrase | Choice, change: Callable[[Word, bool], Word]
) -> Word | Phrase | Choice:
    if isinstance(thing, Word):
        return change(thing, False)
    return _phrase_with(thing, change) if isinstance(thing, Phrase) else thing


def _phrase_with(phrase: Phrase, change: Callable[[Word, bool], Word]) -> Phrase:
    return replace(phrase, words=tuple(change(each, True) for each in phrase.words))
