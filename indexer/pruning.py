"""Which articles have vanished from their source."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from search.article import Article
from search.engines.contract import StoredReader
from search.errors import PruneRefused


def vanished(
    live: StoredReader,
    sources: Sequence[Path],
    seen: Collection[str],
    own_files: Collection[str],
    yes: bool,
) -> list[Article]:
    """Articles below ``sources`` whose file is gone or has become another article.

    ``seen`` are the ids that were read just now, ``own_files`` the files they were read from. A
    file that could not be read keeps its article. Raises PruneRefused for more than half, unless
    ``yes``.
    """
    below, gone = 0, []
    for article_id in live.article_ids():
        key = live.find(article_id)
        article = None if key is None else live.article(key)
        if article is None or not _is_below(article.source, sources):
            continue
        below += 1
        is_gone = article.source in own_files or not Path(article.source).exists()
        if article.id not in seen and is_gone:
            gone.append(article)
    if len(gone) * 2 > below and not yes:
        raise PruneRefused(count=len(gone), total=below)
    return gone


def _is_below(file: str, sources: Sequence[Path]) -> bool:
    return any(_absolute(file).is_relative_to(_absolute(each)) for each in sources)


def _absolute(path: str | Path) -> Path:
    # Not resolve(): where links led before the file vanished is not known any more.
    return Path(os.path.normpath(Path(path).absolute()))
