"""Query tree, common to the parser and all engines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal, TypeAlias

from search.analysis.terms import Channel
from search.request import FacetName

FieldName = Literal["any", "title"]
#: The longest prefix in capitals that may begin an acronym.
_LONGEST_ACRONYM_PREFIX = 3
#: How a word came into the tree: typed, or added in place of what was typed.
Way = Literal["typed", "synonym", "apart", "folded", "spelling"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A term that can match a word: ``term`` in ``channel`` with ``weight`` (0 to 1)."""

    channel: Channel
    term: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Family:
    """Derivational family: lemmas derived from the query word's root, scored as one term.

    An article matches if it holds one of ``terms``: the lemmas with channel, whole and as parts of
    compounds, as far as the index holds them. ``weight`` is from 0 to 1.
    """

    lemmas: tuple[str, ...]
    terms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Word:
    """A query word; an article matches if it holds any of the alternatives, or of the family.

    ``way`` is how it came into the tree, ``typed`` what the user typed where ``text`` replaces it.
    """

    text: str
    alternatives: tuple[Alternative, ...]
    field: FieldName = "any"
    way: Way = "typed"
    typed: str = ""
    #: Parts of the word itself, its first letters, function words beside it: they add to scores
    #: and never match.
    related: tuple[Alternative, ...] = ()
    #: Derived words, ignored in phrases.
    family: Family | None = None
    #: Unlikely lemmas of the form: an article that holds only these is a partial match.
    readings: tuple[Alternative, ...] = ()

    def __hash__(self) -> int:
        # Words of a query hardly ever differ in the rest alone, which takes far longer.
        return hash((self.text, self.way))


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix query: every surface form or lemma that begins with one of ``beginnings``.

    ``text`` is in lower case, or all in capitals. ``cut`` if it has more terms than an engine
    searches.
    """

    text: str
    field: FieldName = "any"
    cut: bool = False

    @property
    def beginnings(self) -> tuple[str, ...]:
        """Prefixes of matching terms: *EA* finds *EAS*, *IT* also *it-ettevõte*.

        More capitals than an acronym has are an ordinary word typed in capitals.
        """
        if not self.text.isupper():
            return (self.text,)
        low = self.text.lower()
        return self.text, low if len(self.text) > _LONGEST_ACRONYM_PREFIX else f"{low}-"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase query: words in order, each at most ``slop`` positions beyond adjacency."""

    words: tuple[Word, ...]
    slop: int = 0
    field: FieldName = "any"
    exact: bool = False


@dataclass(frozen=True, slots=True)
class FacetTerm:
    """A facet query: articles with ``value`` in a facet: an id, a span of years, a name."""

    facet: FacetName
    value: str


@dataclass(frozen=True, slots=True)
class And:
    """Conjunction: all of ``children``."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Disjunction: at least one of ``children``."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Negation: everything but ``child``."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words typed side by side: full matches hold all of them, partial matches some.

    Its clauses are words, some with their synonyms, and phrases of numbers (*1–0*); anything typed
    with an operator is never relaxed.
    """

    children: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A word or phrase that matches in place of typed words, with ``weight`` (0 to 1)."""

    node: Word | Phrase
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Apart:
    """The parts of a decompounded word: an article that holds all of them is a partial match."""

    words: tuple[Word, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Choice:
    """Typed words with their variants: the best scores, as in a disjunction-max query.

    ``others`` match in full, the parts of ``apart`` in part.
    """

    typed: Word | Words | Phrase
    others: tuple[Other, ...]
    apart: Apart | None = None


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every article: an empty query."""


Node: TypeAlias = Word | Prefix | Phrase | FacetTerm | And | Or | Not | Words | Choice | Everything
Leaf: TypeAlias = Word | Prefix | Phrase
#: What may be matched in part: a child of :class:`Words`.
Clause: TypeAlias = Word | Phrase | Choice


def lemmas_of(word: Word) -> tuple[str, ...]:
    """The lemmas among the alternatives of ``word``."""
    return tuple(each.term for each in word.alternatives if each.channel == "lemma")


def leaves(node: Node) -> tuple[Leaf, ...]:
    """Words, prefixes and phrases of the tree that can be highlighted, in typed order.

    Those under :class:`Not` cannot.
    """
    found: list[Leaf] = []
    _gather(node, found)
    return tuple(found)


