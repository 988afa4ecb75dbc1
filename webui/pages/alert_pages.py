"""Alert pages: subscribe to a search, confirm, unsubscribe, delete an address.

Links in e-mails open pages that only show a button, so that link scanners neither confirm nor stop
anything. The answer to an order is the same whether the address is known or not.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from search.alerts.alert_emails import PATHS
from search.alerts.alert_store import Alert, AlertStore
from search.alerts.mail_address import LONGEST, MailAddress
from search.alerts.saved_search import FREQUENCIES, Frequency, SavedSearch, title_of
from search.alerts.signed_links import Purpose
from search.errors import (
    AlertNotFound,
    AlertsUnavailable,
    BadRequest,
    ForeignForm,
    MailAddressRefused,
    TooManyOrders,
)
from search.request import SearchRequest
from webui.addresses.parameters import SearchState
from webui.components import Link
from webui.context import localisation, rendered, root, site
from webui.pages.csrf import is_same_site_form

#: An order for which nothing was tried for this long means that the dispatcher is not running.
_PATIENCE = timedelta(hours=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FormButton:
    """A button that posts to ``url``."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class AlertPage:
    """View model of a page about an alert: its texts and buttons.

    ``is_form`` shows the order form, with the ``typed`` text and the ``complaint`` about it.
    """

    heading: str
    lines: tuple[str, ...] = ()
    buttons: tuple[FormButton, ...] = ()
    links: tuple[Link, ...] = ()
    is_form: bool = False
    typed: str = ""
    frequency: Frequency = "daily"
    complaint: str = ""


