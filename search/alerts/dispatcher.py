"""Dispatches alert e-mails that are due: confirmations at once, new articles daily or weekly.

An attempt is recorded before an e-mail is sent, and its success after the server has accepted it.
If the program ends in between, the e-mail is sent again later with the same Message-ID: delivery is
at least once. Each alert is a transaction of its own.
"""

import contextlib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from search.alerts.alert_emails import MOST_ARTICLES, AlertEmailWriter
from search.alerts.alert_store import Alert, AlertStore
from search.alerts.mail_address import MailAddress
from search.alerts.saved_search import Frequency, SavedSearch
from search.alerts.smtp_delivery import EmailPostponed, MailboxRefused, SmtpDelivery
from search.errors import BadRequest, KlastriError, QueryTooBroad, QueryTooLong, SmtpFailed
from search.results import News
from search.service import SearchService

#: The hour of the day, in local time, from which e-mails are sent.
MORNING = timedelta(hours=6)
#: Alerts that find by meaning wait so long for the vectors of an article, from when it was added.
AWAITED = timedelta(days=2)
_DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class _Newcomers:
    """New articles, with the serial number of the run that first saw each.

    ``last`` is the last such number, ``awaited`` the first one of an article without vectors.
    """

    last: int
    serials: dict[str, int]
    awaited: int | None = None

    def until(self, search: SavedSearch) -> int:
        """The serial number up to which ``search`` can be executed."""
        return self.last if self.awaited is None or not search.request.meaning else self.awaited - 1


@dataclass
class Dispatched:
    """Counts of what a run sent; ``subjects`` are those of the e-mails with news.

    ``problem`` ended it early; the rest is sent next time. ``faults`` are unexpected exceptions, by
    type and line, without personal data; each stops one alert.
    """

    confirmations: int = 0
    emails: int = 0
    refused: int = 0
    postponed: int = 0
    unanswered: int = 0
    subjects: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    problem: SmtpFailed | None = None

    def summary(self) -> str:
        """The counts in one line."""
        counts = {
            "emails": self.emails,
            "confirmations": self.confirmations,
            "addresses refused": self.refused,
            "emails postponed": self.postponed,
            "searches not answered": self.unanswered,
        }
        always = ("emails", "confirmations")
        shown = (f"{what} {count}" for what, count in counts.items() if count or what in always)
        return ", ".join(shown)


