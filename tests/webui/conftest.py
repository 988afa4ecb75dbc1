"""Clients of the web UI: over the example index, and over answers made up for a case."""

from collections.abc import Callable

import pytest
from answers import ScriptedService
from flask import Flask
from flask.testing import FlaskClient
from page_reader import Page

from search.configuration import Configuration
from search.service import SearchService
from webui import create_app


@pytest.fixture(scope="module")
def app(service: SearchService) -> Flask:
    """The site over the example news."""
    return create_app(service, Configuration())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor of that site, without cookies yet."""
    return app.test_client()


@pytest.fixture
def scripted() -> Callable[..., FlaskClient]:
    """Makes a client over a ScriptedService; ``configuration`` may be given."""

    def make(configuration: Configuration | None = None, **answers: object) -> FlaskClient:
        service = ScriptedService(**answers)  # type: ignore[arg-type]
        app = create_app(service, configuration or Configuration())  # type: ignore[arg-type]
        return app.test_client()

    return make


@pytest.fixture
def read(client: FlaskClient) -> Callable[..., Page]:
    """Opens an address of the example site, which must answer 200, and parses the page."""

    def open_page(address: str) -> Page:
        response = client.get(address)
        assert response.status_code == 200, response.text
        return Page(response.text)

    return open_page