class AlertPages:
    """Routes below ``/tellimus``; ``clock`` returns the time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def blueprint(self) -> Blueprint:
        """Blueprint of the routes."""
        pages = Blueprint("alert_pages", __name__)
        pages.add_url_rule("/tellimus", "form", self.form)
        pages.add_url_rule("/tellimus", "order", self.order, methods=["POST"])
        pages.add_url_rule("/tellimus/saadetud", "ordered", self.ordered)
        answers = {"confirm": self.confirm, "stop": self.stop, "forget": self.forget}
        for purpose, path in PATHS.items():
            rule, show = f"/{path}<token>", getattr(self, f"show_{purpose}")
            pages.add_url_rule(rule, f"show_{purpose}", show)
            pages.add_url_rule(rule, purpose, answers[purpose], methods=["POST"])
        pages.before_request(_check_is_on)
        pages.register_error_handler(AlertsUnavailable, _unavailable)
        pages.register_error_handler(AlertNotFound, _not_found)
        return pages

    def form(self) -> str:
        """Page of the subscription form."""
        asked = SearchState.from_parameters(request.args, root(), site().languages)
        return _form(asked)

    def order(self) -> BaseResponse:
        """Takes a subscription; the answer does not reveal whether a confirmation is sent."""
        if not is_same_site_form():
            raise ForeignForm
        here, fields = localisation(), request.form
        state = SearchState.from_parameters(fields, root(), site().languages)
        asked = _by_words(state.as_asked().in_language(here.language))
        frequency = _frequency(fields)
        typed = fields.get("email", "")
        try:
            address = MailAddress.parse(typed)
        except MailAddressRefused as error:
            form = _form(asked, typed[:LONGEST], frequency, here.error(error))
            return make_response(form, HTTPStatus.BAD_REQUEST)
        # Reject orders of a search that cannot be run.
        site().service.search(asked.request, here.language, facets=())
        parameters = urlsplit(asked.sort_url("newest")).query
        search = SavedSearch(asked.request, parameters, here.language, frequency)
        now = self._clock()
        try:
            since = _store().order(address, search, now)
        except TooManyOrders as error:
            page = AlertPage(
                here.gettext("No more today"), (here.error(error),), links=_feed(asked)
            )
            return make_response(_shown(page, asked), HTTPStatus.TOO_MANY_REQUESTS)
        if since and now - since > _PATIENCE:
            current_app.logger.warning(
                "Alerts have waited for their confirmation since %s: "
                "is klastriotsing alerts run by cron?",
                since.isoformat(timespec="minutes"),
            )
        sent = f"{root()}tellimus/saadetud?lang={here.language}"
        return redirect(sent, HTTPStatus.SEE_OTHER)

    def ordered(self) -> str:
        """Page that answers every subscription."""
        here = localisation()
        lines = (
            here.gettext(
                "An e-mail comes to your mailbox in a few minutes. The link in it confirms the "
                "alert and is good for three days; before that nothing is sent."
            ),
            here.gettext(
                "If none comes, look in the spam folder, and check that the address was "
                "right. One address is sent three confirmations a day at most."
            ),
        )
        return _shown(AlertPage(here.gettext("Look into your mailbox"), lines))

    def show_confirm(self, token: str) -> str:
        """Page of a confirmation link."""
        here, alert = localisation(), self._find("confirm", token)
        page = AlertPage(
            here.gettext("Confirm the alert"),
            (_named(alert),),
            (FormButton(here.gettext("Confirm"), _path("confirm", token)),),
        )
        return _shown(page)

    def confirm(self, token: str) -> str:
        """Confirms an alert."""
        here, alert = localisation(), self._find("confirm", token)
        now = self._clock()
        _store().confirm(alert, min(_newest(), now), now)
        lines = (
            _named(alert),
            here.gettext(
                "The first e-mail comes when there is something new. Every e-mail has a link that "
                "stops the alert, and one that has your address deleted."
            ),
        )
        return _shown(
            AlertPage(here.gettext("The alert is confirmed"), lines, links=_results(alert))
        )

    def show_stop(self, token: str) -> str:
        """Page of an unsubscribe link."""
        here, alert = localisation(), self._find("stop", token)
        everything = _store().signer().token("forget", alert.handle)
        page = AlertPage(
            here.gettext("Stop the alert"),
            (_named(alert),),
            (
                FormButton(here.gettext("Stop this alert"), _path("stop", token)),
                FormButton(here.gettext("Delete my address"), _path("forget", everything)),
            ),
        )
        return _shown(page)

    def stop(self, token: str) -> str | Response:
        """Stops an alert: by the button, or by one click in the mail program (RFC 8058)."""
        is_one_click = request.form.get("List-Unsubscribe") == "One-Click"
        here = localisation()
        try:
            alert = self._find("stop", token)
        except AlertNotFound:
            if is_one_click:
                return Response(status=HTTPStatus.OK)  # it is already stopped
            raise
        _store().stop(alert)
        lines = (_named(alert), here.gettext("No more e-mails come for this search."))
        return _shown(AlertPage(here.gettext("The alert is stopped"), lines, links=_results(alert)))

    def show_forget(self, token: str) -> str:
        """Page of a deletion link."""
        here = localisation()
        self._find("forget", token)
        lines = (here.gettext("All alerts of this address are stopped, and it is kept no longer."),)
        button = FormButton(here.gettext("Delete my address"), _path("forget", token))
        return _shown(AlertPage(here.gettext("Delete my address"), lines, (button,)))

    def forget(self, token: str) -> str:
        """Deletes all data of an e-mail address."""
        here, alert = localisation(), self._find("forget", token)
        count = _store().forget(MailAddress.parse(alert.address))
        lines = (
            here.ngettext("{count} alert was stopped.", "{count} alerts were stopped.", count),
        )
        page = AlertPage(here.gettext("Your address is deleted"), lines, links=_start())
        return _shown(page)

    def _find(self, purpose: Purpose, token: str) -> Alert:
        return _store().find(purpose, token, self._clock())


def _check_is_on() -> None:
    if site().configuration.smtp is None:
        abort(HTTPStatus.NOT_FOUND)


def _store() -> AlertStore:
    return AlertStore(site().configuration.index)


def _by_words(asked: SearchState) -> SearchState:
    """``asked`` without search by meaning, unless it explicitly has it."""
    if asked.meaning or not site().service.finds_by_meaning:
        return replace(asked, request=replace(asked.request, meaning=bool(asked.meaning)))
    return asked.by_meaning(False)


def _frequency(fields: "MultiDict[str, str]") -> Frequency:
    asked = fields.get("frequency", FREQUENCIES[0])
    for each in FREQUENCIES:
        if asked == each:
            return each
    raise BadRequest(value=asked[:40], name="frequency", remedy="Use daily or weekly")


def _newest() -> datetime:
    """When the newest article was added to the index."""
    hits = site().service.search(SearchRequest(sort="added", page_size=1), facets=()).hits
    return (hits[0].added if hits else None) or _LONG_AGO


def _named(alert: Alert) -> str:
    """Describes the search of an alert, and how often it is sent."""
    here, search = localisation(), alert.search
    if search is None:
        return ""

    def label(area: str) -> str:
        return site().service.area_label(area, here.language)

    title = title_of(search.request, label, here.translator)
    if search.frequency == "weekly":
        return here.gettext("“{search}”, once a week at most", search=title)
    return here.gettext("“{search}”, once a day at most", search=title)


def _results(alert: Alert) -> tuple[Link, ...]:
    here = localisation()
    parameters = alert.search.parameters if alert.search else ""
    return (Link(here.gettext("See the results"), f"{root()}?{parameters}"),)


def _start() -> tuple[Link, ...]:
    here = localisation()
    state = SearchState.at_start(root()).in_language(here.language)
    return (Link(here.gettext("See the newest articles"), state.url),)


def _feed(asked: SearchState) -> tuple[Link, ...]:
    return (Link(localisation().gettext("New articles as a feed"), asked.feed_url),)


def _path(purpose: Purpose, token: str) -> str:
    return f"{root()}{PATHS[purpose]}{token}?lang={localisation().language}"


def _form(
    asked: SearchState, typed: str = "", frequency: Frequency = "daily", complaint: str = ""
) -> str:
    here = localisation()

    def label(area: str) -> str:
        return site().service.area_label(area, here.language)

    title = title_of(asked.request, label, here.translator)
    page = AlertPage(
        here.gettext("Get alerts for this search"),
        (here.gettext("“{search}”", search=title),),
        is_form=True,
        typed=typed,
        frequency=frequency,
        complaint=complaint,
    )
    return _shown(page, asked)


def _shown(page: AlertPage, asked: SearchState | None = None) -> str:
    state = asked or SearchState.at_start(root()).in_language(localisation().language)
    languages = {}
    if request.method == "GET":
        kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
        for each in site().languages:
            parameters = urlencode([*kept, ("lang", each)])
            languages[each] = f"{root()}{request.path[1:]}?{parameters}"
    return rendered("alert.html", page=page, state=state, languages=languages)


def _unavailable(error: AlertsUnavailable) -> BaseResponse:
    """Page for an unusable alert store; the reason is logged for the operator."""
    current_app.logger.warning("%s: %s", error.code, error)
    here = localisation()
    lines = (
        here.gettext(
            "Orders cannot be kept at the moment; the fault is ours. Searching works as before, "
            "and new articles also come as a feed."
        ),
    )
    feed = _feed(SearchState.at_start(root()).in_language(here.language))
    page = AlertPage(here.gettext("Alerts cannot be changed now"), lines, links=feed)
    return make_response(_shown(page), HTTPStatus.SERVICE_UNAVAILABLE)


def _not_found(error: AlertNotFound) -> BaseResponse:
    """Page for an e-mail link to no alert; for a stopped one that is the wanted result."""
    here = localisation()
    lines = (f"{here.error(error)}.",)
    page = AlertPage(here.gettext("There is no such alert"), lines, links=_start())
    return make_response(_shown(page), HTTPStatus.NOT_FOUND)