class Dispatcher:
    """Sends the e-mails of ``store`` with what ``service`` finds.

    ``zone`` is the time zone, None for that of this machine.
    """

    def __init__(
        self,
        store: AlertStore,
        service: SearchService,
        emails: Callable[[], AlertEmailWriter],
        delivery: SmtpDelivery,
        clock: Callable[[], datetime],
        zone: tzinfo | None = None,
    ) -> None:
        self._store = store
        self._service = service
        self._emails = emails
        self._delivery = delivery
        self._clock = clock
        self._zone = zone

    def run(self) -> Dispatched:
        """Sends everything that is due. Raises AlertEmailsLocked, AlertsUnavailable, NoIndex."""
        done = Dispatched()
        if not self._store.exists:
            return done
        refused: set[str] = set()
        with self._store.sending(), self._delivery:
            writer = self._emails()
            try:
                self._send_confirmations(done, writer, refused)
                self._send_news(done, writer, refused)
            except SmtpFailed as error:
                done.problem = error
        return done

    def rehearse(self) -> Dispatched:
        """Dry run: what :meth:`run` would send now; nothing is sent or recorded."""
        done = Dispatched()
        if not self._store.exists:
            return done
        writer, now = self._emails(), self._clock()
        done.confirmations = len(self._store.unasked(now))
        due = self._due(now)
        newcomers = self._articles(due, keep=False)
        for alert, search in self._with_searches(due, done):
            with self._isolated(done):
                found = self._news(alert, search, newcomers)
                if found.total:
                    done.emails += 1
                    done.subjects.append(writer.news(alert, search, found, now)["Subject"])
        return done

    def _send_confirmations(
        self, done: Dispatched, writer: AlertEmailWriter, refused: set[str]
    ) -> None:
        for alert, search in self._with_searches(self._store.unasked(self._clock()), done):
            email = writer.confirmation(alert, search, self._clock())
            with self._attempt(alert, done, refused) as is_on:
                if is_on:
                    self._delivery.send(email, alert.address)
                    self._store.end_asking(alert)
                    done.confirmations += 1

    def _send_news(self, done: Dispatched, writer: AlertEmailWriter, refused: set[str]) -> None:
        due = self._due(self._clock())
        if not due:
            return
        newcomers = self._articles(due, keep=True)
        for alert, search in self._with_searches(due, done):
            serial = newcomers.until(search)
            if serial < newcomers.last and serial <= alert.serial:
                continue  # until its articles have vectors
            with self._isolated(done):
                found = self._news(alert, search, newcomers)
                if not found.total:
                    self._store.end_email(alert, serial, self._clock(), sent=False)
                    continue
                email = writer.news(alert, search, found, self._clock())
                with self._attempt(alert, done, refused) as is_on:
                    if is_on:
                        self._delivery.send(email, alert.address)
                        self._store.end_email(alert, serial, self._clock(), sent=True)
                        done.emails += 1
                        done.subjects.append(email["Subject"])

    @contextlib.contextmanager
    def _attempt(self, alert: Alert, done: Dispatched, refused: set[str]) -> Iterator[bool]:
        """Context manager: yields whether the e-mail may be sent, and handles its refusal."""
        key = MailAddress.parse(alert.address).key
        if key in refused:
            yield False
            return
        # Before the attempt is recorded: an unreachable server must not delay this e-mail further.
        self._delivery.open()
        try:
            yield self._store.begin_try(alert, self._clock())
        except MailboxRefused:
            refused.add(key)
            self._store.refuse(alert, self._clock())
            done.refused += 1
        except EmailPostponed:
            done.postponed += 1

    def _due(self, now: datetime) -> list[Alert]:
        return [
            each
            for each in self._store.in_force(now)
            if each.search is None
            or each.last is None
            or period(now, each.search.frequency, self._zone)
            > period(each.last, each.search.frequency, self._zone)
        ]

    def _with_searches(
        self, alerts: list[Alert], done: Dispatched
    ) -> Iterator[tuple[Alert, SavedSearch]]:
        """Alerts with their searches; those that can no longer be executed are only counted."""
        for each in alerts:
            if each.search is None:
                done.unanswered += 1
            else:
                yield each, each.search

    def _articles(self, due: list[Alert], *, keep: bool) -> _Newcomers:
        if not due:
            return _Newcomers(0, {})
        after = min(each.serial for each in due)
        last, news = self._store.note_articles(self._service.article_ids(), after, keep=keep)
        if not any(each.search and each.search.request.meaning for each in due):
            return _Newcomers(last, news)
        missing = self._service.without_vectors(news, self._clock() - AWAITED)
        return _Newcomers(last, news, min((news[each] for each in missing), default=None))

    def _news(self, alert: Alert, search: SavedSearch, newcomers: _Newcomers) -> News:
        until = newcomers.until(search)
        new = [id_ for id_, serial in newcomers.serials.items() if alert.serial < serial <= until]
        return self._service.news(search.request, new, MOST_ARTICLES, alert.since)

    @contextlib.contextmanager
    def _isolated(self, done: Dispatched) -> Iterator[None]:
        """Context manager: counts the failure of an alert, which does not stop the others."""
        try:
            yield
        except (BadRequest, QueryTooBroad, QueryTooLong):
            done.unanswered += 1
        except KlastriError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            done.faults.append(f"{kind} at {Path(place.filename).name}:{place.lineno}")


def period(moment: datetime, frequency: Frequency, zone: tzinfo | None) -> int:
    """Number of the day or the week, from Monday on, that ``moment`` belongs to.

    Days begin in the morning by local time, so that no clock change repeats or skips one.
    """
    day = (moment.astimezone(zone).replace(tzinfo=None) - MORNING).toordinal()
    return day if frequency == "daily" else (day - 1) // _DAYS_OF_WEEK
