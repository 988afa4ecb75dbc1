"""Named-entity tagger: EstNLTK's CRF model, run without EstNLTK's layers.

The model is a conditional random field, run by python-crfsuite. Most of the time is spent building
and passing features, so only windows around capital letters are tagged, and context-free features
are computed once per form.
"""

import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from indexer.extract.organisations.sentence_view import SentenceView
from indexer.extract.organisations.tagger_features import (
    CONTEXT_SIZE,
    TokenShape,
    number_shape,
    punctuation_shape,
    word_shape,
)
from indexer.text_view import Sentence
from search.analysis import Analyzer, Token

Label = Literal["ORG", "PER", "LOC"]
_LABELS: dict[str, Label] = {"ORG": "ORG", "PER": "PER", "LOC": "LOC"}
_FOLDER = Path("taggers", "standard", "ner")
_MODEL = _FOLDER / "models" / "py3_default" / "model.bin"
_NAMES = _FOLDER / "gazetteer" / "gazetteer.txt"
#: The list's last part, full names of people, is not read: it needs memory and changes no labels.
_PEOPLE = "peop"
_PLACE = "loc"
_LONGEST_LISTED_NAME = 3
#: Tokens before and behind a capitalised one that are tagged with it.
_BEFORE, _BEHIND = 1, 1
_QUOTES = frozenset("”„“")
#: Features of a full stop, which ends any name at the end of a window.
_END = ["lem[0]=.", "pos[0]=_Z_", "pun[0]=y", "ao[0]=y", "cs[0]=y", "cdt[0]=y"]
_MARK = re.compile(r"[^\w\s]")
_CACHE_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class TaggedSpan:
    """Words ``first``..``last`` of a sentence (inclusive) with one label.

    ``entity_types`` are those of the first word in the model's list of names: org, per, loc, fac.
    ``confidence`` is the least marginal probability of ORG among the words of an organisation.
    """

    label: Label
    first: int
    last: int
    entity_types: tuple[str, ...] = ()
    confidence: float = 1.0


class _TokenRow:
    """Tokens and punctuation of a sentence, with shapes in and around the windows."""

    __slots__ = ("known", "places", "shapes", "texts", "tokens", "windows")

    def __init__(self, view: SentenceView) -> None:
        self.texts: list[str] = []
        self.tokens: list[Token | None] = []
        self.places: list[int] = []
        self._read(view.sentence)
        # The capital at the beginning of a sentence is no evidence for a word in the lexicon.
        skipped = -1 if view.begins_with_name() else self.places[0]
        self.windows = list(_windows(self.texts, skipped))
        self.shapes: dict[int, TokenShape] = {}
        self.known: dict[int, tuple[str, ...]] = {}

    def _read(self, sentence: Sentence) -> None:
        text, offset, tokens = sentence.text, sentence.start, sentence.tokens
        at, last = 0, len(tokens) - 1
        for i, token in enumerate(tokens):
            start, end = token.start - offset, token.end - offset
            if start > at + 1 or (start > at and text[at] != " "):
                self._add_marks(_MARK.findall(text, at, start))
            self.places.append(len(self.texts))
            sign = text[end : end + 1]
            # Full stops of abbreviations and ordinals, and hyphens, belong to their words.
            glued = token.elliptic or (sign == "." and i < last)
            self.texts.append(token.text + sign if glued else token.text)
            self.tokens.append(token)
            at = end + glued
        self._add_marks(_MARK.findall(text, at))

    def _add_marks(self, marks: Sequence[str]) -> None:
        self.texts += marks
        self.tokens += [None] * len(marks)

    def seen(self) -> Iterator[int]:
        """Indexes of the tokens whose features the model needs."""
        last = -1
        for window in self.windows:
            yield from range(
                max(last + 1, window.start - CONTEXT_SIZE),
                min(window.stop + CONTEXT_SIZE, len(self.texts)),
            )
            last = min(window.stop + CONTEXT_SIZE, len(self.texts)) - 1


