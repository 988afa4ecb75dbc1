"""SQLite store of alerts, their subscribers and what was sent: the only place that holds addresses.

Each operation has a connection and a transaction of its own, so that the threads of ``serve`` and
the sending process need no coordination. Deleted data is overwritten (``secure_delete``).

For each article, by a hash of its id, the store has the serial number of the run that first saw it.
That decides which articles are new to an alert: the time when an article was *added* is lost when
an index is rebuilt in another format, and then all articles would be new to everybody.
"""

import contextlib
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from search.alerts import alerts_folder
from search.alerts.mail_address import MailAddress
from search.alerts.saved_search import (
    Frequency,
    SavedSearch,
    packed_request,
    unpacked_request,
)
from search.alerts.signed_links import LinkSigner, Purpose, new_handle
from search.errors import AlertEmailsLocked, AlertNotFound, AlertsUnavailable, TooManyOrders

#: Unconfirmed orders are deleted after this time.
CONFIRMABLE = timedelta(days=3)
#: Limits of confirmations to one mailbox in a day and in a month, and to all in a day, so that
#: nobody can be flooded with e-mails by others. A confirmation resets the count.
MOST_A_DAY = 3
MOST_A_MONTH = 6
MOST_OF_ALL_A_DAY = 500
#: Limit of alerts to one address.
MOST_OF_AN_ADDRESS = 50
#: An address is deleted after this number of consecutive refusals.
MOST_REFUSALS = 3
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=5), timedelta(hours=12)
_AFTER_REFUSAL = timedelta(hours=20)
_MONTH = timedelta(days=30)
_VERSION = 1
_TABLES = """
CREATE TABLE alerts (
    handle TEXT PRIMARY KEY, address TEXT NOT NULL, address_key TEXT NOT NULL,
    request TEXT NOT NULL, parameters TEXT NOT NULL, language TEXT NOT NULL,
    frequency TEXT NOT NULL, ordered REAL NOT NULL, is_asked INTEGER NOT NULL DEFAULT 0,
    confirmed REAL, last REAL, serial INTEGER NOT NULL DEFAULT 0, since REAL,
    tries INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0,
    refusals INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alerts_of_address ON alerts (address_key);
CREATE TABLE orders (person BLOB NOT NULL, at REAL NOT NULL, is_taken INTEGER NOT NULL);
CREATE TABLE articles (key INTEGER PRIMARY KEY, serial INTEGER NOT NULL);
CREATE TABLE serials (last INTEGER NOT NULL);
INSERT INTO serials VALUES (0);
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored alert.

    ``search`` is None if it can no longer be executed. ``serial`` is that of the last run whose
    articles it was matched with; before the first one, ``since`` is set, and only articles added
    later are new. ``last`` is when it was confirmed or last executed.
    """

    handle: str
    address: str = field(repr=False)  # kept out of logs and tracebacks
    ordered: datetime
    search: SavedSearch | None
    serial: int
    since: datetime | None
    last: datetime | None


