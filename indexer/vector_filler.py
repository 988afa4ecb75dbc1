"""Vector filler: embeds the passages of articles that have no vectors yet, batch by batch.

Each batch is published before the next one begins, so that a killed run loses at most one. Passages
are identified by digest: one that was embedded before, in any article, is not embedded again.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from indexer.pipeline import Progress, no_progress
from search.article import Article
from search.engines.contract import ArticleVectors, Index, PassageVector, StoredReader
from search.errors import IndexLocked
from search.meaning.embedder import Embedder, Vectors
from search.meaning.passages import Passage, passages_of

#: Seconds after which a batch is published.
PUBLISH_SECONDS = 30.0
#: Seconds that the last batch waits for another process that writes the index.
WAIT_SECONDS = 600.0
#: Seconds between two tries to publish while another process writes.
RETRY_SECONDS = 5.0
#: Seconds of a background step of ``watch``, which is the longest that a new file waits.
IDLE_SECONDS = 3.0
#: Passages embedded in one call: about a second, between checks for Ctrl-C and new files.
_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class FillReport:
    """Report of a run of ``meaning``; ``left`` is the number of articles still without vectors.

    ``embedded`` passages are new, ``known`` ones were embedded before.
    """

    articles: int
    embedded: int
    known: int
    left: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def summary(self) -> str:
        """One line."""
        left = f", still without vectors: {self.left}" if self.left else ""
        passages = f"passages embedded: {self.embedded}, known before: {self.known}"
        return f"Articles done: {self.articles}, {passages}{left} ({self.seconds:.1f} s)"


class VectorFiller:
    """Embeds articles of the live generation without vectors, last added first.

    ``batch`` is the number of articles published together, None for those of ``PUBLISH_SECONDS``.
    ``say`` prints a line; ``now`` returns seconds, ``sleep`` waits for some.
    """

    def __init__(
        self,
        index: Index,
        fingerprint: str,
        embedder: Embedder,
        *,
        batch: int | None = None,
        say: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._index = index
        self._fingerprint = fingerprint
        self._embedder = embedder
        self._batch = batch
        self._say = say
        self._now = now
        self._sleep = sleep
        self._pending: dict[str, ArticleVectors] = {}
        self._recent: dict[bytes, Vectors] = {}
        self._refused: set[tuple[str, str]] = set()
        self._due = 0.0
        self._drops = False
        self._work: Iterator[int] | None = None
        self._ended = ""
        self.articles = self.embedded = self.known = 0

    def run(self, progress: Progress = no_progress) -> FillReport:
        """Embeds all articles without vectors; Ctrl-C ends it after publishing what is embedded.

        The last batch waits for another process that writes. Raises NoIndex, IndexDamaged,
        IndexMismatch, IndexLocked, EmbedderUnavailable.
        """
        started, left = self._now(), 0
        with contextlib.closing(self._index.open_stored(self._fingerprint)) as live:
            total = len(live.without_vectors(self._embedder.digest))
        try:
            with progress(total) as advance:
                for done in self._steps():
                    advance(done)
        except KeyboardInterrupt:
            left = max(total - self.articles, 0)
        self._publish(waits=True)
        took = self._now() - started
        return FillReport(self.articles, self.embedded, self.known, left, took)

    def step(self, seconds: float) -> bool:
        """Works for about ``seconds``; True while there is more to do.

        When all is done, it only compares the generation until that changes. Raises as :meth:`run`
        does; the next step then starts again.
        """
        if self._work is None and self._index.current() == self._ended:
            return False
        end = self._now() + seconds
        work, self._work = self._work or self._steps(), None
        for _ in work:
            if self._now() >= end:
                self._work = work
                return True
        self._publish()
        if self._pending:
            return True
        self._ended = self._index.current() or ""
        return False

    def publish(self) -> None:
        """Publishes what is embedded, waiting for another process that writes."""
        self._publish(waits=True)

    def take_count(self) -> int:
        """Number of articles done since the last call."""
        count, self.articles = self.articles, 0
        return count

    def _steps(self) -> Iterator[int]:
        """Embeds a few passages a step; yields the number of articles finished in it."""
        while True:
            with contextlib.closing(self._index.open_stored(self._fingerprint)) as live:
                self._drops = bool(live.vector_status(self._embedder.digest).problems)
                missing = self._missing(live)
                for article_id in missing:
                    yield from self._article(live, article_id)
                    if self._is_due():
                        break
            if not missing:
                break
            self._publish()

    def _missing(self, live: StoredReader) -> list[str]:
        """Ids of the articles to embed."""
        # Digests are read only for articles already handled: reading all from a server is slow.
        known = {each for each, _ in self._refused} | self._pending.keys()
        return [
            each
            for each in live.without_vectors(self._embedder.digest)
            if each not in known or not self._is_done(each, live.digest(each))
        ]

    def _is_done(self, article_id: str, digest: str | None) -> bool:
        """True for an article whose vectors are pending, or were refused, in this version."""
        pending = self._pending.get(article_id)
        return (article_id, digest) in self._refused or bool(pending and pending.digest == digest)

    def _article(self, live: StoredReader, article_id: str) -> Iterator[int]:
        key, digest = live.find(article_id), live.digest(article_id)
        if key is None or digest is None:
            return
        passages = _passages(live.article(key))
        digests = [each.digest for each in passages]
        vectors = dict(live.known_vectors(self._embedder.digest, digests))
        vectors |= {each: self._recent[each] for each in digests if each in self._recent}
        fresh = {each.digest: each.text for each in passages if each.digest not in vectors}
        some: dict[bytes, str] = {}
        for number, (each, text) in enumerate(fresh.items(), 1):
            some[each] = text
            if len(some) == _AT_ONCE or number == len(fresh):
                made = zip(some, self._embedder.embed_passages(list(some.values())), strict=True)
                vectors.update(made)
                self.embedded += len(some)
                some = {}
                yield 0
        if not self._pending:
            self._due = self._now() + PUBLISH_SECONDS
        self._recent |= {each: vectors[each] for each in fresh}
        self._pending[article_id] = ArticleVectors(
            article_id,
            digest,
            tuple(PassageVector(p.start, p.end, p.digest, vectors[p.digest]) for p in passages),
        )
        self.articles += 1
        self.known += len(passages) - len(fresh)
        yield 1

    def _is_due(self) -> bool:
        is_full = self._batch is not None and len(self._pending) % self._batch == 0
        return bool(self._pending) and (is_full or self._now() >= self._due)

    def _publish(self, *, waits: bool = False) -> None:
        """Publishes pending vectors; if another process writes, it waits or leaves them pending."""
        if not self._pending and not self._drops:
            return
        batch = list(self._pending.values())
        give_up = self._now() + WAIT_SECONDS
        is_reported = False
        while True:
            try:
                is_added = self._index.add_vectors(self._embedder.digest, batch) is not None
                break
            except IndexLocked:
                if not waits:
                    self._due = self._now() + RETRY_SECONDS
                    return
                if self._now() >= give_up:
                    raise
                if not is_reported:
                    self._say("Another process writes the index; waiting for it")
                is_reported = True
                self._sleep(RETRY_SECONDS)
        if not is_added:  # removed or changed articles, not to be retried forever
            self._refused.update((each.id, each.digest) for each in batch)
        self._pending.clear()
        self._recent.clear()
        self._drops = False


class IdleFiller:
    """Embeds articles while ``watch`` is idle, a few seconds at a time.

    ``opening`` opens the model, at the first step.
    """

    def __init__(self, opening: Callable[[], VectorFiller], seconds: float = IDLE_SECONDS) -> None:
        self._opening = opening
        self._seconds = seconds
        self._filler: VectorFiller | None = None

    def step(self) -> str:
        """Does a step; returns a line once all is done, else empty. Raises as VectorFiller.run."""
        if self._filler is None:
            self._filler = self._opening()
        if self._filler.step(self._seconds):
            return ""
        count = self._filler.take_count()
        return f"Articles that are found by meaning now, too: {count}" if count else ""

    def end(self) -> None:
        """Publishes what is embedded. Raises as :meth:`VectorFiller.run` does."""
        if self._filler is not None:
            self._filler.publish()


def _passages(article: Article) -> Sequence[Passage]:
    return passages_of(article.title, article.body_text)