class Tagger:
    """Tags named entities in Estonian sentences. The model is loaded at first use."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._shapes: dict[str, TokenShape] = {}
        self._model: Any = None
        self._names: Mapping[str, tuple[str, ...]] = {}
        self._first_words: frozenset[str] = frozenset()
        #: Names of places, lower case; none before the first text is tagged.
        self.places: frozenset[str] = frozenset()

    def tag(self, views: Sequence[SentenceView]) -> list[list[TaggedSpan]]:
        """Tags the sentences of one article: the spans of each, in order."""
        self._loaded()
        rows = [_TokenRow(each) for each in views]
        for row in rows:
            for i in row.seen():
                row.shapes[i] = self._shape(row.texts[i], row.tokens[i])
            self._look_up_names(row)
        shared = _document_features(rows)
        return [list(self._spans(row, shared)) for row in rows]

    def _spans(self, row: _TokenRow, shared: Mapping[str, Sequence[str]]) -> Iterator[TaggedSpan]:
        words = {place: i for i, place in enumerate(row.places)}
        for window in row.windows:
            model = self._loaded()
            items = [_features(row, i, shared) for i in window]
            tags = model.tag([*items, _END])[:-1]
            for label, first, last in _labelled_spans(tags):
                inside = [k for k in window[first : last + 1] if k in words]
                if not inside:
                    continue
                confidence = 1.0
                if label == "ORG":
                    confidence = min(
                        model.marginal("B-ORG", k) + model.marginal("I-ORG", k)
                        for k in range(first, last + 1)
                    )
                entity_types = self._entity_types(row, inside[0])
                yield TaggedSpan(
                    label, words[inside[0]], words[inside[-1]], entity_types, confidence
                )

    def _entity_types(self, row: _TokenRow, i: int) -> tuple[str, ...]:
        return row.known.get(i) or self._names.get(row.texts[i].lower(), ())

    def _shape(self, text: str, token: Token | None) -> TokenShape:
        shape = self._shapes.get(text)
        if shape is None:
            if len(self._shapes) >= _CACHE_LIMIT:
                self._shapes.clear()
            if token is None:
                shape = punctuation_shape(text)
            elif token.kind == "number":
                shape = number_shape(text)
            else:
                is_word = token.kind == "word"
                shape = word_shape(text, self._analyzer.readings(token.text) if is_word else ())
            self._shapes[text] = shape
        return shape

    def _look_up_names(self, row: _TokenRow) -> None:
        """Looks up tokens in the model's list of names."""
        for i, shape in row.shapes.items():
            if not shape.capital:
                continue
            name = shape.lemma
            entity_types = self._names.get(name)
            if entity_types:
                row.known[i] = entity_types
            for k in range(i + 1, i + _LONGEST_LISTED_NAME if name in self._first_words else i):
                following = row.shapes.get(k)
                if following is None:
                    break
                name = f"{name} {following.lemma}"
                entity_types = self._names.get(name)
                if entity_types:
                    row.known.update(dict.fromkeys(range(i, k + 1), entity_types))

    def _loaded(self) -> Any:
        if self._model is None:
            import pycrfsuite

            folder = _estnltk_folder()
            self._names = _read_names(folder / _NAMES)
            self._first_words = frozenset(
                name.partition(" ")[0] for name in self._names if " " in name
            )
            self.places = frozenset(
                name for name, entity_types in self._names.items() if _PLACE in entity_types
            )
            self._model = pycrfsuite.Tagger()
            self._model.open(str(folder / _MODEL))
        return self._model


def _estnltk_folder() -> Path:
    """Directory of EstNLTK, found without importing it."""
    spec = importlib.util.find_spec("estnltk")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("estnltk")
    return Path(next(iter(spec.submodule_search_locations)))


