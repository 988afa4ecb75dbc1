"""Finding the files of a SOURCE and the ids that their paths give."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.errors import SourceError, SourceNotFound, UnreadableFile

#: Endings that are read when a directory is walked; a file named itself may have any.
ENDINGS = frozenset({".txt", ".md"})
#: A file of this name tells of its directory and is no article.
_ABOUT = "readme"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: ``path`` as the user would name it, ``id`` from its path below SOURCE."""

    path: Path
    id: str


def find_files(sources: Sequence[Path]) -> Iterator[SourceFile | SourceError]:
    """The files of ``sources``, each once, directories in sorted order.

    Hidden files, READMEs, other endings and loops of links are passed over; what cannot be
    entered is yielded as its error. Raises SourceNotFound at once, before anything is read.
    """
    for each in sources:
        if not each.exists():
            raise SourceNotFound(source=shown(each))
    return _once(sources)


def shown(path: Path) -> str:
    """``path`` in one line that can be printed, whatever bytes its name has."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def _once(sources: Sequence[Path]) -> Iterator[SourceFile | SourceError]:
    seen: set[str] = set()
    for source in sources:
        named = Path(os.path.normpath(source))
        if not named.is_dir():
            found: Iterator[SourceFile | SourceError] = iter([_source_file(named, named.parent)])
        else:
            found = _walk(named, named, set())
        for each in found:
            if isinstance(each, SourceFile):
                real = os.path.realpath(each.path)
                if real in seen:
                    continue
                seen.add(real)
            yield each


def _walk(
    folder: Path, source: Path, entered: set[tuple[int, int]]
) -> Iterator[SourceFile | SourceError]:
    try:
        status = folder.stat()
        names = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        yield UnreadableFile(file=shown(folder), reason=error.strerror)
        return
    if (status.st_dev, status.st_ino) in entered:
        return
    entered.add((status.st_dev, status.st_ino))
    for name in names:
        path = folder / name
        if name.startswith(".") or path.stem.lower() == _ABOUT:
            continue
        if path.is_dir():
            yield from _walk(path, source, entered)
        elif path.suffix.lower() in ENDINGS and (path.is_file() or path.is_symlink()):
            yield _source_file(path, source)


def _source_file(path: Path, source: Path) -> SourceFile | SourceError:
    identity = path.relative_to(source).with_suffix("").as_posix()
    # Names come decomposed from some systems, with line breaks or undecodable bytes from others.
    if not identity.isprintable():
        reason = "its name holds unprintable characters; rename it"
        return UnreadableFile(file=shown(path), reason=reason)
    return SourceFile(path, unicodedata.normalize("NFC", identity))
