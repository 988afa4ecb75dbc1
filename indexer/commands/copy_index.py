"""Command ``copy``: moves an index from one engine to another, without analysis."""

from typing import TYPE_CHECKING

import click

from indexer.commands.common import (
    configured,
    ended_by_sigterm,
    json_option,
    print_json,
    show_progress,
)

if TYPE_CHECKING:
    from search.configuration import Configuration


@click.command("copy")
@click.option("--from", "source", metavar="PLACE", required=True, help="The index to be copied.")
@click.option("--to", "target", metavar="PLACE", required=True, help="Where it is copied to.")
@json_option
@configured
def copy_index(configuration: "Configuration", source: str, target: str, as_json: bool) -> None:
    """Copy an index to another engine.

    PLACE is whoosh:DIRECTORY or opensearch:URL; the rest of what is told of a server, such as its
    login and the name of the index, stands in [opensearch] of the configuration, and opensearch: is
    the server that is named there. Nothing is analysed, and vectors come along. The copy goes live
    at its target at once, after it is whole, and is compared by counts and digests; what is live
    there until then stays for rollback. Then set “engine”, and restart klastriotsing serve.

    Example: klastriotsing copy --from whoosh:index --to opensearch:https://os1.example:9200
    """
    from indexer.factory import index_copier

    copier = index_copier(configuration, source, target)
    with ended_by_sigterm():
        report = copier.run(show_progress)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(f"{report.summary()}. {report.generation} is live in {target}")
