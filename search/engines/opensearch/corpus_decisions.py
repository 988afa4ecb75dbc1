"""Decides near-duplicate clusters and shown names of organisations over all documents.

Which story a document tells, which spelling of an organisation is shown, which names are proven and
which only boilerplate speaks for cannot be told from one document. Each leaves its
:class:`DocumentFacts`; :func:`decide` says what follows for each.
"""

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.contract import IndexedDocument
from search.near_duplicates.boilerplate import unsupported, value_hash
from search.near_duplicates.lsh import precedence, representatives
from search.near_duplicates.minhash import NO_SIGNATURE, PLACES, Numbers
from search.organisation_names import agreed_aliases, body_key, one_spelling, packed_alias

_Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What one document says: its date, its signature, and names as it writes them."""

    id: str
    digest: str
    published: int
    signature: bytes
    organisations: _Names
    maybe: _Names
    proven: _Names
    aliases: _Names
    settled: _Names
    claims: tuple[tuple[int, int], ...]
    known_as: tuple[tuple[str, _Names], ...]

    @classmethod
    def of(cls, document: IndexedDocument, published: int) -> "DocumentFacts":
        article, naming = document.article, document.naming
        claims = (
            (value_hash(name), int(passage))
            for name, passages in document.passages.items()
            for passage in passages
        )
        known = ((each.name, (*each.aliases, *each.former)) for each in article.known_as)
        signature = document.signature
        return cls(
            article.id,
            document.digest,
            published,
            signature if any(signature) else b"",
            _once(each.value for each in article.organisations),
            _once(each.value for each in naming.maybe),
            _once(naming.proven),
            _once(packed_alias(*each) for each in naming.aliases),
            _once(naming.settled),
            tuple(claims),
            tuple(known),
        )

    def to_json(self) -> str:
        data = [getattr(self, name) for name in self.__slots__]
        data[3] = base64.b64encode(self.signature).decode("ascii")
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "DocumentFacts":
        article_id, digest, published, signature, *names, claims, known = json.loads(text)
        organisations, maybe, proven, aliases, settled = map(tuple, names)
        return cls(
            article_id,
            digest,
            published,
            base64.b64decode(signature),
            organisations,
            maybe,
            proven,
            aliases,
            settled,
            tuple((value, passage) for value, passage in claims),
            tuple((name, tuple(others)) for name, others in known),
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """What the others decide of a document.

    ``story`` is the id of the document that stands for its near-duplicates, ``grouped`` if it has
    any; ``shown`` are its organisations as it writes them, each with the name that is shown.
    """

    story: str
    grouped: bool
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CorpusDecisions:
    """What is decided of each document, by id, and of names.

    ``renamed`` are names that are shown as another one; ``other_names`` those and the names that
    articles list, each with the name that is shown.
    """

    documents: Mapping[str, Decided]
    renamed: Mapping[str, str]
    other_names: Mapping[str, str]


def undecided(facts: DocumentFacts) -> Decided:
    """What is decided of a document that is like no other, with names that nobody disputes."""
    return Decided(facts.id, False, {name: name for name in sorted(facts.organisations)})


def decide(documents: Sequence[DocumentFacts]) -> CorpusDecisions:
    """Decides for all living documents of a generation together."""
    stories = _stories(documents)
    sizes = Counter(stories)
    names = _ShownNames(documents)
    hidden = _hidden(documents, np.array(stories, dtype=np.int64))
    decided = {}
    for number, each in enumerate(documents):
        shown = {
            name: target
            for name, target in names.of(each)
            if (number, value_hash(name)) not in hidden
        }
        story = documents[stories[number]].id
        decided[each.id] = Decided(story, sizes[stories[number]] > 1, shown)
    renamed = names.renamed()
    return CorpusDecisions(decided, renamed, _other_names(documents, decided, renamed))


def _stories(documents: Sequence[DocumentFacts]) -> list[int]:
    """The place of the document that stands for each."""
    if not documents:
        return []
    rows = np.frombuffer(
        b"".join(each.signature or NO_SIGNATURE for each in documents), dtype="<u2"
    ).reshape(-1, PLACES)
    ids = [each.id for each in documents]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[sorted(range(len(ids)), key=lambda at: ids[at].encode())] = np.arange(len(ids))
    published = np.array([each.published for each in documents], dtype=np.int64)
    letters = np.array(list(map(len, ids)), dtype=np.int64)
    found: list[int] = representatives(rows, precedence(published, letters, rank)).tolist()
    return found


def _hidden(documents: Sequence[DocumentFacts], stories: Numbers) -> frozenset[tuple[int, int]]:
    """Documents and hashes of their organisations that only boilerplate speaks for."""
    numbers = [number for number, each in enumerate(documents) for _ in each.claims]
    claims = [claim for each in documents for claim in each.claims]
    if not claims:
        return frozenset()
    rows = unsupported(
        np.array(numbers, dtype=np.int64), np.array(claims, dtype=np.uint32), stories
    )
    return frozenset((document, value) for document, value in rows.tolist())


class _ShownNames:
    """Under which name each organisation is shown."""

    def __init__(self, documents: Sequence[DocumentFacts]) -> None:
        counts = Counter(name for each in documents for name in each.organisations)
        maybe = {name for each in documents for name in each.maybe}
        proven = {body_key(name) for each in documents for name in each.proven}
        settled = {name for each in documents for name in each.settled}
        aliases = agreed_aliases(Counter(pair for e in documents for pair in e.aliases).items())
        by_key: dict[str, list[str]] = defaultdict(list)
        for name in sorted(counts):
            by_key[body_key(name)].append(name)
        self.shown: dict[str, str] = {}
        for names in by_key.values():
            which = one_spelling(names, [counts[each] for each in names], settled)
            self.shown.update((each, names[at]) for each, at in zip(names, which, strict=True))

        def commonest(key: str) -> str:
            return self.shown[max(by_key[key], key=lambda name: (counts[name], name))]

        for short, key in aliases.items():
            known = by_key.get(short, [])
            if known and key in by_key and settled.isdisjoint(known):
                self.shown.update(dict.fromkeys(known, commonest(key)))
        self.maybe: dict[str, str] = {}
        for name in maybe:
            key = body_key(name)
            if key not in by_key:
                key = aliases.get(key, "")
            elif key not in proven:
                continue
            if key in by_key:
                self.maybe[name] = commonest(key)

    def of(self, document: DocumentFacts) -> Iterable[tuple[str, str]]:
        """The names in a document with those that are shown, doubtful ones first."""
        for name in sorted(document.maybe):
            if name in self.maybe and name not in document.organisations:
                yield name, self.maybe[name]
        for name in sorted(document.organisations):
            yield name, self.shown[name]

    def renamed(self) -> dict[str, str]:
        return {name: shown for name, shown in sorted(self.shown.items()) if shown != name}


def _other_names(
    documents: Sequence[DocumentFacts],
    decided: Mapping[str, Decided],
    renamed: Mapping[str, str],
) -> dict[str, str]:
    found = dict(renamed)
    for each in documents:
        shown = decided[each.id].shown
        for name, others in each.known_as:
            target = shown.get(name)
            if target is not None:
                for other in others:
                    if other != target:
                        found.setdefault(other, target)
    return found


def _once(names: Iterable[str]) -> _Names:
    return tuple(dict.fromkeys(names))
