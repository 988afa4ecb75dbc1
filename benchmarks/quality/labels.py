"""Facets of real news against labels made by a person, with simple rows beside.

    python -m benchmarks.labels [DIRECTORY] [--json]

DIRECTORY (``../shared/eval/labels`` unless given) holds ``labels.yaml`` as for
``benchmarks.facets``, and the articles in ``texts``. Names of organisations are compared as there.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.quality.facets import Label, Result, facets_of, measure, read_labels
from benchmarks.support.data import read_articles
from indexer.document import analyse_article
from indexer.extract import Enricher, Overrides, load_gazetteer
from search.analysis import Analyzer, Vabamorf
from search.analysis.terms import LEMMA
from search.article import Article
from search.taxonomy import Taxonomy, load_taxonomy

DEFAULT_DIRECTORY = Path("../shared/eval/labels")
#: A cue of this weight is enough for its area anywhere in the text.
_STRONG = 3.0
_YEAR = re.compile(r"(?<![\w.,])(?:19|20)\d\d(?![\w,])")
_NAME = r"[A-ZÕÄÖÜŠŽ][\w&-]*"
_NAMES = re.compile(rf"(?<![.!?:\n]\s)\b(?:{_NAME}(?:\s{_NAME})+|[A-ZÕÄÖÜŠŽ]{{2,}}\b)")


def latest_year(text: str, limit: int) -> int | None:
    """Latest number of four digits that may be a year up to ``limit``."""
    years = (int(each) for each in _YEAR.findall(text))
    return max((each for each in years if each <= limit), default=None)


def measure_labels(directory: Path, *, rivals: bool = True) -> dict[str, Any]:
    """Figures of organisations, focus areas and years: ours and, with ``rivals``, simple rows.

    Raises OSError and ValueError for files that are no labels.
    """
    limit = datetime.now(tz=UTC).year
    analyzer, taxonomy, gazetteer = Analyzer(Vabamorf()), load_taxonomy(None), load_gazetteer(None)
    enricher = Enricher(analyzer, taxonomy, gazetteer, Overrides(), limit)
    labels = read_labels(directory / "labels.yaml")
    articles = list(read_articles([directory / "texts"]))

    def figures(find: Callable[[Article], Label]) -> dict[str, Mapping[str, float]]:
        return _figures(measure(labels, articles, find, gazetteer))

    found: dict[str, Any] = figures(lambda article: facets_of(article, analyzer, enricher))
    simple = _SimpleRows(analyzer, taxonomy, limit)
    found["baselines"] = {"simple rows": figures(simple.facets)} if rivals else {}
    return found


class _SimpleRows:
    """Baselines: the simplest method for each facet."""

    def __init__(self, analyzer: Analyzer, taxonomy: Taxonomy, limit: int) -> None:
        self._analyzer = analyzer
        self._limit = limit
        self._words = {
            area.id: {
                LEMMA + word
                for cues in area.cues
                if cues.weight >= _STRONG
                for word in (*cues.words.lemmas, *cues.words.parts)
            }
            for area in taxonomy.areas
        }

    def facets(self, article: Article) -> Label:
        """Latest year; areas with a strong cue as a word; capitalised words in a row."""
        text = f"{article.title}\n{article.body_text}"
        parts = analyse_article(article, self._analyzer).text.parts
        return Label(
            latest_year(text, self._limit),
            frozenset(
                area
                for area, words in self._words.items()
                if any(part.positions_of(words) for part in parts)
            ),
            frozenset(_NAMES.findall(text)),
        )


def _figures(result: Result) -> dict[str, Mapping[str, float]]:
    year = result.year
    return {
        "organisations": result.organisations.figures(),
        "focus": result.focus.figures(),
        "year": {
            "labelled": year.labelled,
            "right": year.right,
            "given": year.answered,
            "invented": year.invented,
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.labels", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("directory", type=Path, nargs="?", default=DEFAULT_DIRECTORY)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure_labels(options.directory)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    _print({"ours": result, **result["baselines"]}.items())


def _print(rows: Iterable[tuple[str, Mapping[str, Mapping[str, float]]]]) -> None:
    for name, row in rows:
        for facet in ("organisations", "focus", "year"):
            columns = "  ".join(f"{key} {value:g}" for key, value in row[facet].items())
            print(f"{name:<12}{facet:<15}{columns}")


if __name__ == "__main__":
    main()
