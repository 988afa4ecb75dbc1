"""Recall and precision of near-duplicate detection on articles with small edits.

    python -m benchmarks.duplicates SOURCE… [--json] [--sweep]

Each article of SOURCE (a directory of articles, or a JSON Lines file with ``id``, ``title`` and
``body``) is edited as sites edit what they take over: a sentence dropped, a date changed, standing
lines added, words swapped, another title, all of these at once. Recall is the share of the copies
that are grouped with their article; a false merge is a pair of two articles of SOURCE.

``series`` are the next notices of the same series, at their hardest: every number and month is
another one, and all, some or none of the names, but not a word besides. They must not be merged,
either. ``--sweep`` shows other lengths of runs and other thresholds.
"""

import argparse
import itertools
import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.support.data import read_articles
from indexer.document import with_language
from search.analysis import Analyzer, Vabamorf
from search.article import Article
from search.near_duplicates import lsh, minhash

MONTHS = """jaanuar veebruar märts aprill mai juuni juuli august september oktoober november
detsember""".split()
PLACES = "Tartu Pärnu Viljandi Kuressaare Rakvere Jõhvi Võru Haapsalu".split()
STANDING_LINES = (
    "Üritust kaasrahastab Euroopa Regionaalarengu Fond klastrite arendamise meetmest.",
    "Lisateave: klastri tegevjuht, telefon 555 0100, e-post info@klaster.example. "
    "Uudist võib avaldada muutmata kujul, kui viidatakse allikale.",
)
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-ZÕÄÖÜŠŽ„])")
_MONTH = re.compile(rf"\b(?:{'|'.join(MONTHS)})", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[a-zõäöüšž,] )[A-ZÕÄÖÜŠŽ]\w+")

Edit = Callable[[Article, random.Random], Article]


def _body(article: Article, paragraphs: Sequence[str]) -> Article:
    return replace(article, body=tuple(paragraphs))


def dropped_sentence(article: Article, draw: random.Random) -> Article:
    """Edit: one sentence removed, any but the first."""
    paragraphs = [_SENTENCE_END.split(each) for each in article.body]
    places = [(i, j) for i, each in enumerate(paragraphs) for j in range(len(each))][1:]
    if places:
        i, j = draw.choice(places)
        del paragraphs[i][j]
    return _body(article, [" ".join(each) for each in paragraphs if each])


def changed_date(article: Article, draw: random.Random) -> Article:
    """Edit: another first number and first month."""
    text = "\n".join(article.body)
    text = _NUMBER.sub(str(draw.randint(1, 28)), text, count=1)
    text = _MONTH.sub(draw.choice(MONTHS), text, count=1)
    return _body(article, text.split("\n"))


def standing_lines(article: Article, draw: random.Random) -> Article:  # noqa: ARG001 - an Edit
    """Edit: a funding note and a contact appended."""
    return _body(article, (*article.body, *STANDING_LINES))


def swapped_words(article: Article, draw: random.Random) -> Article:
    """Edit: neighbouring words swapped in two places."""
    paragraphs = [each.split() for each in article.body]
    places = [(i, j) for i, each in enumerate(paragraphs) for j in range(len(each) - 1)]
    for i, j in draw.sample(places, min(2, len(places))):
        words = paragraphs[i]
        words[j], words[j + 1] = words[j + 1], words[j]
    return _body(article, [" ".join(each) for each in paragraphs])


def changed_title(article: Article, draw: random.Random) -> Article:  # noqa: ARG001 - an Edit
    return replace(article, title="Klastrite uudised: loe, mis on juhtunud")


def everything(article: Article, draw: random.Random) -> Article:
    """All of these edits at once."""
    for edit in (dropped_sentence, changed_date, standing_lines, swapped_words, changed_title):
        article = edit(article, draw)
    return article


def next_of_series(share: float) -> Edit:
    """Another event of a series: numbers, months and ``share`` of the names changed."""

    def edit(article: Article, draw: random.Random) -> Article:
        names: dict[str, str] = {}

        def name(match: re.Match[str]) -> str:
            old = match.group()
            new = draw.choice(PLACES) if draw.random() < share else old
            return names.setdefault(old, new)

        def changed(text: str) -> str:
            text = _NUMBER.sub(lambda _: str(draw.randint(1, 9999)), text)
            text = _MONTH.sub(lambda _: draw.choice(MONTHS), text)
            return _NAME.sub(name, text)

        body = tuple(map(changed, article.body))
        return replace(article, title=changed(article.title), body=body)

    return edit


#: Name → share of the names that the next notice changes.
SERIES = {"other names": 1.0, "some names kept": 0.4, "names kept": 0.0}
LEAST_CHANGES = 5
EDITS: tuple[Edit, ...] = (
    dropped_sentence,
    changed_date,
    standing_lines,
    swapped_words,
    changed_title,
    everything,
)


