"""Whom the operator's listener answers: those who ask this machine under its own name."""

import pytest
from answers import RESULTS, ScriptedService
from flask.testing import FlaskClient

from search.configuration import Configuration
from search.review import Reviewed
from webui import AdminContext, Metrics, create_admin_app


@pytest.fixture
def operator() -> FlaskClient:
    """A client of the operator's pages."""
    context = AdminContext(lambda: Reviewed("", None, is_pending=False))
    service = ScriptedService(results=RESULTS)
    app = create_admin_app(service, Configuration(), Metrics(), context)  # type: ignore[arg-type]
    return app.test_client()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9000", 200),
        ("localhost", 200),
        ("kuri.example:9000", 400),  # DNS rebinding: a page elsewhere, whose name leads here
        ("localhost.kuri.example", 400),
        ("127.0.0.1.kuri.example", 400),
    ],
)
def test_only_names_of_this_machine_are_answered(
    operator: FlaskClient, host: str, status: int
) -> None:
    response = operator.get("/metrics", headers={"Host": host})
    assert response.status_code == status
    assert ("klastriotsing_searches" in response.text) == (status == 200)


def test_static_files_of_the_operators_pages_are_served(operator: FlaskClient) -> None:
    assert operator.get("/static/style.css", buffered=True).status_code == 200
