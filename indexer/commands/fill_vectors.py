"""Command ``meaning``: embeds passages that have no vectors yet, for search by meaning."""

from typing import TYPE_CHECKING

import click

from indexer.commands.common import (
    configured,
    echo_line,
    ended_by_sigterm,
    json_option,
    print_json,
    show_progress,
)

if TYPE_CHECKING:
    from search.configuration import Configuration


@click.command()
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(min=1),
    help="Publish after N articles (default: those of half a minute).",
)
@json_option
@configured
def meaning(configuration: "Configuration", batch: int | None, as_json: bool) -> None:
    """Make articles that are new be found by meaning, too.

    The last added come first. They are found by words meanwhile, and by meaning as soon as the
    vectors of their batch are published. The setting “meaning” names the model. A passage is
    embedded once, however often the index is built. It can be interrupted, and goes on from there;
    while another process writes the index, it waits.

    Example: klastriotsing meaning
    """
    from indexer.factory import index_of, vector_filler

    live = index_of(configuration)
    filler = vector_filler(configuration, live, batch, lambda line: echo_line(line, err=True))
    with ended_by_sigterm():
        report = filler.run(show_progress)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.summary())
