"""Articles of the previous index: dates of addition, and documents to reuse.

Terms and findings are reused if a new analysis would give the same, and if the checksums of the
index are right.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from search.engines.contract import DocumentKey, Index, StoredReader
from search.errors import IndexMismatch, KlastriError, NoIndex


@dataclass(frozen=True, slots=True)
class PreviousArticle:
    """Facts about an article of the previous index."""

    added: datetime | None
    digest: str
    source: str


class PreviousIndex:
    """Articles of the previous live generation, by id.

    ``live`` reads it; None if it is damaged or was made by another analysis, and then ``articles``
    has those that could be read. ``is_reusable`` is True if its documents can be reused.
    """

    def __init__(
        self,
        live: StoredReader | None,
        articles: Mapping[str, PreviousArticle],
        is_reusable: bool,
    ) -> None:
        self.live = live
        self._articles = articles
        self._is_reusable = is_reusable
        self._digests = (
            {article_id: each.digest for article_id, each in articles.items()}
            if live is None
            else live.digests()
        )

    def digest(self, article_id: str) -> str | None:
        """Content digest of an article; None for a new one."""
        return self._digests.get(article_id)

    def reusable_key(self, article_id: str) -> DocumentKey | None:
        """Key of the document to reuse for unchanged content."""
        return self.live.find(article_id) if self.live and self._is_reusable else None

    def article(self, article_id: str) -> PreviousArticle:
        """Facts about an article. Raises KeyError for a new one."""
        if self.live is None:
            return self._articles[article_id]
        key = self.live.find(article_id)
        if key is None:
            raise KeyError(article_id)
        article = self.live.article(key)
        return PreviousArticle(article.added, self._digests[article_id], article.source)

    def ids(self) -> Iterable[str]:
        return self._digests.keys()


@contextlib.contextmanager
def open_previous(
    index: Index, fingerprint: str, findings: str, notes: list[str], *, fresh: bool
) -> Iterator[PreviousIndex]:
    """Opens the live generation of ``index`` for a ``with`` block.

    Its documents are reusable unless ``fresh``, if they have the fingerprints ``fingerprint`` of
    analysis and ``findings`` of extraction. If it cannot be read, ``notes`` gets a line.
    """
    is_sound = _is_sound(index)
    live = _open_live(index, fingerprint) if is_sound else None
    if live is None:
        yield PreviousIndex(None, _readable_articles(index, notes), is_reusable=False)
        return
    with contextlib.closing(live):
        is_same = bool(findings) and index.generation().findings == findings
        yield PreviousIndex(live, {}, is_reusable=is_same and not fresh)


def _is_sound(index: Index) -> bool:
    """True if the checksums of all reusable files are right."""
    try:
        return not index.verify(vectors=False)
    except Exception:
        return False  # reading a damaged index may raise anything


def _open_live(index: Index, fingerprint: str) -> StoredReader | None:
    """A reader of the live generation, None if made by another version."""
    try:
        return index.open_stored(fingerprint)
    except KlastriError:
        return None


def _readable_articles(index: Index, notes: list[str]) -> dict[str, PreviousArticle]:
    """Articles of the live generation by id, else of another; empty if none can be read."""
    try:
        return _articles_of(index, None)
    except NoIndex:
        return {}
    except IndexMismatch:
        notes.append("The index before is of another version, so all articles are new")
        return {}
    except Exception as error:
        # A reindex must replace a damaged index, reading which may raise anything.
        problem = error
    for name in index.fallbacks():
        with contextlib.suppress(Exception):
            found = _articles_of(index, name)
            notes.append(f"The index before could not be read, so {name} was ({problem})")
            return found
    notes.append(f"The index before could not be read, so all articles are new ({problem})")
    return {}


def _articles_of(index: Index, name: str | None) -> dict[str, PreviousArticle]:
    return {
        article.id: PreviousArticle(article.added, digest, article.source)
        for article, digest in index.stored_articles(name)
    }
