"""HTTP cache of fetched pages in SQLite, for conditional requests and resumed crawls.

Every page is committed by itself, so that an interrupted crawl is resumed where it ended. A damaged
file is replaced by an empty one.
"""

import contextlib
import fcntl
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from search.errors import StoreLocked

_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS pages (
    address TEXT PRIMARY KEY, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
    asked REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS listed (
    source TEXT, address TEXT, PRIMARY KEY (source, address)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS crawls (source TEXT PRIMARY KEY, started REAL NOT NULL);
"""
#: The low byte of SQLite's codes for a damaged file, and for one that is no database.
_DAMAGED = frozenset((11, 26))
_LOCK = "web.lock"


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A stored answer; ``asked`` is when it was last validated."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: float


class PageStore:
    """Stored pages by address, in ``file``; in memory only if that is None.

    With ``keeps`` False the file is only read, and new pages are in memory. ``notes`` has a line
    for each problem with the file.
    """

    def __init__(self, file: Path | None = None, *, keeps: bool = True) -> None:
        self._file = file
        self._keeps = keeps and file is not None
        self._database: sqlite3.Connection | None = None
        self._lock: IO[str] | None = None
        self.notes: list[str] = []

    def open(self, name: str) -> None:
        """Opens the file; only one process may. Raises StoreLocked of the source ``name``."""
        if self._database is not None:
            return
        if self._keeps and self._file is not None:
            try:
                self._take_lock(self._file.parent / _LOCK, name)
            except OSError as error:
                self._disable(error.strerror or "input error")
        try:
            self._database = self._connect()
        except sqlite3.DatabaseError as error:
            self._recover(error)

    def close(self) -> None:
        """Closes the file, and releases its lock."""
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def page(self, address: str) -> StoredPage | None:
        """The stored page at ``address``; None without one."""
        query = "SELECT status, headers, body, asked FROM {} WHERE address = ?"
        for row in self._rows(query, "pages", (address,)):
            status, headers, body, asked = row
            try:
                return StoredPage(status, json.loads(headers), zlib.decompress(body), asked)
            except (ValueError, zlib.error, TypeError):
                return None  # it is fetched again
        return None

    def keep(self, address: str, page: StoredPage) -> None:
        """Stores ``page``, replacing an earlier one at ``address``."""
        packed = zlib.compress(page.body, 6)
        headers = json.dumps(dict(page.headers), ensure_ascii=False)
        self._write(
            "INSERT OR REPLACE INTO main.pages VALUES (?, ?, ?, ?, ?)",
            [(address, page.status, headers, packed, page.asked)],
        )

    def touch(self, address: str, page: StoredPage, asked: float) -> None:
        """Records that ``page`` was validated: it has not changed."""
        if self._keeps:
            statement = "UPDATE main.pages SET asked = ? WHERE address = ?"
            self._write(statement, [(asked, address)])
        else:
            self.keep(address, StoredPage(page.status, page.headers, page.body, asked))

    def listed(self, source: str) -> list[str]:
        """Addresses that ``source`` has ever listed."""
        query = "SELECT address FROM {} WHERE source = ? ORDER BY address"
        return list(dict.fromkeys(row[0] for row in self._rows(query, "listed", (source,))))

    def status(self, address: str) -> int:
        """Status of the stored answer at ``address``; 0 without one."""
        query = "SELECT status FROM {} WHERE address = ?"
        return next((int(row[0]) for row in self._rows(query, "pages", (address,))), 0)

    def note_listed(self, source: str, addresses: Iterable[str]) -> None:
        """Adds to the addresses that ``source`` has listed."""
        rows = [(source, each) for each in addresses]
        self._write("INSERT OR IGNORE INTO main.listed VALUES (?, ?)", rows)

    def begun(self, source: str) -> float | None:
        """Start of the unfinished crawl of ``source``; None without one."""
        query = "SELECT started FROM {} WHERE source = ?"
        return next((float(row[0]) for row in self._rows(query, "crawls", (source,))), None)

    def begin(self, source: str, now: float) -> None:
        """Records the start of a crawl of ``source``."""
        self._write("INSERT OR REPLACE INTO main.crawls VALUES (?, ?)", [(source, now)])

    def end(self, source: str) -> None:
        """Records the end of the crawl of ``source``."""
        self._write("DELETE FROM main.crawls WHERE source = ?", [(source,)])

    def _rows(self, query: str, table: str, values: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """Rows of ``table``: those in memory, then those of a read-only file."""
        places = ["main"] if self._keeps or self._file is None else ["main", "kept"]
        for place in places:
            try:
                rows = self._open_database().execute(query.format(f"{place}.{table}"), values)
                yield from rows.fetchall()
            except sqlite3.DatabaseError as error:
                if place == "main":
                    self._recover(error)

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            database = self._open_database()
            with database:
                database.executemany(statement, rows)
        except sqlite3.DatabaseError as error:
            self._recover(error)
            with contextlib.suppress(sqlite3.DatabaseError):
                self._open_database().executemany(statement, rows)

    def _open_database(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = self._connect()
        return self._database

    def _connect(self) -> sqlite3.Connection:
        place = str(self._file) if self._keeps else ":memory:"
        uri = place == ":memory:"  # needed to attach another file by URI
        database = sqlite3.connect(place, timeout=10, check_same_thread=False, uri=uri)
        try:
            if self._keeps:
                (version,) = database.execute("PRAGMA user_version").fetchone()
                if version not in (0, _VERSION):
                    raise sqlite3.DatabaseError(f"version {version}")
                database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_TABLES)
            database.execute(f"PRAGMA user_version = {_VERSION}")
            if not self._keeps and self._file is not None and self._file.is_file():
                kept = f"{self._file.absolute().as_uri()}?mode=ro"
                with contextlib.suppress(sqlite3.DatabaseError):
                    database.execute("ATTACH ? AS kept", (kept,))
        except BaseException:
            database.close()
            raise
        return database

    def _take_lock(self, file: Path, name: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # The kernel releases this lock with the process. A lock on the SQLite file itself would
        # interfere with its own locks.
        lock = file.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise StoreLocked(file=name) from error
        self._lock = lock

    def _recover(self, error: sqlite3.DatabaseError) -> None:
        """Recreates a damaged file; continues without one that cannot be written."""
        if self._database is not None:
            self._database.close()
            self._database = None
        code = getattr(error, "sqlite_errorcode", None)
        is_damaged = code is None or code & 0xFF in _DAMAGED
        if not self._keeps or self._file is None or not is_damaged:
            self._disable(str(error))
        else:
            self.notes.append(f"was damaged ({error}) and is begun anew; pages are fetched again")
            try:
                for ending in ("", "-journal", "-wal", "-shm"):
                    Path(f"{self._file}{ending}").unlink(missing_ok=True)
            except OSError as reason:
                self._disable(reason.strerror or "input error")
        try:
            self._database = self._connect()
        except sqlite3.DatabaseError as again:
            self._disable(str(again))
            self._database = self._connect()

    def _disable(self, reason: str) -> None:
        self.notes.append(f"cannot be used ({reason}); pages are not kept")
        self._keeps = False
        self._file = None