def _gather(node: "Node", found: "list[Leaf]") -> None:
    if isinstance(node, Word | Prefix | Phrase):
        found.append(node)
    elif isinstance(node, And | Or | Words):
        for child in node.children:
            _gather(child, found)
    elif isinstance(node, Choice):
        parts = node.apart.words if node.apart else ()
        for each in (node.typed, *(other.node for other in node.others), *parts):
            _gather(each, found)


def optional_words(node: Node) -> Iterator[tuple[str, frozenset[int]]]:
    """The words that partial matches may lack, as typed, in order.

    Each with the numbers of those :func:`leaves` of ``node`` any of which matches it.
    """
    return _optional(node, count(), inside=False)


def _optional(
    node: Node, numbers: Iterator[int], *, inside: bool
) -> Iterator[tuple[str, frozenset[int]]]:
    if isinstance(node, Choice):
        parts = node.apart.words if node.apart else ()
        typed = list(_optional(node.typed, numbers, inside=inside or bool(parts)))
        others = frozenset(next(numbers) for each in node.others for _ in leaves(each.node))
        for _ in parts:
            next(numbers)  # an article with the parts of a compound still lacks the compound itself
        yield from ((text, own | others) for text, own in typed)
    elif isinstance(node, Words | And):
        for child in node.children:
            yield from _optional(child, numbers, inside=inside or isinstance(node, Words))
    else:
        own = frozenset(next(numbers) for _ in leaves(node))
        if inside and isinstance(node, Word | Phrase):
            yield typed_text(node), own


def way_of(leaf: Word | Prefix | Phrase) -> Way:
    """How a leaf came into the tree; of a phrase, that of its first untyped word."""
    if isinstance(leaf, Prefix):
        return "typed"
    words = leaf.words if isinstance(leaf, Phrase) else (leaf,)
    return next((each.way for each in words if each.way != "typed"), "typed")


def typed_text(leaf: Word | Prefix | Phrase) -> str:
    """Text that the user typed, from which a leaf was made."""
    if isinstance(leaf, Prefix):
        return leaf.text + "*"
    if isinstance(leaf, Word):
        return leaf.typed or leaf.text
    if way_of(leaf) == "synonym":
        return leaf.words[0].typed  # each word holds all that was typed
    return " ".join(each.typed or each.text for each in leaf.words)


def is_exact(word: Word) -> bool:
    """True if ``word`` was typed with ``=``."""
    return not any(each.channel == "lemma" for each in word.alternatives)


def typed_words(node: Node) -> Iterator[tuple[Word, bool]]:
    """Every typed word, and whether it is in a phrase: the words of :func:`with_words`."""
    if isinstance(node, Word):
        yield node, False
    elif isinstance(node, Phrase):
        yield from ((each, True) for each in node.words)
    elif isinstance(node, Words):
        for clause in node.children:
            if not isinstance(clause, Choice):
                yield from typed_words(clause)
    elif isinstance(node, And | Or):
        for child in node.children:
            yield from typed_words(child)
    elif isinstance(node, Not):
        yield from typed_words(node.child)


def map_clauses(node: Node, change: Callable[[Clause], Clause]) -> Node:
    """``node`` with ``change`` applied to its words, phrases and choices; not under NOT."""
    if isinstance(node, Word | Phrase | Choice):
        return change(node)
    if isinstance(node, Words):
        return Words(tuple(map(change, node.children)))
    if isinstance(node, And | Or):
        return type(node)(tuple(map_clauses(each, change) for each in node.children))
    return node


def with_words(node: Node, change: Callable[[Word, bool], Word]) -> Node:
    """``node`` with every typed word replaced; the flag is True within a phrase."""
    if isinstance(node, And | Or):
        return type(node)(tuple(with_words(each, change) for each in node.children))
    if isinstance(node, Not):
        return Not(with_words(node.child, change))
    return map_clauses(node, lambda each: _clause_with_words(each, change))


def _clause_with_words(clause: Clause, change: Callable[[Word, bool], Word]) -> Clause:
    if isinstance(clause, Word):
        return change(clause, False)
    if isinstance(clause, Phrase):
        return replace(clause, words=tuple(change(each, True) for each in clause.words))
    return clause
