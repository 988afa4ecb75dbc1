"""Makes the review lists of an index, in this process or in the background."""

import functools
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from indexer.extract.gazetteer import Gazetteer
from indexer.extract.overrides import Overrides
from indexer.review.alias_candidates import INITIALS, REASON_NAMES, REASONS, Pair, pairs_of
from indexer.review.unknown_words import UnknownWord, unknown_acronyms, unknown_words
from indexer.worker_process import ProcessEndedError, WorkerProcess
from search.analysis import Analyzer
from search.analysis.acronyms import acronym_base
from search.article import Article
from search.engines.contract import DocumentKey, EngineReader
from search.errors import KlastriError, ReviewFailed
from search.review import Destination, Review, Reviewed, ReviewEntry, ReviewList
from search.yaml_loader import yaml_scalar

Progress = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(slots=True)
class _Collected:
    """Facts gathered in one pass over all articles.

    ``organisations`` maps names to their articles; ``explained`` are acronyms that some article
    defines.
    """

    organisations: dict[str, set[DocumentKey]] = field(default_factory=lambda: defaultdict(set))
    explained: set[str] = field(default_factory=set)
    incomplete: list[Article] = field(default_factory=list)


class Reviewer:
    """Makes the review lists of one index, at most ``limit`` entries each."""

    def __init__(
        self, analyzer: Analyzer, gazetteer: Gazetteer, overrides: Overrides, limit: int
    ) -> None:
        self._analyzer = analyzer
        self._gazetteer = gazetteer
        self._overrides = overrides
        self._limit = limit

    def review(self, reader: EngineReader, progress: Progress) -> Review:
        """Makes the lists in one pass over the articles of ``reader``."""
        seen = _Collected()
        for article_id in progress(sorted(reader.article_ids()), reader.document_count):
            key = reader.find(article_id)
            if key is not None:
                self._look_at(key, reader.article(key), seen)
        pairs = pairs_of(seen.organisations, self._analyzer)
        explained = {each.other for each in pairs if each.reason == INITIALS}
        known = self._known(seen.explained | explained)
        unknown = unknown_words(reader, self._analyzer)
        return Review(
            (
                self._same(pairs, seen.organisations),
                self._acronyms(unknown_acronyms(reader, self._analyzer, known, seen.organisations)),
                self._incomplete(seen.incomplete),
                self._misspelt(unknown),
                self._new(unknown),
            )
        )

    def _look_at(self, key: DocumentKey, article: Article, seen: _Collected) -> None:
        for value in article.organisations:
            seen.organisations[value.value].add(key)
        for mention in article.mentions:
            text = article.title if mention.part == "title" else article.body_text
            acronym = acronym_base(text[mention.start : mention.end])
            if acronym is not None and acronym != mention.name:
                seen.explained.add(acronym)
        if self._missing(article):
            seen.incomplete.append(article)

    def _missing(self, article: Article) -> dict[str, str]:
        """Missing values of ``article`` that an override could give, but none does yet."""
        override = self._overrides.articles.get(article.id)
        missing = {}
        if article.year is None and not (override and override.year_unknown):
            missing["year"] = "unknown"
        if not article.focus_areas and not (override and override.focus_areas is not None):
            missing["focus_areas"] = "[]"
        return missing

    def _known(self, explained: Set[str]) -> frozenset[str]:
        """Acronyms that are known to be an organisation's, or known not to be."""
        names = {name for entry in self._gazetteer.entries for name in entry.names}
        corrected = {each.upper() for each in (*self._overrides.dropped, *self._overrides.renamed)}
        return frozenset(names | corrected | explained)

    def _same(
        self, pairs: Iterable[Pair], organisations: Mapping[str, Collection[DocumentKey]]
    ) -> ReviewList:
        entries = []
        for pair in pairs:
            counts = [len(organisations[each]) for each in (pair.other, pair.shown)]
            remark = f"{counts[0]} and {_count(counts[1])}, {pair.together} with both: "
            data = {"names": [pair.other, pair.shown], "articles": counts}
            data |= {"together": pair.together, "reason": REASON_NAMES[pair.reason]}
            entries.append(
                ReviewEntry(
                    f"    {yaml_scalar(pair.other)}: {yaml_scalar(pair.shown)}",
                    remark + REASONS[pair.reason],
                    data,
                )
            )
        heading = "Organisations that may be one"
        return _review_list(
            "same", heading, "overrides", "under “organisations: rename:”", entries, self._limit
        )

    def _acronyms(self, found: Iterable[UnknownWord]) -> ReviewList:
        entries = [
            ReviewEntry(f"  - name: {yaml_scalar(each.word)}", _where(each), _data(each))
            for each in found
        ]
        heading = "Acronyms of organisations that nobody explains"
        return _review_list(
            "acronyms", heading, "gazetteer", "under “organisations:”", entries, self._limit
        )

    def _incomplete(self, found: Iterable[Article]) -> ReviewList:
        entries = []
        for article in sorted(found, key=_newest_first):
            missing = self._missing(article)
            says = ", ".join(f"{key}: {value}" for key, value in missing.items())
            line = f"  {yaml_scalar(article.id)}: {{{says}}}"
            if article.id in self._overrides.articles:
                # A second entry of the same article would be an error.
                line = f"  # add to {yaml_scalar(article.id)}: {says}"
            data = {"id": article.id, "title": article.title, "missing": list(missing)}
            entries.append(ReviewEntry(line, article.title, {**data, "source": article.source}))
        heading = "Articles without a year or a focus area"
        return _review_list(
            "articles", heading, "overrides", "under “articles:”", entries, self._limit
        )

    def _misspelt(self, found: Iterable[UnknownWord]) -> ReviewList:
        entries = [
            ReviewEntry(
                f"{each.word} = {each.meant}", _where(each), {**_data(each), "meant": each.meant}
            )
            for each in found
            if each.meant is not None
        ]
        heading = "Words that may be misspelt"
        return _review_list("misspelt", heading, "synonyms", "", entries, self._limit)

    def _new(self, found: Iterable[UnknownWord]) -> ReviewList:
        entries = [
            ReviewEntry(f"          - {yaml_scalar(each.word)}", _where(each), _data(each))
            for each in found
            if each.meant is None
        ]
        heading = "Words that the lexicon does not know"
        return _review_list(
            "words", heading, "taxonomy", "under “lemmas:” of an area", entries, self._limit
        )


