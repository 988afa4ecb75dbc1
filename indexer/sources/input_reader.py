"""Reads an input of any kind: detects it, unpacks archives, applies limits, catches errors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from indexer.sources.archives import Unpacked, gzip_member, in_memory, zip_members
from indexer.sources.base import Found, Input, Reader, Remark, Skipped
from indexer.sources.cleaning import cleaned, fitted
from indexer.sources.kinds import (
    PAGE_ENDINGS,
    expected_kind,
    is_told_by_content,
    kind_of,
    refusal,
    title_of,
)
from indexer.sources.limits import Limits
from indexer.sources.naming import ending
from indexer.unexpected_errors import described
from search.article import Article
from search.errors import ArchiveLimit, EmptyDocument, ReadingFailed, SourceError, UnreadableFile

#: Called with the name of each input that drops old articles, such as a feed.
NoteRolling = Callable[[str], object]
#: Pairs of the kind by ending and the detected kind that need no remark.
_EXPECTED = frozenset(("xml", each) for each in ("wxr", "feed", "sitemap", "html")) | {
    ("feed", "wxr"),
    ("json", "jsonl"),
    ("jsonl", "json"),
}


class InputReader:
    """Reads inputs by the reader of their kind; exceptions are yielded as SourceError."""

    def __init__(self, readers: Mapping[str, Reader], limits: Limits) -> None:
        self._readers = readers
        self._limits = limits

    def read(self, source: Input, note_rolling: NoteRolling | None = None) -> Iterator[Found]:
        """Reads ``source``. ``note_rolling`` is called with inputs that drop old articles."""
        reading = self._read(source, source.name, Unpacked(), 0, note_rolling or _ignored)
        while True:
            try:
                yield next(reading)
            except StopIteration:
                return
            except SourceError as error:
                yield error
                return
            except OSError as error:
                yield UnreadableFile(file=source.name, reason=error.strerror or "input error")
                return
            except Exception as error:
                yield ReadingFailed(file=source.name, problem=described(error))
                return

    def _read(
        self, source: Input, name: str, unpacked: Unpacked, depth: int, note_rolling: NoteRolling
    ) -> Iterator[Found]:
        """Reads an input; ``name`` is that of the content, without the ending of compression."""
        seen = kind_of(name, source.open)
        if seen == "zip":
            self._check_depth(source, depth)
            for each in zip_members(source, self._limits, unpacked):
                if isinstance(each, SourceError):
                    yield each
                else:
                    yield from self._member(each, each.name, unpacked, depth, note_rolling)
        elif seen == "gz":
            self._check_depth(source, depth)
            inner = name[:-3] if name.lower().endswith(".gz") else name
            content = self._unzipped(source, inner, unpacked, depth)
            yield from self._read(content, inner, unpacked, depth + 1, note_rolling)
        elif source.kind or source.is_named or _is_wanted(name, seen):
            kind = source.kind or seen
            if kind == "feed":
                note_rolling(source.name)
            yield from self._articles(replace(source, kind=kind), name, seen)

    def _member(
        self, member: Input, name: str, unpacked: Unpacked, depth: int, note_rolling: NoteRolling
    ) -> Iterator[Found]:
        """Reads a member; its errors do not stop reading the archive."""
        try:
            yield from self._read(member, name, unpacked, depth + 1, note_rolling)
        except SourceError as error:
            yield error
        except Exception as error:
            yield ReadingFailed(file=member.name, problem=described(error))

    def _check_depth(self, source: Input, depth: int) -> None:
        if depth >= self._limits.archive_depth:
            problem = f"is an archive more than {self._limits.archive_depth} archives deep"
            raise ArchiveLimit(file=source.name, problem=problem)

    def _unzipped(self, source: Input, name: str, unpacked: Unpacked, depth: int) -> Input:
        """Unpacks a gzip file: as a stream if it is an export and no member, else in memory."""
        limits = self._limits
        whole = gzip_member(source, limits, limits.wordpress_megabytes)
        if depth == 0 and "wxr" in (source.kind, kind_of(name, whole.open)):
            return whole
        return in_memory(gzip_member(source, limits, limits.member_megabytes), limits, unpacked)

    def _articles(self, source: Input, name: str, seen: str) -> Iterator[Found]:
        """Reads ``source`` by the reader of its kind, within the limits of length."""
        reader = self._readers.get(source.kind)
        if reader is None:
            yield _unread(source)
            return
        if source.kind == seen and _is_surprise(name, seen):
            what = f"is {title_of(seen)}, whatever its ending says, and was read so"
            yield Remark(source.name, "", "wrong-ending", what)
        for found in reader(source, self._limits):
            yield from source.remarks
            source.remarks.clear()
            if isinstance(found, Article):
                yield self._kept(found, source)
            else:
                yield found
        yield from source.remarks

    def _kept(self, article: Article, source: Input) -> Found:
        """Truncates ``article`` and sets its collection; skips it if its address is excluded."""
        address = article.url or ""
        if not source.options.allows(address):
            member = "" if article.id == source.id else address or article.id
            return Skipped(article.source, member, "excluded", "is left out by the settings")
        found = fitted(cleaned(article), self._limits)
        if source.options.collection:
            found = replace(found, collection=source.options.collection)
        return found if found.title else EmptyDocument(file=article.source)


def _ignored(_name: str) -> None:
    """A :data:`NoteRolling` that does nothing."""


def _is_wanted(name: str, seen: str) -> bool:
    """True for a file of a directory to read; one with the ending of a page must be a page."""
    return ending(name) not in PAGE_ENDINGS or is_told_by_content(seen)


def _is_surprise(name: str, seen: str) -> bool:
    promised = expected_kind(name)
    return bool(promised) and promised != seen and (promised, seen) not in _EXPECTED


def _unread(source: Input) -> Found:
    if source.kind == "sitemap":
        message = "is a list of addresses; name the address of the site to read its pages"
        return Skipped(source.name, "", "sitemap", message)
    if source.kind == "xml" and not source.is_named:
        return Skipped(source.name, "", "foreign", "is XML of no known kind")
    return refusal(source.kind, source.name)
