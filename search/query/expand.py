"""Synonyms: what was typed, or what the owner's rules say instead, as one thing.

A rewriting step behind the parser. Words with ``=``, prefixes and fields stay as they are, and so
does what is under NOT: nobody asked to lose articles that speak of something related.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from search.query.parser import QueryParser
from search.query.ast import And, Choice, Node, Or, Other, Phrase, Word, Words
from search.synonyms import Relation, Rule

_WEIGHTS: dict[Relation, float] = {"same": 1.0, "one-way": 0.8, "related": 0.5}
#: The owner wrote a name in its basic form: a reading much less likely than the best is not meant.
#: What a person typed may be any of its forms.
_LIKELY = 0.5
_MAX_OTHERS = 30
Name = Word | Phrase
Refine = Callable[[Node], Node]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What ``lemmas``, the lemmas of each word of a name, may be called instead."""

    lemmas: tuple[frozenset[str], ...]
    others: tuple[Other, ...]


class Thesaurus:
    """The owner's rules over lemmas. Built once for a state of the file, and never changed."""

    def __init__(self, rules: Sequence[Rule], parser: QueryParser) -> None:
        self._joins_only = parser.joins_only
        self._entries: dict[str, list[_Entry]] = {}
        self._longest = 0
        for rule in rules:
            names = [name for side in rule.sides if (name := parser.name(side)) is not None]
            for i, name in enumerate(names):
                if rule.relation == "one-way" and i:
                    break
                self._add(name, [*names[:i], *names[i + 1 :]], _WEIGHTS[rule.relation])

    def longest(self, words: Sequence[Word]) -> tuple[int, tuple[Other, ...]]:
        """How many of the first ``words`` are a name the rules know, and its other names."""
        keys = [_lemmas(each) for each in words[: self._longest]]
        best: list[_Entry] = []
        first = keys[0] if keys else frozenset()
        for entry in (entry for lemma in sorted(first) for entry in self._entries.get(lemma, ())):
            size = len(entry.lemmas)
            if size <= len(keys) and all(map(frozenset.intersection, entry.lemmas, keys)):
                if best and size > len(best[0].lemmas):
                    best = []
                if not best or size == len(best[0].lemmas):
                    best.append(entry)
        if not best:
            return 0, ()
        others: dict[Name, Other] = {}
        for other in (other for entry in best for other in entry.others):
            known = others.get(other.node)
            if known is None or known.weight < other.weight:
                others[other.node] = other
        return len(best[0].lemmas), tuple(others.values())[:_MAX_OTHERS]

    def knows(self, word: Word) -> bool:
        """Is ``word`` by itself a name in the rules?"""
        found = (entry for lemma in _lemmas(word) for entry in self._entries.get(lemma, ()))
        return any(len(entry.lemmas) == 1 for entry in found)

    def content(self, words: Sequence[Word]) -> list[Word]:
        """``words`` without conjunctions, which the parser leaves out of a query, too."""
        return [each for each in words if not self._joins_only(each)] or list(words)

    def _add(self, name: Name, others: Sequence[Name], weight: float) -> None:
        lemmas = self._keys_of(name)
        meant = tuple(
            Other(_as_synonym(each), weight) for each in others if self._keys_of(each) != lemmas
        )
        if meant and all(lemmas):
            self._longest = max(self._longest, len(lemmas))
            for lemma in lemmas[0]:
                self._entries.setdefault(lemma, []).append(_Entry(lemmas, meant))

    def _keys_of(self, name: Name) -> tuple[frozenset[str], ...]:
        words = name.words if isinstance(name, Phrase) else (name,)
        return tuple(_lemmas(each, _LIKELY) for each in self.content(words))


def _lemmas(word: Word, likely: float = 0.0) -> frozenset[str]:
    """The lemmas of ``word``; with ``likely`` those that count so much beside its best one."""
    lemmas = [each for each in word.alternatives if each.channel == "lemma"]
    least = max((each.weight for each in lemmas), default=0.0) * likely
    return frozenset(each.term for each in lemmas if each.weight >= least)


def expand(node: Node, thesaurus: Thesaurus, refine: Refine = lambda node: node) -> Node:
    """``node`` with the other names of what it asks for; ``refine`` prepares what is added."""
    if isinstance(node, Word):
        return next(_named([node], thesaurus, refine))
    if isinstance(node, Words):
        typed = [each for each in node.children if not isinstance(each, Choice)]
        if len(typed) < len(node.children):
            return node  # done before
        found = tuple(_named(typed, thesaurus, refine))
        # Numbers that hang together stay among words, apart from phrases that were quoted.
        alone = len(found) == 1 and not isinstance(found[0], Phrase)
        return found[0] if alone else Words(found)
    if isinstance(node, Phrase):
        return _phrase(node, thesaurus, refine)
    if isinstance(node, And | Or):
        return type(node)(tuple(expand(each, thesaurus, refine) for each in node.children))
    return node


def _named(
    things: Sequence[Word | Phrase], thesaurus: Thesaurus, refine: Refine
) -> Iterator[Word | Phrase | Choice]:
    """``things`` in order; words that make up a name together, as one."""
    at = 0
    while at < len(things):
        words = [each for each in takewhile(_is_plain, things[at:]) if isinstance(each, Word)]
        count, others = thesaurus.longest(words)
        if count:
            typed = words[0] if count == 1 else Words(tuple(words[:count]))
            yield _choice(typed, words[:count], others, refine)
        else:
            yield things[at]
        at += count or 1


def _is_plain(thing: Word | Phrase) -> bool:
    return isinstance(thing, Word) and thing.field == "any"


def _phrase(phrase: Phrase, thesaurus: Thesaurus, refine: Refine) -> Node:
    """A phrase that is a name as a whole; names inside one are not looked for."""
    if phrase.exact or phrase.field != "any":
        return phrase
    words = thesaurus.content(phrase.words)
    count, others = thesaurus.longest(words)
    if not others or count < len(words):
        return phrase
    return _choice(phrase, phrase.words, others, refine)


def _choice(
    typed: Word | Words | Phrase, words: Sequence[Word], others: Sequence[Other], refine: Refine
) -> Choice:
    text = " ".join(each.typed or each.text for each in words)
    prepared = []
    for each in others:
        node = refine(each.node)
        if isinstance(node, Word):
            prepared.append(replace(each, node=replace(node, typed=text)))
        elif isinstance(node, Phrase):
            said = tuple(replace(word, typed=text) for word in node.words)
            prepared.append(replace(each, node=replace(node, words=said)))
    return Choice(typed, tuple(prepared))


def _as_synonym(name: Name) -> Name:
    if isinstance(name, Word):
        return replace(name, way="synonym")
    return replace(name, words=tuple(replace(each, way="synonym") for each in name.words))
