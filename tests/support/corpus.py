"""Made-up documents for engine tests: few words, so that all combinations occur."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from search.article import Article, Extracted, PartialDate
from search.engines.contract import IndexedDocument, IndexedField

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = ("mets", "puit", "klaster", "liit", "vesi", "robot", "disain", "film")
AREAS = ("rohe", "digi", "loome")
NAMES = ("Metsa Liit", "Puidu Klaster", "AS Vesi", "Robotikoda")


@dataclass(frozen=True)
class Model:
    """Plain facts about a document, to compare an engine with."""

    id: str
    title: tuple[str, ...]
    body: tuple[str, ...]
    year: int | None
    areas: tuple[str, ...]
    names: tuple[str, ...]

    def has(self, word: str, *, title_only: bool = False) -> bool:
        return word in self.title or (not title_only and word in self.body)


def field(words: Sequence[str]) -> IndexedField:
    """Field in which each word is its own lemma; „puit“ has also the lemma „mets“."""
    postings: dict[str, list[int]] = {}
    starts, ends, at = [], [], 0
    for position, word in enumerate(words):
        for term in dict.fromkeys((f"l{word}", f"s{word}")):
            postings.setdefault(term, []).append(position)
        starts.append(at)
        ends.append(at + len(word))
        at += len(word) + 1
    return IndexedField(postings, starts, ends, len(words), [0] if words else [], [])


def document(model: Model) -> IndexedDocument:
    article = Article(
        id=model.id,
        title=" ".join(model.title),
        body=(" ".join(model.body),),
        source=f"{model.id}.txt",
        language="et",
        added=NOW,
        year=Extracted(model.year, "found") if model.year else None,
        published=Extracted(PartialDate(model.year), "found") if model.year else None,
        focus_areas=tuple(Extracted(each, "found") for each in model.areas),
        organisations=tuple(Extracted(each, "found") for each in model.names),
    )
    digest = f"{model.title}{model.body}"
    return IndexedDocument(article, field(model.title), field(model.body), digest)


def models(count: int, seed: int, first: int = 0) -> list[Model]:
    draw = random.Random(seed)
    return [
        Model(
            id=f"uudis-{number:03d}",
            title=tuple(draw.choices(WORDS, k=draw.randint(1, 4))),
            body=tuple(draw.choices(WORDS, k=draw.randint(0, 12))),
            year=draw.choice((None, 2014, 2015, 2016)),
            areas=tuple(draw.sample(AREAS, draw.randint(0, 2))),
            names=tuple(draw.sample(NAMES, draw.randint(0, 3))),
        )
        for number in range(first, first + count)
    ]
