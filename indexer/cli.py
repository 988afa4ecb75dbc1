"""Command line ``klastriotsing``: assembles the commands, and serves the web UI.

Exit status: 0 done, 1 an error that the user can correct (one line on stderr), 2 wrong usage,
130 interrupted.
"""

import contextlib
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urljoin

import click

from indexer.commands.alerts import alerts
from indexer.commands.ask import analyze, search
from indexer.commands.build import index, reindex, watch
from indexer.commands.common import PROGRAM, OneLineErrors, configured, location_options
from indexer.commands.copy_index import copy_index
from indexer.commands.doctor import doctor
from indexer.commands.fill_vectors import meaning
from indexer.commands.preview import read
from indexer.commands.state import backup, restore, review, rollback, stats, verify
from search.errors import KlastriError

if TYPE_CHECKING:
    from search.configuration import Configuration

#: Lines of each review list that the operator's view shows.
_REVIEWED = 50


@click.group(cls=OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@location_options
def klastriotsing(index: Path | None, config: Path | None) -> None:
    """Full-text search for Estonian cluster news, with facets that fill themselves.

    Example: klastriotsing reindex uudised && klastriotsing serve
    """


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--admin-port",
    type=click.IntRange(0, 65535),
    help="Serve /admin and /metrics there too, for this machine only.",
)
@configured
def serve(configuration: "Configuration", host: str, port: int, admin_port: int | None) -> None:
    """Serve the web UI.

    A new generation of the index is followed without a restart; without an index the pages say so.
    With --admin-port the operator's view and counts for Prometheus are served on 127.0.0.1.

    Example: klastriotsing serve --port 8080
    """
    from indexer.factory import background_review, index_of, service
    from search.engines.registry import fingerprint
    from webui import AdminContext, Metrics, create_admin_app, create_app
    from webui.serving.http_server import admin_server, public_server
    from webui.serving.request_log import configure_logging

    configure_logging(configuration.log)
    answering = service(configuration, warms=True)
    metrics = Metrics(keeps_queries=configuration.keep_queries)
    application = create_app(answering, configuration, metrics)
    server = public_server(application, configuration, metrics, host, port)
    try:
        index_of(configuration).open(fingerprint(configuration)).close()
    except KlastriError as error:
        click.echo(f"{PROGRAM}: {error}", err=True)
    signal.signal(signal.SIGTERM, _interrupt)
    shown = f"[{host}]" if ":" in host else host
    machine = f"http://{shown}:{server.port}"
    below = f"{configuration.prefix}/"
    click.echo(f"{configuration.site_name} answers at {machine}{below} (Ctrl-C ends it)")
    reviews = background_review(configuration, _REVIEWED, answering.generation)
    if admin_port is not None:
        context = AdminContext(reviews.latest, urljoin(configuration.base_url or machine, below))
        operators = create_admin_app(answering, configuration, metrics, context)
        admin = admin_server(operators, metrics, admin_port)
        threading.Thread(target=admin.run, daemon=True).start()
        click.echo(f"The operator's view is at http://{admin.host}:{admin.port}/admin")
    with contextlib.closing(answering), contextlib.closing(reviews):
        server.run()


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


for _command in (
    reindex,
    index,
    watch,
    meaning,
    read,
    search,
    serve,
    analyze,
    stats,
    verify,
    doctor,
    rollback,
    backup,
    restore,
    copy_index,
    review,
    alerts,
):
    klastriotsing.add_command(_command)


def main() -> None:
    """Runs the command line; ends the process."""
    klastriotsing(prog_name=PROGRAM)
