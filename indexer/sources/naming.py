"""Selects the files of a directory or archive by their names, and derives ids from them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from indexer.sources.kinds import ENDINGS, PAGE_ENDINGS

#: A file with this name describes its directory, and is no article.
_ABOUT = "readme"
#: Prefixes of temporary and hidden files.
_LEFT_BEHIND = ("~$", ".", "__MACOSX")
#: A browser saves the pictures of ``uudis.html`` in a directory of that name.
_SAVED_WITH = ("_files", "_failid", ".files")
_PAGES = (".html", ".htm", ".xhtml")
#: Ids of these never include the ending, for compatibility with the first version.
_FIRST = (".txt", ".md")


def may_be_read(name: str) -> bool:
    """True for a file that may hold articles, by its ``name`` alone."""
    if name.startswith(_LEFT_BEHIND) or PurePosixPath(name).stem.lower() == _ABOUT:
        return False
    return ending(name) in ENDINGS or ending(name) in PAGE_ENDINGS


def may_be_entered(name: str, beside: Collection[str]) -> bool:
    """True for a directory to walk; ``beside`` are the names in the directory that holds it."""
    if name.startswith(_LEFT_BEHIND):
        return False
    page = next((name.removesuffix(each) for each in _SAVED_WITH if name.endswith(each)), None)
    return page is None or not any(
        f"{page}{each}" in beside for each in (".html", ".htm", ".xhtml")
    )


def ending(name: str) -> str:
    """The ending of a file name in small letters, without the query of a mirrored page."""
    return PurePosixPath(name.partition("?")[0]).suffix.lower()


def identities(names: Iterable[str]) -> Mapping[str, str]:
    """Derives the id of each file of one directory that may be read: its name without ending.

    Of files that differ only in the ending, the first has that id, the others keep their endings.
    """
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda each: (ending(each) not in _FIRST, each)):
        stem = _stem(name)
        is_clear = ending(name) in _FIRST or (stem not in taken and "?" not in name)
        ids[name] = stem if is_clear else name
        taken.add(stem)
    return ids


def _stem(name: str) -> str:
    """``name`` without its ending; of ``a.xml.gz`` without both."""
    path = PurePosixPath(name).with_suffix("")
    return str(path.with_suffix("") if name.lower().endswith(".gz") else path)


def chosen(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields path and id of each file of an archive that may be read, sorted."""
    folders: dict[str, set[str]] = {}
    for path in paths:
        steps = path.split("/")
        for depth, step in enumerate(steps):
            folders.setdefault("/".join(steps[:depth]), set()).add(step)
    for path in sorted(folders[""]) if folders else ():
        yield from _chosen_below(path, "", folders)


def _chosen_below(
    name: str, folder: str, folders: Mapping[str, set[str]]
) -> Iterator[tuple[str, str]]:
    path = f"{folder}/{name}" if folder else name
    if path in folders:
        if may_be_entered(name, folders[folder]):
            for each in sorted(folders[path]):
                yield from _chosen_below(each, path, folders)
    elif may_be_read(name):
        readable = [each for each in folders[folder] if may_be_read(each)]
        identity = identities(readable)[name]
        yield path, f"{folder}/{identity}" if folder else identity
