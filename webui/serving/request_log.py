"""Request log: a line of JSON for each request, with an id and without personal data.

It contains neither queries nor URLs, only routes; errors are logged by class and place, without
the message.
"""

import json
import logging
import re
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

from flask import Flask, Response, g, has_request_context, request

from webui.operating.metrics import Metrics
from webui.serving.refusals import Refusal

#: The logger of the request log.
REQUESTS = logging.getLogger("klastriotsing.requests")
HEADER = "X-Request-ID"
_KNOWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FIELDS = "fields"


class JsonFormatter(logging.Formatter):
    """Formats log records as JSON, with the id of the request they belong to."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        fields = getattr(record, _FIELDS, None)
        if fields is None:
            line["message"] = record.getMessage()
        else:
            line.update(fields)
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["stack"] = [f"{each.filename}:{each.lineno} {each.name}" for each in frames]
        return json.dumps(line, ensure_ascii=False)


def log_as_json(stream: TextIO) -> None:
    """Logs all records of this process to ``stream`` as JSON."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    REQUESTS.setLevel(logging.INFO)


def add_request_log(app: Flask, *, with_clients: bool, trusted: bool) -> None:
    """Logs each request of ``app``; with ``trusted`` request ids of a proxy are used."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "") if trusted else ""
        g.request_id = given if _KNOWN_ID.fullmatch(given) else secrets.token_hex(8)
        g.request_began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[HEADER] = g.request_id
        rule = request.url_rule
        fields = {
            "method": request.method,
            "route": rule.rule if rule else None,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.request_began) * 1000, 1),
            "bytes": response.content_length,
        }
        if with_clients:
            fields["client"] = request.remote_addr
        REQUESTS.info("", extra={_FIELDS: fields})
        return response


class RefusalRecord:
    """Counts refused requests and closed connections, and logs refusals if wanted."""

    def __init__(self, metrics: Metrics, *, logs: bool, with_clients: bool) -> None:
        self._metrics = metrics
        self._logs = logs
        self._with_clients = with_clients

    def refused(self, refusal: Refusal, client: str) -> None:
        """Records a refused request."""
        self._metrics.refused(refusal.reason)
        if self._logs:
            fields: dict[str, Any] = {"refused": refusal.reason, "status": refusal.status.value}
            if self._with_clients:
                fields["client"] = client
            REQUESTS.info("", extra={_FIELDS: fields})

    def ended(self, reason: str) -> None:
        """Records a connection that was closed early."""
        self._metrics.hung_up(reason)


def configure_logging(log: str, stream: TextIO | None = None) -> None:
    """Configures the logging of ``serve`` by the setting ``log``."""
    if log != "plain":
        log_as_json(stream or sys.stderr)