def _read_names(path: Path) -> dict[str, tuple[str, ...]]:
    """Reads the model's list of names: lemmas in lower case → entity types."""
    names: dict[str, tuple[str, ...]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            name, _, kind = line.rstrip("\n").rpartition("\t")
            if kind == _PEOPLE:
                break
            known = names.get(name, ())
            if kind not in known:
                names[name] = (*known, kind)
    return names


def _windows(texts: Sequence[str], skipped: int) -> Iterator[range]:
    """Ranges around capitals except at ``skipped``, merged where they meet."""
    first = last = -1
    end = len(texts) - 1
    for i, text in enumerate(texts):
        if not text[0].isupper() or i == skipped:
            continue
        if first >= 0 and i - _BEFORE <= last:
            last = min(i + _BEHIND, end)
            continue
        if first >= 0:
            yield range(first, last + 1)
        first, last = max(0, i - _BEFORE), min(i + _BEHIND, end)
    if first >= 0:
        yield range(first, last + 1)


def _document_features(rows: Iterable[_TokenRow]) -> dict[str, tuple[str, ...]]:
    """Features from the article's other occurrences of a lemma: capitals, neighbouring names."""
    named: set[str] = set()
    behind_name: set[str] = set()
    before_name: set[str] = set()
    for row in rows:
        shapes = row.shapes
        for i, shape in shapes.items():
            if not shape.capital:
                continue
            before, behind = shapes.get(i - 1), shapes.get(i + 1)
            if before is not None and before.text not in _QUOTES:
                named.add(shape.lemma)
            if before is not None and before.proper:
                behind_name.add(shape.lemma)
            if behind is not None and behind.proper:
                before_name.add(shape.lemma)
    return {
        lemma: (
            "iuoc[0]=y",
            *(["pprop[0]=y"] if lemma in behind_name else []),
            *(["nprop[0]=y"] if lemma in before_name else []),
        )
        for lemma in named
    }


def _features(row: _TokenRow, i: int, shared: Mapping[str, Sequence[str]]) -> list[str]:
    shapes, known = row.shapes, row.known
    shape = shapes[i]
    found = list(shape.own_features())
    found += shared.get(shape.lemma, ())
    for away in (-2, -1, 1, 2):
        other = shapes.get(i + away)
        if other is not None:
            found += other.context_features(away)
    if i == 0:
        found.append("fsnt[0]=y")
        if shape.capital:
            found.append("iu[0]|fsnt[0]=y|y")
    elif i <= CONTEXT_SIZE:
        found.append(f"fsnt[-{i}]=y")
    for away in (-1, 1):
        other = shapes.get(i + away)
        if other is not None:
            found.append(f"lem[0]|lem[{away}]={shape.lemma}|{other.lemma}")
            found.append(f"pos[0]|pos[{away}]={shape.pos}|{other.pos}")
            if shape.capital and other.capital:
                found.append(f"iu[0]|iu[{away}]=y|y")
    if known:
        found += _listed_name_features(known, i)
    return found


def _listed_name_features(known: Mapping[int, Sequence[str]], i: int) -> Iterator[str]:
    for away in range(-CONTEXT_SIZE, CONTEXT_SIZE + 1):
        for kind in known.get(i + away, ()):
            yield f"gaz[{away}]={kind}"
    here = known.get(i, ())
    for one, two in product(known.get(i - 1, ()), here):
        yield f"gaz[-1]|gaz[0]={one}|{two}"
    for one, two in product(here, known.get(i + 1, ())):
        yield f"gaz[0]|gaz[1]={one}|{two}"


def _labelled_spans(tags: Sequence[str]) -> Iterator[tuple[Label, int, int]]:
    """Spans of one label, first and last inclusive."""
    label: Label | None = None
    first = 0
    for i, tag in enumerate([*tags, "O"]):
        if label is not None and (tag[0] != "I" or tag[2:] != label):
            yield label, first, i - 1
            label = None
        if tag != "O" and label is None:
            label, first = _LABELS[tag[2:]], i
