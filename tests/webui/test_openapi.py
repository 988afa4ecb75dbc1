"""The JSON API is what its description says, seen from outside on the running server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from live import serving

EXAMPLES = 25


@pytest.fixture(scope="module")
def address(example_index: Path) -> Iterator[str]:
    """The real server over the example news."""
    with serving(example_index) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        # Every edge of what is described, and what lies beyond it; then whatever is allowed. What
        # is drawn against the description at random may be another type, yet the same text in an
        # address, so that is not asked for.
        ("--phases", "coverage", "--mode", "all"),
        ("--phases", "fuzzing", "--mode", "positive", "--max-examples", str(EXAMPLES)),
    ],
    ids=["edges", "random"],
)
def test_the_server_keeps_to_its_description(
    address: str, asked: tuple[str, ...], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/openapi.json"]
    # In a directory of its own, since what failed is written down beside it.
    ran = subprocess.run(
        [*command, *asked, "--seed", "1", "--no-color"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]


def test_every_address_of_the_api_is_described(client: FlaskClient) -> None:
    described = set(client.get("/api/openapi.json").get_json()["paths"])
    rules = {rule.rule for rule in client.application.url_map.iter_rules()}
    api = {each.replace("<path:article_id>", "{id}") for each in rules if "/api/" in each}
    assert described == api | {"/healthz"}


def test_the_description_names_the_prefix_and_the_languages(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json", base_url="http://localhost/otsing").get_json()
    assert document["servers"] == [{"url": "/otsing"}]
    search = document["paths"]["/api/search"]["get"]
    language = next(each for each in search["parameters"] if each["name"] == "lang")
    assert language["schema"]["enum"] == ["et", "en", ""]
