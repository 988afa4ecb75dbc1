"""The request log: JSON lines with ids, and no word of what anybody asked."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus

import pytest
from answers import RESULTS
from flask.testing import FlaskClient

from search.configuration import Configuration
from webui import Metrics
from webui.serving.refusals import Refusal
from webui.serving.request_log import RefusalRecord, configure_logging

Scripted = Callable[..., FlaskClient]
REFUSAL = Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", (), b"")
ADDRESSES = (
    "/?q=salas6na&org=Salafirma",
    "/article/salaartikkel?q=salas6na",
    "/salaleht",
    "/api/search?q=salas6na&page=valesala",
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged as JSON in a test; afterwards logging is as it was."""
    root = logging.getLogger()
    handlers, stream = root.handlers[:], io.StringIO()
    configure_logging("json", stream)
    yield stream
    root.handlers[:] = handlers


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_each_request_is_a_line_without_words_or_addresses(
    scripted: Scripted, log: io.StringIO
) -> None:
    client = scripted(Configuration(log="json"), results=RESULTS)
    ids = []
    for address in ADDRESSES:
        response = client.get(address, environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
        ids.append(response.headers["X-Request-ID"])
    logged = lines(log)
    assert [each["request_id"] for each in logged] == ids
    assert [each["status"] for each in logged] == [200, 404, 404, 400]
    assert [each["route"] for each in logged] == [
        "/", "/article/<path:article_id>", None, "/api/search",
    ]  # fmt: skip
    for secret in ("sala", "198.51.100.7"):
        assert secret not in log.getvalue()


def test_errors_come_with_their_place_and_without_their_words(
    scripted: Scripted, log: io.StringIO
) -> None:
    client = scripted(Configuration(log="json"), error=RuntimeError("salas6na"))
    response = client.get("/?q=salas6na")
    error, request = lines(log)
    assert error["error"] == "RuntimeError"
    assert "answers.py" in str(error["stack"])
    assert error["request_id"] == request["request_id"] == response.headers["X-Request-ID"]
    assert "salas6na" not in log.getvalue()


def test_addresses_are_logged_only_where_the_owner_says_so(
    scripted: Scripted, log: io.StringIO
) -> None:
    settings = Configuration(log="json-with-clients", trusted_proxies=1)
    client = scripted(settings, results=RESULTS)
    client.get("/", headers={"X-Forwarded-For": "198.51.100.7"})
    assert lines(log)[0]["client"] == "198.51.100.7"


@pytest.mark.parametrize(("trusted", "kept"), [(1, True), (0, False)])
def test_a_trusted_proxy_may_give_the_id(
    scripted: Scripted, log: io.StringIO, trusted: int, kept: bool
) -> None:
    client = scripted(Configuration(log="json", trusted_proxies=trusted), results=RESULTS)
    response = client.get("/", headers={"X-Request-ID": "abcdef0123456789"})
    assert (response.headers["X-Request-ID"] == "abcdef0123456789") == kept
    forged = client.get("/", headers={"X-Request-ID": "a b\tc"})
    assert forged.headers["X-Request-ID"] != "a b\tc"
    assert lines(log)


@pytest.mark.parametrize("with_clients", [False, True])
def test_refusals_are_counted_and_logged(log: io.StringIO, with_clients: bool) -> None:
    metrics = Metrics()
    record = RefusalRecord(metrics, logs=True, with_clients=with_clients)
    record.refused(REFUSAL, "192.0.2.1")
    record.ended("slow reader")
    text = metrics.metrics(None).decode()
    assert 'klastriotsing_refused_total{reason="too-many-requests"} 1.0' in text
    assert 'klastriotsing_hung_up_total{reason="slow reader"} 1.0' in text
    assert ("192.0.2.1" in log.getvalue()) == with_clients


def test_without_the_setting_nothing_is_written(
    scripted: Scripted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    response = scripted(results=RESULTS).get("/?q=klaster")
    assert "X-Request-ID" not in response.headers
    assert not caplog.text