def _newest_first(article: Article) -> tuple[float, str]:
    return (-article.added.timestamp() if article.added else 0.0, article.id)


def _where(word: UnknownWord) -> str:
    return f"{_count(word.articles)}, for example {word.example}"


def _data(word: UnknownWord) -> dict[str, Any]:
    return {"word": word.word, "articles": word.articles, "example": word.example}


def _count(count: int) -> str:
    """Number with noun: „3 articles“."""
    return "1 article" if count == 1 else f"{count} articles"


def _review_list(
    name: str,
    heading: str,
    destination: Destination,
    place: str,
    entries: Sequence[ReviewEntry],
    limit: int,
) -> ReviewList:
    """The first ``limit`` of ``entries``."""
    chosen = tuple(entries[:limit])
    return ReviewList(name, heading, destination, place, chosen, len(entries))


#: Niceness of the background process: searches have priority.
_NICENESS = 10
_ReviewProcess = WorkerProcess[[], Review]


class BackgroundReview:
    """Makes the review lists on request, once for each generation.

    ``make`` makes them in the background process; ``generation`` returns the name of the live
    generation. Thread-safe.
    """

    def __init__(self, make: Callable[[], Review], generation: Callable[[], str]) -> None:
        self._make = functools.partial(_in_the_background, make)
        self._generation = generation
        self._lock = threading.Lock()
        self._process: _ReviewProcess | None = None
        self._made = Reviewed("", None, is_pending=False)

    def latest(self) -> Reviewed:
        """The newest lists; starts making those of the live generation.

        An error is reported once, and the next call tries again.
        """
        with self._lock:
            made, live = self._made, self._generation()
            if self._process is None and made.problem is None and made.generation != live:
                self._process = WorkerProcess(self._make)
                threading.Thread(target=self._run, args=(self._process, live), daemon=True).start()
            if made.problem is not None:
                self._made = Reviewed(made.generation, made.review, is_pending=False)
            is_pending = self._process is not None
        return Reviewed(made.generation, made.review, is_pending, made.problem)

    def close(self) -> None:
        """Stops a running review."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def _run(self, process: "_ReviewProcess", generation: str) -> None:
        result = _result(process)
        process.close()
        with self._lock:
            self._process = None
            if isinstance(result, Review):
                self._made = Reviewed(generation, result, is_pending=False)
            else:
                before = self._made
                self._made = Reviewed(before.generation, before.review, False, result)


def _result(process: "_ReviewProcess") -> Review | KlastriError:
    try:
        return process.call()
    except KlastriError as error:
        return error
    except ProcessEndedError as error:
        return ReviewFailed(status=error.status)
    except Exception:
        return ReviewFailed(status=1)


def _in_the_background(make: Callable[[], Review]) -> Review:
    os.nice(_NICENESS)
    return make()
