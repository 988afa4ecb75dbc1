"""Commands that fill the index: ``reindex``, ``index``, ``watch``."""

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from indexer.commands.common import (
    configured,
    json_option,
    print_json,
    show_progress,
    sources_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.report import Report
    from indexer.sources import SourceFile
    from search.configuration import Configuration

source_argument = click.argument(
    "source", nargs=-1, type=click.Path(path_type=Path), metavar="[SOURCE]..."
)


@click.command()
@source_argument
@json_option
@configured
def reindex(configuration: "Configuration", source: tuple[Path, ...], as_json: bool) -> None:
    """Build a whole new index and switch to it.

    SOURCE is a directory of .txt and .md files, or one file; without any, the sources of the
    configuration are read. The index before serves until the switch and is kept for rollback.

    A file that cannot be indexed is named on stderr and counted; the others are indexed, and the
    exit status is 0. It is 1 when nothing could be indexed; then the index stays as it was.

    Example: klastriotsing reindex uudised
    """
    from indexer.wiring import generations, pipeline

    sources = sources_of(source, configuration)
    if not sources:
        raise click.UsageError("Name a SOURCE, or set “sources” in klastriotsing.toml.")
    work = pipeline(configuration, show_progress)
    report = work.reindex(generations(configuration), sources)
    _finish(report, sources, as_json)


@click.command()
@source_argument
@click.option("--prune", is_flag=True, help="Remove articles that vanished from SOURCE.")
@click.option("--yes", is_flag=True, help="Let --prune remove more than half of them.")
@json_option
@configured
def index(
    configuration: "Configuration",
    source: tuple[Path, ...],
    prune: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Add new and changed articles to the live index.

    Without SOURCE and without sources in the configuration, the taxonomy, gazetteer and overrides
    are applied again to every article in the index; no text is analysed for it. With SOURCE that
    happens, too, when one of these files has changed.

    A file that cannot be indexed is named on stderr and counted; the exit status is 1 only when
    nothing could be indexed.

    Example: klastriotsing index uudised --prune
    """
    from indexer.wiring import generations, pipeline

    sources = sources_of(source, configuration)
    if not sources and prune:
        raise click.UsageError("--prune needs a SOURCE.")
    work = pipeline(configuration, show_progress)
    live = generations(configuration)
    if not sources:
        _print(work.reapply(live), as_json)
        return
    report = work.update(live, sources, prune=prune, yes=yes)
    _finish(report, sources, as_json)


@click.command()
@click.argument(
    "source", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SOURCE..."
)
@click.option("--prune", is_flag=True, help="Remove the article of a file that is deleted.")
@configured
def watch(configuration: "Configuration", source: tuple[Path, ...], prune: bool) -> None:
    """Keep the live index up to date with SOURCE.

    It runs until it is interrupted. Everything new or changed is indexed at once, then each file
    as soon as it has stopped changing, with a line for each. The article of a deleted file stays
    unless --prune is given.

    Example: klastriotsing watch uudised
    """
    from indexer.watch import Watcher, file_changes
    from indexer.wiring import generations, pipeline

    signal.signal(signal.SIGTERM, _interrupt)
    work = pipeline(configuration)
    live = generations(configuration)

    def update(files: "Sequence[SourceFile] | None", prune: bool) -> "Report":
        return work.update(live, source, prune=prune, files=files)

    watcher = Watcher(source, update, click.echo, time.monotonic, prune=prune)
    try:
        report = watcher.start()
        click.echo(f"{report.summary()}. Watching for changes")
        watcher.run(file_changes(source))
    except KeyboardInterrupt:
        click.echo("Watching has ended")


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _finish(report: "Report", sources: tuple[Path, ...], as_json: bool) -> None:
    """Print what was done. Raises NothingToIndex if there was no article."""
    from search.errors import NothingToIndex

    _print(report, as_json)
    if report.is_empty:
        raise NothingToIndex(sources=", ".join(str(each) for each in sources))


def _print(report: "Report", as_json: bool) -> None:
    for line in report.problems():
        click.echo(line, err=True)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.summary())