class AlertStore:
    """The alerts of the index in ``index``; no file is made before the first order.

    Every method raises AlertsUnavailable if the file cannot be read or written.
    """

    def __init__(self, index: Path) -> None:
        self._index = index
        self._folder = alerts_folder(index)
        self._file = self._folder / "alerts.sqlite"

    @property
    def exists(self) -> bool:
        """False before the first order."""
        with self._failures():
            return self._file.exists()

    def signer(self) -> LinkSigner:
        """The signer of the links of e-mails."""
        with self._failures():
            self._make_folder()
            return LinkSigner.of_file(self._folder / "key")

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """Context manager: only one process may send at a time. Raises AlertEmailsLocked."""
        with self._failures():
            self._make_folder()
            file = (self._folder / "lock").open("w")
        with file:
            try:
                # The kernel releases this lock with the process.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise AlertEmailsLocked(index=self._index) from error
            yield

    # What readers do

    def order(self, address: MailAddress, search: SavedSearch, now: datetime) -> datetime | None:
        """Takes an order, to be confirmed. Raises TooManyOrders.

        Neither the answer nor its duration reveals whether the address is known or at its limit:
        there is one transaction, written in any case. Returns the time of the oldest order whose
        confirmation has not been tried, None if there is none.
        """
        person, at = self.signer().pseudonym(address.person), now.timestamp()
        with self._writing() as database:
            _expire(database, now)
            day, month = (now - timedelta(days=1)).timestamp(), (now - _MONTH).timestamp()
            if _count(database, "orders WHERE at > ?", day) >= MOST_OF_ALL_A_DAY:
                raise TooManyOrders
            taken = "orders WHERE is_taken AND person = ? AND at > ?"
            is_taken = (
                _count(database, taken, person, day) < MOST_A_DAY
                and _count(database, taken, person, month) < MOST_A_MONTH
                and _count(database, "alerts WHERE address_key = ?", address.key)
                < MOST_OF_AN_ADDRESS
            )
            database.execute("INSERT INTO orders VALUES (?, ?, ?)", (person, at, is_taken))
            waiting = "WHERE confirmed IS NULL AND NOT is_asked AND tries = 0"
            sql = f"SELECT min(ordered) FROM alerts {waiting}"  # noqa: S608 - from above
            (since,) = database.execute(sql).fetchone()
            if is_taken:
                _take(database, address, search, at)
            return _moment(since)

    def find(self, purpose: Purpose, token: str, now: datetime) -> Alert:
        """The alert of a signed link. Raises AlertNotFound."""
        if not self.exists:
            raise AlertNotFound
        handle = self.signer().handle(purpose, token)
        with self._reading() as database:
            rows = _alerts(
                database,
                "handle = ? AND (confirmed IS NOT NULL OR ordered > ?)",
                handle or "",
                (now - CONFIRMABLE).timestamp(),
            )
        if not rows:
            raise AlertNotFound
        return rows[0]

    def confirm(self, alert: Alert, since: datetime, now: datetime) -> None:
        """Confirms ``alert``, for articles added to the index after ``since``.

        It replaces another one of the same address for the same search.
        """
        person = self.signer().pseudonym(MailAddress.parse(alert.address).person)
        with self._writing() as database:
            changed = database.execute(
                "UPDATE alerts SET confirmed = ?, last = ?, since = ?, "
                "serial = (SELECT last FROM serials), tries = 0, next_try = 0 "
                "WHERE handle = ? AND confirmed IS NULL",
                (now.timestamp(), now.timestamp(), since.timestamp(), alert.handle),
            ).rowcount
            if changed:
                database.execute(
                    "DELETE FROM alerts WHERE handle != ?1 AND (address_key, request) = "
                    "(SELECT address_key, request FROM alerts WHERE handle = ?1)",
                    (alert.handle,),
                )
                database.execute("DELETE FROM orders WHERE person = ?", (person,))

    def stop(self, alert: Alert) -> None:
        """Deletes ``alert``."""
        with self._writing() as database:
            database.execute("DELETE FROM alerts WHERE handle = ?", (alert.handle,))

    def forget(self, address: MailAddress) -> int:
        """Deletes all data of ``address``; returns its number of alerts."""
        if not self.exists:
            return 0
        with self._writing() as database:
            sql = "DELETE FROM alerts WHERE address_key = ?"
            return database.execute(sql, (address.key,)).rowcount

    # What the sender does

    def unasked(self, now: datetime) -> list[Alert]:
        """Orders whose confirmation has not been sent; expired ones are deleted."""
        with self._writing() as database:
            _expire(database, now)
            return _alerts(
                database,
                "confirmed IS NULL AND NOT is_asked AND next_try <= ?",
                now.timestamp(),
            )

    def in_force(self, now: datetime) -> list[Alert]:
        """Confirmed alerts, without those that wait for a retry."""
        with self._reading() as database:
            where = "confirmed IS NOT NULL AND next_try <= ?"
            return _alerts(database, where, now.timestamp())

    def counts(self) -> tuple[int, int]:
        """Numbers of confirmed and of unconfirmed alerts."""
        if not self.exists:
            return 0, 0
        with self._reading() as database:
            in_force = _count(database, "alerts WHERE confirmed IS NOT NULL")
            return in_force, _count(database, "alerts WHERE confirmed IS NULL")

    def note_articles(
        self, ids: Collection[str], after: int, *, keep: bool = True
    ) -> tuple[int, dict[str, int]]:
        """Assigns a serial number to the new articles among ``ids``; returns the last one.

        Also those of ``ids`` with serial numbers above ``after``, each with its own. Nothing is
        written unless ``keep``.
        """
        keys = {each: _article_key(each) for each in ids}
        with self._writing(keep=keep) as database:
            (last,) = database.execute("SELECT last FROM serials").fetchone()
            before = database.total_changes
            rows = ((key, last + 1) for key in keys.values())
            database.executemany("INSERT OR IGNORE INTO articles VALUES (?, ?)", rows)
            if database.total_changes > before:
                last += 1
                database.execute("UPDATE serials SET last = ?", (last,))
            sql = "SELECT key, serial FROM articles WHERE serial > ?"
            serials = dict(database.execute(sql, (after,)).fetchall())
        return last, {each: serials[key] for each, key in keys.items() if key in serials}

    def begin_try(self, alert: Alert, now: datetime) -> bool:
        """Records an attempt before an e-mail is sent; False if the alert has been deleted.

        So retries back off exponentially even if the program crashes each time.
        """
        with self._writing() as database:
            row = database.execute("SELECT tries FROM alerts WHERE handle = ?", (alert.handle,))
            found = row.fetchone()
            if found is None:
                return False
            wait = min(_FIRST_RETRY * 2 ** min(found[0], 10), _LAST_RETRY)
            database.execute(
                "UPDATE alerts SET tries = tries + 1, next_try = ? WHERE handle = ?",
                ((now + wait).timestamp(), alert.handle),
            )
            return True

    def end_asking(self, alert: Alert) -> None:
        """Records that the confirmation of ``alert`` was accepted for delivery."""
        with self._writing() as database:
            database.execute(
                "UPDATE alerts SET is_asked = 1, tries = 0 WHERE handle = ?", (alert.handle,)
            )

    def end_email(self, alert: Alert, serial: int, now: datetime, *, sent: bool) -> None:
        """Records that ``alert`` is done up to ``serial``, with an e-mail if ``sent``."""
        with self._writing() as database:
            database.execute(
                "UPDATE alerts SET last = ?, serial = ?, since = NULL, tries = 0, next_try = 0 "
                "WHERE handle = ?",
                (now.timestamp(), serial, alert.handle),
            )
            if sent:
                database.execute(
                    "UPDATE alerts SET refusals = 0 WHERE address_key = "
                    "(SELECT address_key FROM alerts WHERE handle = ?)",
                    (alert.handle,),
                )

    def refuse(self, alert: Alert, now: datetime) -> None:
        """Records that ``alert`` has no mailbox; after several times its address is deleted.

        An unconfirmed order is deleted at once: its address was mistyped, or made up.
        """
        key = MailAddress.parse(alert.address).key
        with self._writing() as database:
            database.execute(
                "DELETE FROM alerts WHERE handle = ? AND confirmed IS NULL", (alert.handle,)
            )
            database.execute(
                "UPDATE alerts SET refusals = refusals + 1, next_try = ? WHERE address_key = ?",
                ((now + _AFTER_REFUSAL).timestamp(), key),
            )
            database.execute(
                "DELETE FROM alerts WHERE address_key = ? AND refusals >= ?", (key, MOST_REFUSALS)
            )

    # The file

    @contextlib.contextmanager
    def _writing(self, *, keep: bool = True) -> Iterator[sqlite3.Connection]:
        with self._failures():
            self._make_folder()
            # SQLite would make the file readable for others.
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
            with contextlib.closing(self._connected()) as database:
                database.execute("BEGIN IMMEDIATE")
                try:
                    self._check_version(database)
                    yield database
                    database.execute("COMMIT" if keep else "ROLLBACK")
                finally:
                    if database.in_transaction:
                        database.execute("ROLLBACK")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not (self.exists and self._file.stat().st_size):
            with self._writing():
                pass
        with self._failures(), contextlib.closing(self._connected()) as database:
            self._check_version(database)
            yield database

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        database.execute("PRAGMA secure_delete = ON")
        return database

    def _check_version(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version == 0 and database.in_transaction:
            for each in filter(str.strip, _TABLES.split(";")):
                database.execute(each)
            database.execute(f"PRAGMA user_version = {_VERSION}")
        elif version != _VERSION:
            raise sqlite3.DatabaseError(f"its form {version} is another version's")

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Context manager: turns failures into AlertsUnavailable with a short reason."""
        try:
            yield
        except (OSError, sqlite3.Error, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise AlertsUnavailable(index=self._index, reason=reason) from error


def _take(
    database: sqlite3.Connection, address: MailAddress, search: SavedSearch, at: float
) -> None:
    """Inserts an order, or updates an equal one, not yet confirmed, which keeps its link."""
    new = {
        "handle": new_handle(),
        "address": address.text,
        "address_key": address.key,
        "request": packed_request(search.request),
        "parameters": search.parameters,
        "language": search.language,
        "frequency": search.frequency,
        "ordered": at,
    }
    again = database.execute(
        "UPDATE alerts SET address = :address, parameters = :parameters, language = :language, "
        "frequency = :frequency, ordered = :ordered, is_asked = 0 "
        "WHERE address_key = :address_key AND request = :request AND confirmed IS NULL",
        new,
    )
    if not again.rowcount:
        columns = ", ".join(new)
        values = ", ".join(f":{each}" for each in new)
        sql = f"INSERT INTO alerts ({columns}) VALUES ({values})"  # noqa: S608 - names from above
        database.execute(sql, new)


def _alerts(database: sqlite3.Connection, where: str, *values: object) -> list[Alert]:
    columns = (
        "handle, address, ordered, request, parameters, language, frequency, serial, since, last"
    )
    # ``where`` is a constant of this module.
    sql = f"SELECT {columns} FROM alerts WHERE {where} ORDER BY ordered, handle"  # noqa: S608
    return [_alert(*row) for row in database.execute(sql, values).fetchall()]


def _alert(
    handle: str,
    address: str,
    ordered: float,
    request: str,
    parameters: str,
    language: str,
    frequency: Frequency,
    serial: int,
    since: float | None,
    last: float | None,
) -> Alert:
    try:
        search = SavedSearch(unpacked_request(request), parameters, language, frequency)
    except Exception:  # stored by a version that had other parameters
        search = None
    at = datetime.fromtimestamp(ordered, UTC)
    return Alert(handle, address, at, search, serial, _moment(since), _moment(last))


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _expire(database: sqlite3.Connection, now: datetime) -> None:
    """Deletes expired orders, and counts that no longer matter."""
    old = (now - CONFIRMABLE).timestamp()
    database.execute("DELETE FROM alerts WHERE confirmed IS NULL AND ordered <= ?", (old,))
    database.execute("DELETE FROM orders WHERE at <= ?", ((now - _MONTH).timestamp(),))


def _count(database: sqlite3.Connection, of: str, *values: Any) -> int:
    # ``of`` is a constant of this module.
    (count,) = database.execute(f"SELECT count(*) FROM {of}", values).fetchone()  # noqa: S608
    return int(count)


def _article_key(article_id: str) -> int:
    digest = hashlib.blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
