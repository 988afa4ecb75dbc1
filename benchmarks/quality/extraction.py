"""Titles, dates and text of the files in ``tests/extraction``, which readers turn into articles.

    python -m benchmarks.extraction [DIRECTORY] [--json] [--wrong]

``labels.yaml`` there says of each file what a reader would: title, day of publication (null if the
file does not tell it) and paragraphs, or the code by which it is skipped. Files of any format may
be added. ``title`` and ``date`` are shares of the articles that come out exactly so, ``text`` the
mean F1 of the words of paragraphs, ``skipped`` the share of files rightly taken for an article or
for none; ``invented`` counts dates that are wrong, which is worse than none. The row below is plain
trafilatura on the HTML files. ``--wrong`` names what is not as it should be.
"""

import argparse
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from indexer.sources import open_source
from indexer.sources.base import Input, Skipped
from search.article import Article
from search.errors import SourceError

#: Names of samples in DOCX, ODT and PDF.
DOCUMENTS = "release-*"
SAMPLES = Path(__file__).parents[2] / "tests" / "extraction"


@dataclass(frozen=True, slots=True)
class Reading:
    """Result of extraction from a file: title, ISO date, paragraphs, or a code."""

    title: str = ""
    date: str | None = None
    text: Sequence[str] = ()
    skipped: str = ""


def read_by_product(path: Path) -> Reading:
    """Reads the first article of ``path`` by this program."""
    source = open_source(path)
    for found in _found(source):
        if isinstance(found, Article):
            date = found.published.value.iso if found.published else None
            return Reading(found.title, date, found.body)
        if isinstance(found, (Skipped, SourceError)):
            return Reading(skipped=found.code)
    return Reading(skipped="no-text")


def read_by_trafilatura(path: Path) -> Reading:
    """Baseline: extracts a page by trafilatura with its defaults."""
    import trafilatura

    logging.disable(logging.CRITICAL)
    try:
        document: Any = trafilatura.bare_extraction(path.read_bytes(), with_metadata=True)
    finally:
        logging.disable(logging.NOTSET)
    if document is None:
        return Reading(skipped="no-text")
    return Reading(document.title or "", document.date, (document.text or "").split("\n"))


def measure(
    folder: Path = SAMPLES, read: Callable[[Path], Reading] = read_by_product, pattern: str = "*"
) -> dict[str, Any]:
    """Figures of ``read`` on the labelled files of ``folder`` that match ``pattern``."""
    labels = yaml.safe_load((folder / "labels.yaml").read_text(encoding="utf-8"))
    names = [name for name in labels if (folder / name).match(pattern)]
    read_files = {name: read(folder / name) for name in names}
    articles = [name for name in names if "skipped" not in labels[name]]
    decided = sum(read_files[name].skipped == labels[name].get("skipped", "") for name in names)
    dates = [(read_files[name].date, labels[name]["date"]) for name in articles]
    return {
        "files": len(names),
        "articles": len(articles),
        "title": _share(read_files[name].title == labels[name]["title"] for name in articles),
        "date": _share(found == right for found, right in dates),
        "invented": sum(found not in (None, right) for found, right in dates),
        "text": sum(word_f1(read_files[name].text, labels[name]["text"]) for name in articles)
        / len(articles),
        "skipped": decided / len(names),
        "wrong": [name for name in names if not _is_right(read_files[name], labels[name])],
    }


def word_f1(found: Sequence[str], right: Sequence[str]) -> float:
    """F1 of the words, with their counts, of two lists of paragraphs."""
    words_found, words_right = (
        Counter(re.findall(r"\w+", " ".join(each).lower())) for each in (found, right)
    )
    common = (words_found & words_right).total()
    return 2 * common / ((words_found.total() + words_right.total()) or 1)


def _found(source: Any) -> Iterator[Any]:
    for each in source.scan():
        if isinstance(each, Input):
            yield from source.read(each)
        else:
            yield each


def _is_right(reading: Reading, label: dict[str, Any]) -> bool:
    if "skipped" in label:
        return bool(reading.skipped == label["skipped"])
    return (reading.title, reading.date, list(reading.text)) == (
        label["title"],
        label["date"],
        label["text"],
    )


def _share(values: Iterator[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.extraction", description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    rows = {
        "all files": measure(options.directory),
        "pages": measure(options.directory, pattern="*.html"),
        "documents": measure(options.directory, pattern=DOCUMENTS),
        "plain trafilatura on pages": measure(options.directory, read_by_trafilatura, "*.html"),
    }
    if options.json:
        print(json.dumps(rows))
        return
    print(
        f"{'':28} {'files':>5} {'title':>6} {'date':>6} {'invented':>8} {'text':>6} {'skipped':>7}"
    )
    for name, row in rows.items():
        print(
            f"{name:28} {row['files']:5} {row['title']:6.3f} {row['date']:6.3f} "
            f"{row['invented']:8} {row['text']:6.3f} {row['skipped']:7.3f}"
        )
        if options.wrong:
            print("".join(f"    {each}\n" for each in row["wrong"]), end="")


if __name__ == "__main__":
    main()
