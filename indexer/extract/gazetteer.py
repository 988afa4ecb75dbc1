"""Gazetteer: known organisations with their names, and its matching in text.

A YAML file (``gazetteer.yaml`` beside this module shows the form)::

    organisations:
      - name: Eesti Ringmajandusettevõtete Liit
        aliases: [ERMEL]
        former: [Eesti Jäätmekäitlejate Liit, EJKL]

All names of an entry are shown as its ``name``, and found in texts even without a legal form or a
noun that tells an organisation. All words of a name stand as they are written, save the last, which
may be inflected. A name that the file writes in lower case is found in lower case, too. The article
knows better what it means: a longer name around one of these wins, and so does its own explanation
of an acronym.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from indexer.text_view import PartView, TextRange, TextView, in_ranges, without_overlaps
from search.analysis import Analyzer, tokenize
from search.analysis.terms import LEMMA, READING, SURFACE
from search.article import Mention
from search.errors import GazetteerError
from search.yaml_loader import YamlProblem, items, line_of, mapping, read_yaml, string, strings

DEFAULT_PATH = Path(__file__).with_name("gazetteer.yaml")
_KEYS = frozenset({"name", "aliases", "former"})
_QUOTES = str.maketrans("", "", '„“”"«»')


def name_key(name: str) -> str:
    """Normalised name: blanks, quotation marks and case folded."""
    return " ".join(name.translate(_QUOTES).split()).casefold()


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

    def __post_init__(self) -> None:
        shown = {name_key(name): entry.name for entry in self.entries for name in entry.names}
        object.__setattr__(self, "_shown", shown)

    def shown(self, name: str) -> str:
        """The shown name for ``name``; itself if unknown."""
        return self._shown.get(name_key(name), name)

    def knows(self, name: str) -> bool:
        """True for a name of an entry."""
        return name_key(name) in self._shown


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """Reads a gazetteer file; None reads the default. Raises GazetteerError."""
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


_INFLECTED = (LEMMA, SURFACE, READING)
_PROPER_NOUN = "H"
_PLACE = "G"
#: A name so short may begin another one: „TÜ Puit“.
_SHORT_NAME = 3
#: So many letters tell that a name was read off the text and not explained by it.
_SHARED_LETTERS = 3
#: The country whose bodies a name in lower case means, with its name or without.
_HOME = "eesti"


@dataclass(frozen=True, slots=True)
class _Name:
    """A name and its words in lower case.

    ``is_word`` if it is a common word, too; ``in_lower_case`` if it may stand so.
    """

    name: str
    words: tuple[str, ...]
    is_word: bool
    in_lower_case: bool


class GazetteerMatcher:
    """Finds mentions of the names of a gazetteer in the terms of a text."""

    def __init__(self, gazetteer: Gazetteer, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._by_last: dict[str, list[_Name]] = defaultdict(list)
        names = dict.fromkeys(name for entry in gazetteer.entries for name in entry.names)
        for name in names:
            words = tuple(each.text.lower() for each in tokenize(name))
            if words:
                is_word = len(words) == 1 and _is_common_word(name, analyzer)
                self._by_last[words[-1]].append(_Name(name, words, is_word, name.islower()))
        inner = {word for each in self._by_last.values() for name in each for word in name.words}
        self._terms = frozenset(SURFACE + word for word in inner).union(
            channel + word for word in self._by_last for channel in _INFLECTED
        )

    def add_to(
        self,
        mentions: Sequence[Mention],
        text_view: TextView,
        left_out: Sequence[TextRange],
    ) -> tuple[Mention, ...]:
        """``mentions`` with those of gazetteer names added, in order, not overlapping.

        There are none in ``left_out``.
        """
        known = [
            each
            for part in text_view.parts
            for each in self._in(part)
            if not in_ranges(each.part, each.start, left_out)
        ]
        if not known:
            return tuple(mentions)
        explained = {
            (each.part, each.start, each.end)
            for each in mentions
            if not _looks_like(each.name, text_view.part(each.part).text[each.start : each.end])
        }
        known = [each for each in known if (each.part, each.start, each.end) not in explained]
        return tuple(without_overlaps([*known, *mentions]))

    def _in(self, part: PartView) -> Iterator[Mention]:
        found = part.positions_of(self._terms)
        for last in sorted({term[1:] for term in found} & self._by_last.keys()):
            ends = sorted({at for channel in _INFLECTED for at in found.get(channel + last, ())})
            for name in self._by_last[last] if ends else ():
                yield from self._mentions(part, found, ends, name)

    def _mentions(
        self, part: PartView, found: Mapping[str, Sequence[int]], ends: list[int], name: _Name
    ) -> Iterator[Mention]:
        before = name.words[:-1]
        inner = [frozenset(found.get(SURFACE + word, ())) for word in before]
        for end in ends:
            first = end - len(before)
            if not all(first + i in places for i, places in enumerate(inner)):
                continue
            if first < 0 or not part.in_one_sentence(first, end):
                continue
            if self._is_meant(part, first, name):
                start, stop = part.starts[first], part.ends[end]
                yield Mention("organisation", name.name, part.name, start, stop)

    def _is_meant(self, part: PartView, first: int, name: _Name) -> bool:
        """True if the name at ``first`` is meant, not a longer name or another word."""
        text = part.word(first)
        before = _joined(part, first - 1) if first else ""
        if not text[0].isupper():
            return name.in_lower_case and not self._is_of_another(before)
        if len(name.words) > 1:
            return True
        if name.name.isupper() and not text.startswith(name.name):
            return False
        following = _joined(part, first, behind=True)
        if following[:1].isdigit():
            return False  # „Boeing 737“
        if following[:1].isupper() and (
            len(name.name) <= _SHORT_NAME or self._goes_on(name, following)
        ):
            return False
        sentence = part.sentence_positions(part.sentence_of(first))
        begins = first == sentence.start and len(sentence) > 1 and not text.isupper()
        if begins:
            return not name.is_word
        return not (before[:1].isupper() and self._goes_on(name, before))

    def _is_of_another(self, before: str) -> bool:
        """True if the word before says whose body it is: „Soome suusaliit“, „Põlva haigekassa“."""
        if not before[:1].isupper() or before.lower() == _HOME:
            return False
        is_place = any(each.pos == _PLACE for each in self._analyzer.readings(before))
        return is_place or not self._is_common(before)

    def _goes_on(self, name: _Name, other: str) -> bool:
        """True if ``other`` beside a name makes it another one's: „Usain Bolt“, „Bolt Food“."""
        return not name.name.isupper() and not other.isupper() and not self._is_common(other)

    def _is_common(self, word: str) -> bool:
        """True for a common word, or the genitive of a place."""
        readings = self._analyzer.readings(word)
        return any(each.pos != _PROPER_NOUN for each in readings)


def _is_common_word(name: str, analyzer: Analyzer) -> bool:
    """True if ``name`` is a common word, too; a compound means the organisation: „Äripäev“."""
    return any(each.pos != _PROPER_NOUN and len(each.parts) < 2 for each in analyzer.readings(name))


def _joined(part: PartView, at: int, *, behind: bool = False) -> str:
    """The word at ``at``, or ``behind`` it, if a single sign at most parts the two; else empty."""
    sentence = part.sentence_positions(part.sentence_of(at))
    if at not in sentence or at + 1 not in sentence:
        return ""
    gap = part.text[part.ends[at] : part.starts[at + 1]]
    if gap.strip():
        return ""
    return part.word(at + 1 if behind else at)


def _looks_like(name: str, text: str) -> bool:
    """True if ``name`` follows from ``text``, not from an explanation in the article."""
    return name[:_SHARED_LETTERS].casefold() == text[:_SHARED_LETTERS].casefold()
