"""Precision and recall of extracted facets against labels made by people.

    python -m benchmarks.facets LABELS.yaml SOURCE… [--json]

LABELS.yaml maps an article's id to ``year`` (a number, or null where nobody can tell),
``focus_areas`` (ids) and ``organisations`` (names as a person would write them). SOURCE is a
directory of articles, or a JSON Lines file with ``id``, ``title`` and ``body``. Names are compared
whatever their letter case, and by the shown names of the gazetteer, on both sides.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from benchmarks.support.data import read_articles
from indexer.document import analyse_article
from indexer.extract import Enricher, Gazetteer, Overrides, load_gazetteer
from search.analysis import Analyzer, Vabamorf
from search.article import Article
from search.errors import KlastriError
from search.organisation_names import name_key
from search.taxonomy import load_taxonomy


@dataclass(frozen=True)
class Label:
    """Facets of one article, made by a person or a program; the year is None if unknown."""

    year: int | None
    focus_areas: frozenset[str]
    organisations: frozenset[str]


@dataclass
class Counts:
    """Counts for micro-averaged precision and recall of sets of values."""

    right: int = 0
    found: int = 0
    labelled: int = 0

    def add(self, found: frozenset[str], labelled: frozenset[str]) -> None:
        self.right += len(found & labelled)
        self.found += len(found)
        self.labelled += len(labelled)

    def figures(self) -> dict[str, float]:
        precision = self.right / self.found if self.found else 0.0
        recall = self.right / self.labelled if self.labelled else 0.0
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


@dataclass
class Years:
    """Counts of labelled years, right answers, and answers where no label is possible."""

    right: int = 0
    labelled: int = 0
    answered: int = 0
    invented: int = 0

    def add(self, found: int | None, labelled: int | None) -> None:
        self.answered += found is not None
        if labelled is None:
            self.invented += found is not None
        else:
            self.labelled += 1
            self.right += found == labelled

    def figures(self) -> dict[str, float]:
        accuracy = self.right / self.labelled if self.labelled else 0.0
        return {
            "accuracy": round(accuracy, 4),
            "answered": self.answered,
            "invented": self.invented,
        }


@dataclass
class Result:
    """Counts of the three facets, and the articles with differences."""

    focus: Counts = field(default_factory=Counts)
    year: Years = field(default_factory=Years)
    organisations: Counts = field(default_factory=Counts)
    differences: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, dict[str, float]]:
        return {
            "focus": self.focus.figures(),
            "year": self.year.figures(),
            "organisations": self.organisations.figures(),
        }


def read_labels(path: Path) -> dict[str, Label]:
    """Reads labels by article id. Raises ValueError for an invalid file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError(f"{path}: must map article ids to labels")
    labels = {}
    for key, value in data.items():
        if not isinstance(value, dict):
            raise ValueError(f"{path}: the label of “{key}” must be a mapping")
        labels[str(key)] = Label(
            year=value.get("year"),
            focus_areas=frozenset(value.get("focus_areas") or ()),
            organisations=frozenset(value.get("organisations") or ()),
        )
    return labels


def facets_of(article: Article, analyzer: Analyzer, enricher: Enricher) -> Label:
    """Facets that the indexer finds for an article, in the form of a label."""
    article = enricher.extract(analyse_article(article, analyzer)).article
    return Label(
        year=article.year.value if article.year else None,
        focus_areas=frozenset(each.value for each in article.focus_areas),
        organisations=frozenset(each.value for each in article.organisations),
    )


def measure(
    labels: Mapping[str, Label],
    articles: Iterable[Article],
    find: Callable[[Article], Label],
    gazetteer: Gazetteer,
) -> Result:
    """Compares the results of ``find`` with the labels; unlabelled articles are skipped."""
    result = Result()
    missing = dict(labels)
    for article in articles:
        label = missing.pop(article.id, None)
        if label is None:
            continue
        found = find(article)
        result.year.add(found.year, label.year)
        result.focus.add(found.focus_areas, label.focus_areas)
        mine, theirs = (_by_key(each.organisations, gazetteer) for each in (found, label))
        result.organisations.add(frozenset(mine), frozenset(theirs))
        if found.year != label.year:
            result.differences.append(f"{article.id}: year {found.year}, labelled {label.year}")
        areas = ({each: each for each in some.focus_areas} for some in (found, label))
        result.differences += _differences(article.id, "focus", *areas)
        result.differences += _differences(article.id, "organisation", mine, theirs)
    for article_id in missing:
        print(f"{article_id}: labelled, but not in SOURCE", file=sys.stderr)
    return result


def _by_key(names: Iterable[str], gazetteer: Gazetteer) -> dict[str, str]:
    """Names by a key that all names of one organisation share."""
    return {name_key(gazetteer.shown(each)): each for each in names}


def _differences(
    article_id: str, kind: str, mine: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[str]:
    for sign, ones, others in (("+", mine, theirs), ("-", theirs, mine)):
        for key in sorted(ones.keys() - others.keys()):
            yield f"{article_id}: {kind} {sign} {ones[key]}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.facets", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("labels", type=Path, metavar="LABELS.yaml")
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--taxonomy", type=Path)
    parser.add_argument("--gazetteer", type=Path)
    parser.add_argument("--differences", action="store_true", help="list every wrong value")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        gazetteer = load_gazetteer(options.gazetteer)
        analyzer = Analyzer(Vabamorf())
        enricher = Enricher(
            analyzer,
            load_taxonomy(options.taxonomy),
            gazetteer,
            Overrides(),
            datetime.now(tz=UTC).year,
        )
        result = measure(
            read_labels(options.labels),
            read_articles(options.sources),
            lambda article: facets_of(article, analyzer, enricher),
            gazetteer,
        )
    except (KlastriError, OSError, ValueError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.differences:
        for line in result.differences:
            print(line, file=sys.stderr)
    if options.json:
        print(json.dumps(result.figures(), ensure_ascii=False, indent=2))
        return 0
    for name, figures in result.figures().items():
        columns = "  ".join(f"{key} {value:g}" for key, value in figures.items())
        print(f"{name:<14}{columns}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
