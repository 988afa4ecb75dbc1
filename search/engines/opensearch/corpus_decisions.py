"""Decides near-duplicate clusters and shown names of organisations over all documents.

The cluster of a document, the shown spelling of an organisation, proven names, and names that occur
in boilerplate only depend on all documents. Each document has its :class:`DocumentFacts`;
:func:`decide` makes a :class:`Decision` for each.
"""

import base64
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from search.engines.contract import IndexedDocument
from search.near_duplicates.boilerplate import unsupported, value_hash
from search.near_duplicates.lsh import precedence, representatives
from search.near_duplicates.minhash import NO_SIGNATURE, PLACES, Numbers
from search.organisation_names import (
    canonical_spellings,
    organisation_key,
    packed_alias,
    resolved_aliases,
)

#: Maximum of near-duplicates' addresses stored with each of them.
MOST_DUPLICATES = 50
_Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """Facts of one document: date, address, signature, and names as it writes them."""

    id: str
    digest: str
    published: int
    signature: bytes
    url: str
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
            article.url or "",
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
        article_id, digest, published, signature, url, *names, claims, known = json.loads(text)
        organisations, maybe, proven, aliases, settled = map(tuple, names)
        return cls(
            article_id,
            digest,
            published,
            base64.b64decode(signature),
            url,
            organisations,
            maybe,
            proven,
            aliases,
            settled,
            tuple((value, passage) for value, passage in claims),
            tuple((name, tuple(others)) for name, others in known),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision about a document, computed from all documents.

    ``cluster`` is the id of the representative of its cluster, ``duplicates`` are the addresses
    (url, else id) of its near-duplicates; ``shown`` are its organisations as it writes them, each
    with the name that is shown.
    """

    cluster: str
    duplicates: _Names
    shown: Mapping[str, str]

    @property
    def is_clustered(self) -> bool:
        """Has it any near-duplicates?"""
        return bool(self.duplicates)

    def to_json(self) -> str:
        data = [self.cluster, self.duplicates, list(self.shown.items())]
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Decision":
        cluster, duplicates, shown = json.loads(text)
        return cls(cluster, tuple(duplicates), dict(shown))


class CorpusDecisions:
    """Decisions over all ``documents``: on each of them, and on names.

    ``clusters`` has for each document the place of the representative of its cluster. A decision
    is made when it is asked for: mostly it is the default one.
    """

    def __init__(self, documents: Sequence[DocumentFacts], clusters: Numbers) -> None:
        self._documents = documents
        self._clusters = clusters
        self._members = _members(documents, clusters)
        self._names = _ShownNames(documents)
        self._hidden = _hidden(documents, clusters)

    @property
    def has_clusters(self) -> bool:
        """Are any documents near-duplicates?"""
        return bool(self._members)

    def differing(self, before: Mapping[str, Decision | None]) -> dict[str, Decision]:
        """The decisions that differ from ``before``, by id; None there means the default one."""
        found = {}
        for number, each in enumerate(self._documents):
            now = self._of(number)
            if now != (before[each.id] or default_decision(each)):
                found[each.id] = now
        return found

    def renamed(self) -> dict[str, str]:
        """Names that are shown as another name, each with that name."""
        return self._names.renamed()

    def other_names(self) -> dict[str, str]:
        """:meth:`renamed`, and further names that articles list, with the name that is shown."""
        found = self.renamed()
        for number, each in enumerate(self._documents):
            shown = self._of(number).shown if each.known_as else {}
            for name, others in each.known_as:
                target = shown.get(name)
                if target is not None:
                    for other in others:
                        if other != target:
                            found.setdefault(other, target)
        return found

    def _of(self, number: int) -> Decision:
        document = self._documents[number]
        shown = {
            name: target
            for name, target in self._names.of(document)
            if not self._hidden or (number, value_hash(name)) not in self._hidden
        }
        cluster = int(self._clusters[number])
        return Decision(self._documents[cluster].id, self._duplicates(number, cluster), shown)

    def _duplicates(self, number: int, cluster: int) -> _Names:
        """Addresses of the near-duplicates of a document, that of the representative first."""
        mine = self._documents[number]
        members = (
            self._documents[each] for each in self._members.get(cluster, ()) if each != number
        )
        others = itertools.islice(members, MOST_DUPLICATES)
        return _once(e.url if e.url and e.url != mine.url else e.id for e in others)


def default_decision(facts: DocumentFacts) -> Decision:
    """Decision on a document without near-duplicates and with names that nobody disputes."""
    return Decision(facts.id, (), {name: name for name in sorted(facts.organisations)})


def decide(documents: Sequence[DocumentFacts]) -> CorpusDecisions:
    """Makes the decisions over all living documents of a generation."""
    return CorpusDecisions(documents, _clusters(documents))


def _clusters(documents: Sequence[DocumentFacts]) -> Numbers:
    """The place of the representative of each document's cluster."""
    if not documents:
        return np.zeros(0, dtype=np.int64)
    rows = np.frombuffer(
        b"".join(each.signature or NO_SIGNATURE for each in documents), dtype="<u2"
    ).reshape(-1, PLACES)
    ids = [each.id for each in documents]
    rank = np.empty(len(ids), dtype=np.int64)
    rank[sorted(range(len(ids)), key=lambda at: ids[at].encode())] = np.arange(len(ids))
    published = np.array([each.published for each in documents], dtype=np.int64)
    letters = np.array(list(map(len, ids)), dtype=np.int64)
    return representatives(rows, precedence(published, letters, rank))


def _members(documents: Sequence[DocumentFacts], clusters: Numbers) -> dict[int, list[int]]:
    """The documents of each cluster of several, the representative first."""
    clustered = np.flatnonzero(np.bincount(clusters, minlength=len(documents))[clusters] > 1)
    found: dict[int, list[int]] = defaultdict(list)
    for number in sorted(clustered.tolist(), key=lambda each: documents[each].id):
        found[int(clusters[number])].append(number)
    for cluster, members in found.items():
        members.sort(key=lambda each: each != cluster)
    return dict(found)


def _hidden(documents: Sequence[DocumentFacts], clusters: Numbers) -> frozenset[tuple[int, int]]:
    """Documents and hashes of their organisations that are named only in boilerplate."""
    counts = np.array([len(each.claims) for each in documents], dtype=np.int64)
    claims = np.fromiter(
        (number for each in documents for claim in each.claims for number in claim),
        dtype=np.uint32,
        count=2 * int(counts.sum()),
    )
    if not len(claims):
        return frozenset()
    numbers = np.repeat(np.arange(len(documents), dtype=np.int64), counts)
    rows = unsupported(numbers, claims.reshape(-1, 2), clusters)
    return frozenset((document, value) for document, value in rows.tolist())


class _ShownNames:
    """The name under which each organisation is shown."""

    def __init__(self, documents: Sequence[DocumentFacts]) -> None:
        counts = Counter(name for each in documents for name in each.organisations)
        maybe = {name for each in documents for name in each.maybe}
        proven = {organisation_key(name) for each in documents for name in each.proven}
        settled = {name for each in documents for name in each.settled}
        aliases = resolved_aliases(Counter(pair for e in documents for pair in e.aliases).items())
        by_key: dict[str, list[str]] = defaultdict(list)
        for name in sorted(counts):
            by_key[organisation_key(name)].append(name)
        self.shown: dict[str, str] = {}
        for names in by_key.values():
            which = canonical_spellings(names, [counts[each] for each in names], settled)
            self.shown.update((each, names[at]) for each, at in zip(names, which, strict=True))

        def commonest(key: str) -> str:
            return self.shown[max(by_key[key], key=lambda name: (counts[name], name))]

        for short, key in aliases.items():
            known = by_key.get(short, [])
            if known and key in by_key and settled.isdisjoint(known):
                self.shown.update(dict.fromkeys(known, commonest(key)))
        self.maybe: dict[str, str] = {}
        for name in maybe:
            key = organisation_key(name)
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


class SharedTexts:
    """Interns texts that many facts have in common: names, and pairs of these."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def shared(self, facts: DocumentFacts) -> DocumentFacts:
        """``facts`` with interned texts."""
        return replace(
            facts,
            organisations=self._own(facts.organisations),
            maybe=self._own(facts.maybe),
            proven=self._own(facts.proven),
            aliases=self._own(facts.aliases),
            settled=self._own(facts.settled),
        )

    def _own(self, names: _Names) -> _Names:
        return tuple(self._texts.setdefault(each, each) for each in names)


def _once(names: Iterable[str]) -> _Names:
    return tuple(dict.fromkeys(names))
