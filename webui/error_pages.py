"""Error handlers: HTML pages for people, JSON for the API."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from search.errors import KlastriError
from search.results import Mark
from webui.components import TextSegment, segments
from webui.context import localisation, rendered, root
from webui.localisation import Localisation
from webui.parameters import SearchState

RETRY_SECONDS = 30
_COMMAND = re.compile(r"klastriotsing [a-z]+(?: SOURCE)?")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """View model of an error page; commands to run are marked in ``message``."""

    status: int
    title: str
    message: tuple[TextSegment, ...]


def register_errors(app: Flask) -> None:
    """Registers the error handlers of ``app``."""
    app.register_error_handler(KlastriError, _klastri_error)
    app.register_error_handler(HTTPException, _http_error)


def _klastri_error(error: KlastriError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.warning("%s: %s", error.code, error)
    return _answer(error.status, error.code, localisation().error(_public(error)))


def _public(error: KlastriError) -> KlastriError:
    """``error`` without paths of this machine.

    Whoever serves the site finds the whole path in the log.
    """
    index = Path(str(error.values.get("index", "")))
    if not index.is_absolute():
        return error
    values = {
        name: value.replace(str(index), index.name) if isinstance(value, str) else value
        for name, value in error.values.items()
    }
    return type(error)(**{**values, "index": index.name})


def _http_error(error: HTTPException) -> Response:
    """Handles Flask's own errors and, as 500, unexpected exceptions."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    here = localisation()
    messages = {
        HTTPStatus.BAD_REQUEST: here.gettext("The request cannot be understood"),
        HTTPStatus.NOT_FOUND: here.gettext("There is nothing at this address"),
        HTTPStatus.METHOD_NOT_ALLOWED: here.gettext("This address can only be read"),
        HTTPStatus.INTERNAL_SERVER_ERROR: here.gettext(
            "The fault is ours, not yours; it has been written down. Try again in a moment"
        ),
    }
    status = HTTPStatus(error.code)
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    fallback = HTTPStatus.INTERNAL_SERVER_ERROR if ours else HTTPStatus.BAD_REQUEST
    message = messages.get(status, messages[fallback])
    answer = _answer(status, status.phrase.lower().replace(" ", "-"), message)
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _answer(status: int, code: str, message: str) -> Response:
    if request.path.startswith("/api/") or request.path in ("/api", "/healthz"):
        answer = jsonify(error={"code": code, "message": message})
    else:
        here = localisation()
        page = ErrorPage(status, _title(status, here), _segments(message))
        # Where there is nothing to search, a search box would only lead back here.
        ready = status != HTTPStatus.SERVICE_UNAVAILABLE
        state = _asked() if ready else None
        text = rendered("error.html", page=page, state=state)
        answer = Response(text, mimetype="text/html")
    answer.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _asked() -> SearchState:
    """The refused query, to be mended in the box; not one too long for it."""
    state = SearchState.at_start(root())
    try:
        return state.with_query(request.args.get("q", "").strip())
    except KlastriError:
        return state


def _title(status: int, here: Localisation) -> str:
    titles = {
        HTTPStatus.BAD_REQUEST: here.gettext("This cannot be searched"),
        HTTPStatus.NOT_FOUND: here.gettext("Page not found"),
        HTTPStatus.METHOD_NOT_ALLOWED: here.gettext("This cannot be done"),
        HTTPStatus.SERVICE_UNAVAILABLE: here.gettext("The search is not ready"),
    }
    return titles.get(HTTPStatus(status), here.gettext("Something went wrong"))


def _segments(message: str) -> tuple[TextSegment, ...]:
    """``message`` split so that its commands are marked."""
    marks = [Mark(*each.span()) for each in _COMMAND.finditer(message)]
    is_whole = message[-1:] in ".!?…" or (bool(marks) and marks[-1].end == len(message))
    return segments(message if is_whole else f"{message}.", marks)
