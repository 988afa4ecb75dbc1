"""Commands about the index itself: ``stats``, ``verify``, ``rollback``, ``review``."""

import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from indexer.commands.common import Failure, configured, json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.article import Article
    from search.configuration import Configuration


@click.command()
@json_option
@configured
def stats(configuration: "Configuration", as_json: bool) -> None:
    """Show what is in the live index.

    Example: klastriotsing stats
    """
    from indexer.wiring import service

    with contextlib.closing(service(configuration)) as answering:
        statistics = answering.statistics()
    if as_json:
        data = asdict(statistics)
        for facet in ("languages", "focus", "years"):
            data[facet] = dict(data[facet])
        print_json(data)
        return
    click.echo(f"Generation:    {statistics.generation} of {len(statistics.generations)} kept")
    click.echo(f"Built:         {statistics.built} from {', '.join(statistics.source)}")
    click.echo(f"Articles:      {statistics.articles}")
    click.echo(f"Terms:         {statistics.terms}")
    click.echo(f"Size:          {statistics.megabytes:.1f} MB")
    click.echo(f"Languages:     {_counts(statistics.languages)}")
    click.echo(f"Focus areas:   {_counts(statistics.focus)}")
    click.echo(f"Years:         {_counts(statistics.years)}")
    click.echo(f"Organisations: {statistics.organisations}")


@click.command()
@json_option
@configured
def verify(configuration: "Configuration", as_json: bool) -> None:
    """Say whether the live index is sound.

    Every byte of it is read. The exit status is 1 if it is not, or if there is none.

    Example: klastriotsing verify
    """
    from indexer.wiring import generations

    live = generations(configuration)
    problems = live.verify()
    if as_json:
        print_json({"generation": live.current(), "sound": not problems, "problems": problems})
    else:
        for each in problems:
            click.echo(each)
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
    """Go back to the generation before the live one.

    Example: klastriotsing rollback
    """
    from indexer.wiring import generations

    click.echo(f"{generations(configuration).rollback()} is live again")


@click.command()
@json_option
@configured
def review(configuration: "Configuration", as_json: bool) -> None:
    """List articles without a year or focus area.

    Example: klastriotsing review
    """
    from indexer.review import review as list_articles
    from indexer.wiring import generations
    from search.fingerprint import fingerprint

    live = generations(configuration)
    with contextlib.closing(live.open(fingerprint(configuration))) as reader:
        lists = list_articles(reader)
    if as_json:
        print_json(lists.to_dict())
        return
    _list("Articles without a year", lists.without_year)
    _list("Articles without a focus area", lists.without_focus)


def _list(heading: str, articles: "Sequence[Article]") -> None:
    click.echo(f"{heading}: {len(articles)}")
    for each in articles:
        click.echo(f"  {each.id}: {each.title}")


def _counts(pairs: "Sequence[tuple[str, int]]") -> str:
    return ", ".join(f"{name} ({count})" for name, count in pairs) or "none"
