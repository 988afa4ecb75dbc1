"""Indexing commands: ``reindex``, ``index``, ``watch``."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.commands.common import (
    configured,
    echo_line,
    ended_by_sigterm,
    jobs_option,
    json_option,
    print_json,
    show_progress,
    with_jobs,
)
from indexer.commands.source_options import (
    GivenSources,
    report_option,
    source_options,
    write_json,
)
from search.configuration import STANDARD_INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.pipeline import SourceSpec
    from indexer.report import Report
    from indexer.sources import Input
    from search.configuration import Configuration

_NO_SOURCE = "Name a SOURCE, or set “sources” in klastriotsing.toml."


@click.command()
@click.option("--fresh", is_flag=True, help="Analyse unchanged articles, too.")
@click.option("--yes", is_flag=True, help="Leave out more than half of the articles before.")
@jobs_option
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Let the workers of a Dask scheduler analyse: tcp://host:8786, tls://…, or local.",
)
@json_option
@report_option
@configured
@source_options
def reindex(
    configuration: "Configuration",
    sources: GivenSources,
    fresh: bool,
    yes: bool,
    jobs: int | None,
    scheduler: str | None,
    as_json: bool,
    report_file: Path | None,
) -> None:
    """Build a whole new index and switch to it.

    SOURCE is a directory, a file, an address, or - for standard input; without any, the sources of
    the configuration are read. Formats are told by content; docs/sources.md lists them. The index
    before serves until the switch and is kept for rollback. What it holds of articles that have not
    changed is taken over if the same program made it. If more than half of the articles that SOURCE
    held before are not there, or less than half as many would replace a hundred or more, nothing
    is done without --yes.

    A file that cannot be indexed is named on stderr and counted; the others are indexed, and the
    exit status is 0. It is 1 when nothing could be indexed; then the index stays as it was.

    With --scheduler the articles are analysed by the workers of a Dask scheduler, which must have
    this program in this version; docs/opensearch.md says how to run one.

    Example: klastriotsing reindex uudised
    """
    from indexer.factory import index_of, pipeline, source_opener

    if not sources.settings:
        raise click.UsageError(_NO_SOURCE)
    # Remote workers cannot reuse documents of an index on the disk of this machine.
    fresh = fresh or (scheduler is not None and configuration.engine == "whoosh")
    with ended_by_sigterm(), contextlib.closing(source_opener(configuration)) as opener:
        chosen = with_jobs(configuration, jobs)
        work = pipeline(chosen, show_progress, open_source=opener, scheduler=scheduler)
        report = work.reindex(index_of(configuration), sources.settings, fresh=fresh, yes=yes)
    _finish(report, sources, as_json, report_file)
    _print_missing_vectors(configuration, as_json)


@click.command()
@click.option("--prune", is_flag=True, help="Remove articles that vanished from SOURCE.")
@click.option("--yes", is_flag=True, help="Let --prune remove more than half of them.")
@jobs_option
@json_option
@report_option
@configured
@source_options
def index(
    configuration: "Configuration",
    sources: GivenSources,
    prune: bool,
    yes: bool,
    jobs: int | None,
    as_json: bool,
    report_file: Path | None,
) -> None:
    """Add new and changed articles to the live index.

    Without SOURCE and without sources in the configuration, the taxonomy, gazetteer and overrides
    are applied again to every article in the index; no text is analysed for it. With SOURCE that
    happens, too, when one of these files has changed.

    A file that cannot be indexed is named on stderr and counted; the exit status is 1 only when
    nothing could be indexed.

    Example: klastriotsing index uudised --prune
    """
    from indexer.factory import index_of, pipeline, source_opener

    if not sources.settings and prune:
        raise click.UsageError("--prune needs a SOURCE.")
    live = index_of(configuration)
    with ended_by_sigterm(), contextlib.closing(source_opener(configuration)) as opener:
        work = pipeline(with_jobs(configuration, jobs), show_progress, open_source=opener)
        if not sources.settings:
            _print(work.reapply(live), as_json, report_file)
        else:
            report = work.update(live, sources.settings, prune=prune, yes=yes)
    if sources.settings:
        _finish(report, sources, as_json, report_file)
    _print_missing_vectors(configuration, as_json)


@click.command()
@click.option("--prune", is_flag=True, help="Remove the article of a file that is deleted.")
@jobs_option
@report_option
@configured
@source_options
def watch(
    configuration: "Configuration",
    sources: GivenSources,
    prune: bool,
    jobs: int | None,
    report_file: Path | None,
) -> None:
    """Keep the live index up to date with SOURCE.

    It runs until it is interrupted. Everything new or changed is indexed at once, then each file
    as soon as it has stopped changing, with a line for each. The article of a deleted file stays
    unless --prune is given. While nothing changes, what klastriotsing meaning would do is done.

    Example: klastriotsing watch uudised
    """
    from indexer.factory import index_of, pipeline, source_opener, vector_filler
    from indexer.vector_filler import IdleFiller
    from indexer.watch import Watcher, file_changes

    if not sources.settings:
        raise click.UsageError(_NO_SOURCE)
    if any(each.location == STANDARD_INPUT for each in sources.settings):
        raise click.UsageError("Standard input cannot be watched; use klastriotsing index -")
    live = index_of(configuration)
    with contextlib.closing(source_opener(configuration)) as opener:
        work = pipeline(with_jobs(configuration, jobs), open_source=opener)

        def update(
            files: "Sequence[Input] | None", prune: bool, some: "Sequence[SourceSpec] | None" = None
        ) -> "Report":
            report = work.update(live, some or sources.settings, prune=prune, files=files)
            write_json(report.to_dict(), report_file)
            return report

        filler = IdleFiller(lambda: vector_filler(configuration, live, say=echo_line))
        watcher = Watcher(
            sources.settings,
            update,
            echo_line,
            time.monotonic,
            prune=prune,
            open_source=opener,
            idle=filler.step if configuration.meaning else None,
        )
        try:
            with ended_by_sigterm():
                report = watcher.start()
                click.echo(f"{report.summary()}. Watching for changes")
                watcher.run(file_changes(watcher.paths))
        except KeyboardInterrupt:
            filler.end()
            click.echo("Watching has ended")


def _finish(
    report: "Report", sources: GivenSources, as_json: bool, report_file: Path | None
) -> None:
    """Prints the report of a run. Raises NothingToIndex if there was no article."""
    from search.errors import NothingToIndex

    _print(report, as_json, report_file)
    if report.is_empty:
        raise NothingToIndex(sources=sources.names)


def _print_missing_vectors(configuration: "Configuration", as_json: bool) -> None:
    """Prints how many articles have no vectors yet, if search by meaning is configured."""
    from indexer.factory import vector_report
    from search.errors import KlastriError

    try:
        found = None if as_json else vector_report(configuration)
    except KlastriError as error:  # the run itself has succeeded
        echo_line(error, err=True)
        return
    if found is None:
        return
    left = found.vectors.articles - found.vectors.done
    if found.problem:
        echo_line(found.problem, err=True)
    elif left:
        click.echo(f"Articles that are not yet found by meaning: {left} (klastriotsing meaning)")


def _print(report: "Report", as_json: bool, report_file: Path | None) -> None:
    write_json(report.to_dict(), report_file)
    for line in report.problems():
        echo_line(line, err=True)
    if as_json:
        print_json(report.to_dict())
        return
    for skipped in report.skipped:
        echo_line(skipped)
    click.echo(report.summary())
