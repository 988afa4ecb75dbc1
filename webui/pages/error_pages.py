"""Error handlers: HTML pages for people, JSON for the API."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from search.engine_errors import EngineError
from search.errors import IndexDamaged, KlastriError, NoIndex, QueryTooLong
from search.results import Mark
from webui.addresses.parameters import SearchState
from webui.components import TextSegment, segments
from webui.context import localisation, rendered, root, site
from webui.localisation import Localisation

RETRY_SECONDS = 30
_COMMAND = re.compile(r"klastriotsing [a-z]+(?: [A-Z]+)?")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """View model of an error page; commands to run are marked.

    ``message`` is for readers, ``to_owner`` for the operator, who alone can solve the problem.
    ``typed`` is the text of the search box: the query as typed, even if it is too long.
    """

    status: int
    title: str
    message: tuple[TextSegment, ...]
    typed: str
    to_owner: tuple[TextSegment, ...] = ()


def register_errors(app: Flask) -> None:
    """Registers the error handlers of ``app``."""
    app.register_error_handler(KlastriError, _klastri_error)
    app.register_error_handler(HTTPException, _http_error)


def _klastri_error(error: KlastriError) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        current_app.logger.warning("%s: %s", error.code, error)
    message = localisation().error(_public(error))
    to_owner = ""
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE and not _is_for_programs():
        message, to_owner = _told_to_readers(error), _told_to_owners(error, message)
    return _answer(error.status, error.code, message, to_owner)


def _told_to_readers(error: KlastriError) -> str:
    here = localisation()
    if isinstance(error, NoIndex):
        return here.gettext("There are no articles here yet. Look again later")
    return here.gettext("The fault is ours, not yours. Try again in a while")


def _told_to_owners(error: KlastriError, message: str) -> str:
    if isinstance(error, IndexDamaged):  # without the name of the file
        return localisation().gettext(
            "The index is damaged; klastriotsing doctor says where. Go back with "
            "klastriotsing rollback, or build it again: klastriotsing reindex SOURCE"
        )
    return message


def _public(error: KlastriError) -> KlastriError:
    """Public form of ``error``: without local paths and internal addresses.

    The operator finds these in the log.
    """
    if isinstance(error, EngineError):
        server = str(error.values["server"]).partition(" at ")[0]
        return type(error)(**{**error.values, "server": server})
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


def _is_for_programs() -> bool:
    return request.path.startswith("/api/") or request.path in ("/api", "/healthz")


def _answer(status: int, code: str, message: str, to_owner: str = "") -> Response:
    if _is_for_programs():
        answer = jsonify(error={"code": code, "message": message})
    else:
        here = localisation()
        typed = request.args.get("q", "")
        title, owner_segments = _title(status, code, here), _segments(to_owner) if to_owner else ()
        page = ErrorPage(status, title, _segments(message), typed, owner_segments)
        # Without an index, a search box would only lead back to this page.
        ready = status != HTTPStatus.SERVICE_UNAVAILABLE
        state = _asked() if ready else None
        carried = f"?lang={here.language}" if request.args.get("lang") == here.language else ""
        text = rendered(
            "error.html", page=page, state=state, languages=_languages(), carried=carried
        )
        answer = Response(text, mimetype="text/html")
    answer.status_code = status
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _languages() -> dict[str, str]:
    """URLs of this page in every language; none for a POST."""
    if request.method != "GET":
        return {}
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    path = f"{root()}{quote(request.path.lstrip('/'))}"
    return {each: f"{path}?{urlencode([*kept, ('lang', each)])}" for each in site().languages}


def _asked() -> SearchState:
    """Search state for the box on an error page, without the refused parameters."""
    parameters = request.args.copy()
    while True:
        try:
            return SearchState.from_parameters(parameters, root(), site().languages)
        except KlastriError as error:
            refused = _refused(error, parameters)
        if not refused:
            return SearchState.at_start(root())
        for name in refused:
            parameters.poplist(name)


def _refused(error: KlastriError, parameters: "MultiDict[str, str]") -> list[str]:
    """The ``parameters`` that may have caused ``error``."""
    if isinstance(error, QueryTooLong):
        return ["q"]
    named = str(error.values.get("name", ""))
    return [name for name in parameters if named and name.removeprefix("not_").startswith(named)]


def _title(status: int, code: str, here: Localisation) -> str:
    if status == HTTPStatus.SERVICE_UNAVAILABLE and code != NoIndex.code:
        return here.gettext("The search does not work right now")
    titles = {
        HTTPStatus.BAD_REQUEST: here.gettext("This cannot be searched"),
        HTTPStatus.NOT_FOUND: here.gettext("Page not found"),
        HTTPStatus.METHOD_NOT_ALLOWED: here.gettext("This cannot be done"),
        HTTPStatus.SERVICE_UNAVAILABLE: here.gettext("The search is not ready"),
    }
    return titles.get(HTTPStatus(status), here.gettext("Something went wrong"))


def _segments(message: str) -> tuple[TextSegment, ...]:
    """Splits ``message`` so that its commands are marked."""
    marks = [Mark(*each.span()) for each in _COMMAND.finditer(message)]
    is_whole = message[-1:] in ".!?…" or (bool(marks) and marks[-1].end == len(message))
    return segments(message if is_whole else f"{message}.", marks)