class Signatures:
    """Signatures as the indexer makes them; each text is analysed once."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._wordings: dict[Article, minhash.Wording] = {}

    def __call__(self, articles: Sequence[Article]) -> minhash.Signatures:
        """Signatures of the articles, one row each."""
        rows = [self._of(each).signature() or minhash.NO_SIGNATURE for each in articles]
        return np.frombuffer(b"".join(rows), dtype=np.uint16).reshape(-1, minhash.PLACES)

    def _of(self, article: Article) -> minhash.Wording:
        wording = self._wordings.get(article)
        if wording is None:
            language = with_language(article).language
            wording = self._wordings[article] = minhash.Wording()
            for paragraph in (article.title, *article.body):
                wording.add(paragraph, self._analyzer.analyse(paragraph, language))
        return wording


def words(article: Article) -> int:
    return len(article.title.split()) + len(article.body_text.split())


class Benchmark:
    """Articles, their edited copies and the next notices of their series."""

    def __init__(self, articles: Sequence[Article], seed: int) -> None:
        draw = random.Random(seed)
        self.articles = [each for each in articles if words(each) >= minhash.SHORTEST]
        self.copies = {
            edit.__name__: [edit(each, draw) for each in self.articles] for edit in EDITS
        }
        self.series: dict[str, list[tuple[Article, Article]]] = {}
        for name, share in SERIES.items():
            edit = next_of_series(share)
            pairs = [(each, edit(each, draw)) for each in self.articles]
            # With fewer changes it would be a correction of the same notice.
            self.series[name] = [pair for pair in pairs if _changes(*pair) >= LEAST_CHANGES]
        self._signatures = Signatures(Analyzer(Vabamorf()))

    def measure(self) -> dict[str, Any]:
        """Groups each article with its copy, and all articles with each other."""
        own = self._signatures(self.articles)
        found = {name: self._grouped(self.articles, copies) for name, copies in self.copies.items()}
        right, made = sum(found.values()), sum(map(len, self.copies.values()))
        started = time.perf_counter()
        stands_for = lsh.representatives(own, np.arange(len(own)))
        seconds = time.perf_counter() - started
        merged = [
            (self.articles[member].id, self.articles[first].id)
            for member, first in enumerate(stands_for)
            if member != first
        ]
        return {
            "articles": len(own),
            "copies": made,
            "precision": right / (right + len(merged)) if right + len(merged) else 0.0,
            "recall": right / made,
            "by_edit": {name: count / len(own) for name, count in found.items()},
            "real_pairs": len(own) * (len(own) - 1) // 2,
            "false_merges": merged,
            "series": {
                name: {
                    "pairs": len(pairs),
                    "merged": self._grouped([a for a, _ in pairs], [b for _, b in pairs]),
                }
                for name, pairs in self.series.items()
            },
            "seconds": round(seconds, 4),
        }

    def _grouped(self, first: Sequence[Article], second: Sequence[Article]) -> int:
        """Number of articles of ``first`` grouped with the one of ``second`` beside them."""
        both = self._signatures([*first, *second])
        found = lsh.representatives(both, np.arange(len(both)))
        return int(np.count_nonzero(found[: len(first)] == found[len(first) :]))


def _changes(first: Article, second: Article) -> int:
    before, after = (f"{each.title} {each.body_text}".split() for each in (first, second))
    return sum(a != b for a, b in zip(before, after, strict=True))


def sweep(benchmark: Benchmark) -> None:
    """Recall and wrong merges by n-gram length and thresholds."""
    print("run  runs  facts  recall  everything  real  " + "  ".join(SERIES))
    for run, runs, facts in itertools.product((3, 4, 5), (0.4, 0.5, 0.6), (0.0, 0.4, 0.45, 0.5)):
        minhash.RUN, minhash.SAME_RUNS, minhash.SAME_FACTS = run, runs, facts
        found = benchmark.measure()
        merged = (f"{each['merged']}/{each['pairs']}" for each in found["series"].values())
        print(
            f"{run:>3}  {runs:>4.2f}  {facts:>5.2f}  {found['recall']:>6.3f}"
            f"  {found['by_edit']['everything']:>10.3f}  {len(found['false_merges']):>4}  "
            + "  ".join(merged),
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.duplicates", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sweep", action="store_true", help="other runs and thresholds as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    benchmark = Benchmark(list(read_articles(options.sources)), options.seed)
    if not benchmark.articles:
        print("no article is long enough", file=sys.stderr)
        return 1
    if options.sweep:
        sweep(benchmark)
        return 0
    found = benchmark.measure()
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print(
        f"precision {found['precision']:.4f}  recall {found['recall']:.4f}"
        f"  ({found['copies']} copies of {found['articles']} articles)"
    )
    for name, share in found["by_edit"].items():
        print(f"  {name:<18}{share:.4f}")
    print(f"false merges {len(found['false_merges'])} of {found['real_pairs']} real pairs")
    for pair in found["false_merges"]:
        print("  " + " = ".join(pair))
    for name, each in found["series"].items():
        print(f"series, {name}: merged {each['merged']} of {each['pairs']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
