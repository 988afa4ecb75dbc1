"""The generation before a reindex: when its articles were added, and what need not be done again.

Its terms and findings are taken over where they are what a new analysis would give, and where every
byte of it is as it was written.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from search.engines.contract import DocumentKey, Index, StoredReader
from search.errors import KlastriError


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to know of an article in the index before."""

    added: datetime | None
    digest: str
    source: str


class Before:
    """The articles of the generation before, by id.

    ``live`` reads it where it is sound and made by the same analysis, ``remembered`` stands for it
    where it is not. ``is_reusable`` says whether its findings are those of today's code.
    """

    def __init__(
        self,
        live: StoredReader | None,
        remembered: Mapping[str, Known],
        is_reusable: bool,
    ) -> None:
        self.live = live
        self._remembered = remembered
        self._is_reusable = is_reusable
        self._digests = (
            {key: known.digest for key, known in remembered.items()}
            if live is None
            else live.digests()
        )

    def digest(self, article_id: str) -> str | None:
        """Content digest of an article; None if it was not there."""
        return self._digests.get(article_id)

    def key(self, article_id: str) -> DocumentKey | None:
        """Key of the document to take over for an article whose content is the same."""
        return self.live.find(article_id) if self.live and self._is_reusable else None

    def of(self, article_id: str) -> Known:
        """What there is to know of an article that was there."""
        if self.live is None:
            return self._remembered[article_id]
        key = self.live.find(article_id)
        if key is None:
            raise KeyError(article_id)
        article = self.live.article(key)
        return Known(article.added, self._digests[article_id], article.source)

    def ids(self) -> Iterable[str]:
        return self._digests.keys()


@contextlib.contextmanager
def before(
    index: Index, fingerprint: str, findings: str, notes: list[str], *, fresh: bool
) -> Iterator[Before]:
    """What the live generation of ``index`` tells a reindex, open as long as the block runs.

    Documents are taken over unless ``fresh``, if they were analysed as ``fingerprint`` and their
    findings found as ``findings`` say. What cannot be read is told in ``notes``.
    """
    is_sound = index.current() is not None and _is_sound(index)
    live = _opened(index, fingerprint) if is_sound else None
    if live is None:
        yield Before(None, _remember(index, notes), is_reusable=False)
        return
    with contextlib.closing(live):
        is_same = bool(findings) and index.generation().findings == findings
        yield Before(live, {}, is_reusable=is_same and not fresh)


def _is_sound(index: Index) -> bool:
    """Is every byte of the live generation as it was written? What is taken over lives on."""
    try:
        return not index.verify()
    except Exception:
        return False  # whatever reading the remains of an index may raise


def _opened(index: Index, fingerprint: str) -> StoredReader | None:
    """A reader of the live generation, None if another version made it."""
    try:
        return index.open_stored(fingerprint)
    except KlastriError:
        return None


def _remember(index: Index, notes: list[str]) -> dict[str, Known]:
    """The articles of the live generation by id; none if there is no generation to read."""
    if index.current() is None:
        return {}
    try:
        return {
            article.id: Known(article.added, digest, article.source)
            for article, digest in index.stored_articles()
        }
    except Exception as error:
        # A reindex is the way out of a damaged index, whatever reading its remains may raise.
        notes.append(f"The index before could not be read, so all articles are new ({error})")
        return {}
