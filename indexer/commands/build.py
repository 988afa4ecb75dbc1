"""Indexing commands: ``reindex``, ``index``, ``watch``."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.commands.common import (
    configured,
    ended_by_sigterm,
    jobs_option,
    json_option,
    print_json,
    show_progress,
    sources_of,
    with_jobs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.report import Report
    from indexer.sources import Input
    from search.configuration import Configuration

source_argument = click.argument(
    "source", nargs=-1, type=click.Path(path_type=Path), metavar="[SOURCE]..."
)


@click.command()
@source_argument
@click.option("--fresh", is_flag=True, help="Analyse unchanged articles, too.")
@jobs_option
@json_option
@configured
def reindex(
    configuration: "Configuration",
    source: tuple[Path, ...],
    fresh: bool,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Build a whole new index and switch to it.

    SOURCE is a directory of .txt and .md files, or one file; without any, the sources of the
    configuration are read. The index before serves until the switch and is kept for rollback. What
    it holds of articles that have not changed is taken over if the same program made it.

    A file that cannot be indexed is named on stderr and counted; the others are indexed, and the
    exit status is 0. It is 1 when nothing could be indexed; then the index stays as it was.

    Example: klastriotsing reindex uudised
    """
    from indexer.factory import index_of, pipeline

    sources = sources_of(source, configuration)
    if not sources:
        raise click.UsageError("Name a SOURCE, or set “sources” in klastriotsing.toml.")
    with ended_by_sigterm():
        work = pipeline(with_jobs(configuration, jobs), show_progress)
        report = work.reindex(index_of(configuration), sources, fresh=fresh)
    _finish(report, sources, as_json)


@click.command()
@source_argument
@click.option("--prune", is_flag=True, help="Remove articles that vanished from SOURCE.")
@click.option("--yes", is_flag=True, help="Let --prune remove more than half of them.")
@jobs_option
@json_option
@configured
def index(
    configuration: "Configuration",
    source: tuple[Path, ...],
    prune: bool,
    yes: bool,
    jobs: int | None,
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
    from indexer.factory import index_of, pipeline

    sources = sources_of(source, configuration)
    if not sources and prune:
        raise click.UsageError("--prune needs a SOURCE.")
    live = index_of(configuration)
    with ended_by_sigterm():
        work = pipeline(with_jobs(configuration, jobs), show_progress)
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
@jobs_option
@configured
def watch(
    configuration: "Configuration", source: tuple[Path, ...], prune: bool, jobs: int | None
) -> None:
    """Keep the live index up to date with SOURCE.

    It runs until it is interrupted. Everything new or changed is indexed at once, then each file
    as soon as it has stopped changing, with a line for each. The article of a deleted file stays
    unless --prune is given.

    Example: klastriotsing watch uudised
    """
    from indexer.factory import index_of, pipeline
    from indexer.watch import Watcher, file_changes

    work = pipeline(with_jobs(configuration, jobs))
    live = index_of(configuration)

    def update(files: "Sequence[Input] | None", prune: bool) -> "Report":
        return work.update(live, source, prune=prune, files=files)

    watcher = Watcher(source, update, click.echo, time.monotonic, prune=prune)
    try:
        with ended_by_sigterm():
            report = watcher.start()
            click.echo(f"{report.summary()}. Watching for changes")
            watcher.run(file_changes(source))
    except KeyboardInterrupt:
        click.echo("Watching has ended")


def _finish(report: "Report", sources: tuple[Path, ...], as_json: bool) -> None:
    """Prints the report of a run. Raises NothingToIndex if there was no article."""
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
