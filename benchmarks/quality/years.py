"""Years found in articles whose dates are known and hidden: how many are given, how many right.

    python -m benchmarks.years CORPUS.jsonl… [--json]

CORPUS is a JSON Lines file with ``id``, ``title``, ``body`` and ``date``; a date without a year
(“eile 17:32”) is not known. What stands before the last hyphen of an id is taken for the portal.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.quality.labels import latest_year
from indexer.document import with_language
from indexer.extract.dates.date_parser import find_dates
from indexer.extract.dates.date_resolver import find_publication_date
from indexer.text_view import Sentence, TextView, split_sentences, text_view_of
from search.analysis import ESTONIAN, Analyzer, Vabamorf, tokenize
from search.article import PARAGRAPH_BREAK, Article
from search.engines.contract import IndexedDocument, IndexedField, TextField

_EVIDENCE = 3


@dataclass(frozen=True, slots=True)
class DatedArticle:
    """An article without its date, and the year of that date."""

    article: Article
    year: int

    @property
    def portal(self) -> str:
        return self.article.id.rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class FoundYear:
    """A year found in an article, with the texts that are its evidence."""

    year: int
    evidence: tuple[str, ...] = ()


#: Finds the year of an article.
Finder = Callable[[Article], FoundYear | None]


def dated_articles(paths: Sequence[Path]) -> Iterator[DatedArticle]:
    """Articles of JSON Lines files whose date is known, without it."""
    for path in paths:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                data: dict[str, Any] = json.loads(line)
                year = _year_of(str(data.get("date", "")))
                if year is not None:
                    body = tuple(data["body"].split(PARAGRAPH_BREAK))
                    yield DatedArticle(Article(str(data["id"]), data["title"], body, "text"), year)


def _year_of(date: str) -> int | None:
    years = {each.year for each in find_dates(date)} - {None}
    return years.pop() if len(years) == 1 else None


def measure_years(articles: Sequence[DatedArticle], find: Finder) -> dict[str, Any]:
    """Known, answered and right years, in all and by portal; ``wrong`` lists the others.

    A wrong one is id, true year, found year and evidence.
    """
    portals: dict[str, dict[str, int]] = {}
    wrong = []
    for each in articles:
        counts = portals.setdefault(each.portal, {"known": 0, "answered": 0, "right": 0})
        found = find(each.article)
        counts["known"] += 1
        counts["answered"] += found is not None
        if found is not None:
            counts["right"] += found.year == each.year
            if found.year != each.year:
                wrong.append([each.article.id, each.year, found.year, list(found.evidence)])
    total = {key: sum(some[key] for some in portals.values()) for key in ("known", "answered")}
    total["right"] = total["answered"] - len(wrong)
    return {**total, "portals": portals, "wrong": wrong}


def our_finder(analyzer: Analyzer, limit: int) -> Finder:
    """Finder of years as in the indexer, for texts without address and date."""

    def find(article: Article) -> FoundYear | None:
        article = with_language(article)
        if article.language == ESTONIAN:
            pieces = (article.title, *article.body)
            analyzer.warm(token.text for piece in pieces for token in tokenize(piece))
        year = find_publication_date(article, sentences_of(article), analyzer, limit).year
        if year is None:
            return None
        return FoundYear(year.value, tuple(each.text for each in year.evidence[:_EVIDENCE]))

    return find


def sentences_of(article: Article) -> TextView:
    """View of an article with sentences but without terms, which dates do not need."""
    title = _sentences("title", [article.title])
    body = _sentences("body", article.body)
    field = IndexedField({}, (), (), 0)
    return text_view_of(IndexedDocument(article, field, field, ""), title, body)


def _sentences(part: TextField, paragraphs: Sequence[str]) -> list[Sentence]:
    sentences: list[Sentence] = []
    offset = 0
    for number, paragraph in enumerate(paragraphs, part == "body"):
        tokens = list(tokenize(paragraph, offset))
        sentences += split_sentences(part, number, paragraph, offset, tokens)
        offset += len(paragraph) + len(PARAGRAPH_BREAK)
    return sentences


def _latest(article: Article, limit: int) -> FoundYear | None:
    year = latest_year(f"{article.title}\n{article.body_text}", limit)
    return None if year is None else FoundYear(year)


def measure_files(
    paths: Sequence[Path], *, rivals: bool = True, analyzer: Analyzer | None = None
) -> dict[str, Any]:
    """Figures of our years and, with ``rivals``, of the latest number that may be a year.

    Without an ``analyzer`` it makes one of its own.
    """
    limit = datetime.now(tz=UTC).year
    articles = list(dated_articles(paths))
    result = measure_years(articles, our_finder(analyzer or Analyzer(Vabamorf()), limit))
    result["baselines"] = {}
    if rivals:
        latest = measure_years(articles, lambda article: _latest(article, limit))
        del latest["wrong"]
        result["baselines"] = {"latest number": latest}
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.years", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", type=Path, nargs="+", metavar="CORPUS.jsonl")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure_files(options.files)
    if options.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    for name, row in {"ours": result, **result["baselines"]}.items():
        for portal, counts in {"all": row, **row["portals"]}.items():
            right, answered, known = counts["right"], counts["answered"], counts["known"]
            print(f"{name:<15}{portal:<15}{right:>5} right of {answered:>5} given, {known} known")


if __name__ == "__main__":
    main()
