"""Commands about the index itself: ``stats``, ``verify``, ``rollback``, ``backup``, ``review``."""

import contextlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.commands.common import (
    Failure,
    configured,
    echo_line,
    json_option,
    print_json,
    show_each,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.configuration import Configuration


@click.command()
@json_option
@configured
def stats(configuration: "Configuration", as_json: bool) -> None:
    """Show what is in the live index.

    Example: klastriotsing stats
    """
    from indexer.factory import service

    with contextlib.closing(service(configuration)) as answering:
        statistics = answering.statistics()
    if as_json:
        data = asdict(statistics)
        for facet in ("languages", "sources", "focus", "years"):
            data[facet] = dict(data[facet])
        del data["vectors"]
        if statistics.vectors:
            data["meaning"] = statistics.vectors.to_dict()
        print_json(data)
        return
    click.echo(f"Generation:    {statistics.generation} of {len(statistics.generations)} kept")
    if statistics.problem:
        click.echo(f"Not live:      {statistics.problem}")
    click.echo(f"Built:         {statistics.built} from {', '.join(statistics.source)}")
    click.echo(f"Articles:      {statistics.articles}")
    click.echo(f"Terms:         {statistics.terms}")
    click.echo(f"Size:          {statistics.megabytes:.1f} MB")
    click.echo(f"Languages:     {_counts(statistics.languages)}")
    click.echo(f"Sources:       {_counts(statistics.sources)}")
    click.echo(f"Focus areas:   {_counts(statistics.focus)}")
    click.echo(f"Years:         {_counts(statistics.years)}")
    click.echo(f"Organisations: {statistics.organisations}")
    if statistics.vectors:
        echo_line(f"Meaning:       {statistics.vectors}")
        for each in statistics.vectors.vectors.problems:
            echo_line(f"Damaged:       {each} → klastriotsing meaning")


@click.command()
@json_option
@configured
def verify(configuration: "Configuration", as_json: bool) -> None:
    """Say whether the live index is sound.

    Every byte of it is read, and whether it fits this program. The exit status is 1 if it is not
    sound, does not fit, or if there is none.

    Example: klastriotsing verify
    """
    from indexer.factory import index_of
    from search.engines.registry import fingerprint

    live = index_of(configuration)
    problems = live.verify(fingerprint(configuration))
    if as_json:
        print_json({"generation": live.current(), "sound": not problems, "problems": problems})
    else:
        for each in problems:
            click.echo(each)
    if problems and not live.verify(fingerprint(configuration), vectors=False):
        raise Failure(f"Vectors in {configuration.index} are damaged. All is found by words")
    if problems:
        raise Failure(
            f"The index in {configuration.index} is damaged. Go back with klastriotsing rollback, "
            "or build it again: klastriotsing reindex SOURCE"
        )
    if not as_json:
        click.echo(f"{live.current()} is sound")


@click.command()
@configured
def rollback(configuration: "Configuration") -> None:
    """Go back to the newest sound generation before the live one.

    Every byte of it is compared with its checksum before.

    Example: klastriotsing rollback
    """
    from indexer.factory import index_of

    click.echo(f"{index_of(configuration).rollback()} is live again")


@click.command()
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@configured
def backup(configuration: "Configuration", destination: Path) -> None:
    """Copy the live index to DEST.

    Writers and readers go on meanwhile. Every byte is compared with its checksum, and DEST appears
    when it is whole: an index of its own, which klastriotsing --index DEST can search. DEST must
    not be there yet, or be an empty directory.

    Example: klastriotsing backup /var/backups/klastriotsing-2026-11-29
    """
    from indexer.factory import index_of

    made = index_of(configuration).backup(destination)
    click.echo(f"{made.name} with {made.articles} articles is in {destination}")


@click.command()
@click.argument("backup", metavar="BACKUP", type=click.Path(path_type=Path))
@configured
def restore(configuration: "Configuration", backup: Path) -> None:
    """Make BACKUP the live index.

    BACKUP is what klastriotsing backup has made, or a copy of a directory of an index. It is copied
    and verified before the switch; the generation before is kept for rollback.

    Example: klastriotsing restore /var/backups/klastriotsing-2026-11-29
    """
    from indexer.factory import index_of
    from search.engines.registry import fingerprint

    name = index_of(configuration).restore(backup, fingerprint(configuration))
    click.echo(f"{name} is live")


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    help="Lines of each list.",
)
@json_option
@configured
def review(configuration: "Configuration", limit: int, as_json: bool) -> None:
    """List what is worth a look, ready to be pasted.

    The lists: organisations that may be one, acronyms that nobody explains, articles without a year
    or focus area, words that may be misspelt, words that the lexicon does not know. Each line is
    ready for the file that its heading names; correct it there, then run klastriotsing index.

    Example: klastriotsing review > ülevaatus.txt
    """
    from indexer.factory import index_of, reviewer
    from search.engines.registry import fingerprint

    work = reviewer(configuration, limit)
    live = index_of(configuration)
    with contextlib.closing(live.open(fingerprint(configuration))) as reader:
        found = work.review(reader, show_each)
    if as_json:
        print_json(found.to_dict())
        return
    for number, each in enumerate(found.lists):
        if number:
            click.echo("")
        for line in each.lines():
            click.echo(line)


def _counts(pairs: "Sequence[tuple[str, int]]") -> str:
    return ", ".join(f"{name} ({count})" for name, count in pairs) or "none"
