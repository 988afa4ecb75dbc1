"""Options about sources: SOURCE arguments combined with the configuration."""

import functools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from search.configuration import FORMATS
from search.setting_values import is_host

if TYPE_CHECKING:
    from search.configuration import Configuration, SourceSettings


@dataclass(frozen=True, slots=True)
class GivenSources:
    """The sources of a command, from the command line and the configuration."""

    settings: "tuple[SourceSettings, ...]"

    @property
    def names(self) -> str:
        return ", ".join(shown_location(each.location) for each in self.settings)


def _hosts(
    _context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    for each in values:
        if not is_host(each):
            raise click.BadParameter(f"“{each}” is no HOST or HOST:PORT", param=option)
    return values


_OPTIONS = (
    click.option(
        "--format",
        "kind",
        metavar="KIND",
        type=click.Choice(FORMATS),
        help=f"Format, if it cannot be told: {', '.join(FORMATS)}.",
    ),
    click.option(
        "--delay",
        metavar="SECONDS",
        type=click.FloatRange(0, 86_400),
        help="Wait between requests to a host (default: 1).",
    ),
    click.option(
        "--max-pages",
        metavar="N",
        type=click.IntRange(min=1),
        help="Read at most so many pages of a site (default: 5000).",
    ),
    click.option(
        "--allow-private",
        metavar="HOST[:PORT]",
        multiple=True,
        callback=_hosts,
        help="Allow this host a private address; may be repeated.",
    ),
    click.option("--offline", is_flag=True, help="Ask the network for nothing."),
)


def source_options(function: Callable[..., None]) -> Callable[..., None]:
    """Decorator: adds SOURCE and its options, and passes them as GivenSources.

    Apply it below ``configured``, whose Configuration it needs.
    """

    @functools.wraps(function)
    def run(
        configuration: "Configuration",
        source: tuple[str, ...],
        *args: Any,
        kind: str | None,
        delay: float | None,
        max_pages: int | None,
        allow_private: tuple[str, ...],
        offline: bool,
        **options: Any,
    ) -> None:
        overriding: dict[str, Any] = {
            "format": kind,
            "delay": delay,
            "max_pages": max_pages,
            "is_offline": offline or None,
        }
        chosen = {name: value for name, value in overriding.items() if value is not None}
        settings = tuple(
            replace(each, **chosen, allow_private=(*each.allow_private, *allow_private))
            for each in _settings(source, configuration)
        )
        function(configuration, GivenSources(settings), *args, **options)

    decorated = click.argument("source", nargs=-1, metavar="[SOURCE]...")(run)
    return functools.reduce(lambda each, option: option(each), reversed(_OPTIONS), decorated)


report_option = click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to this file, as JSON.",
)


def write_json(data: dict[str, Any], file: Path | None) -> None:
    """Writes one JSON object to ``file``, if there is one."""
    if file is not None:
        file.write_text(f"{json.dumps(data, ensure_ascii=False, indent=2)}\n", encoding="utf-8")


def shown_location(location: str) -> str:
    """Converts a path or address of the command line to one printable line."""
    from indexer.sources import printable_path

    return location if "://" in location else printable_path(Path(location))


def _settings(given: tuple[str, ...], configuration: "Configuration") -> "Iterator[SourceSettings]":
    """Settings of the SOURCEs of the command line, else the configured sources."""
    from search.configuration import SourceSettings

    if not given:
        yield from configuration.sources
    known = {_place(each.location): each for each in configuration.sources}
    for location in given:
        settings = known.get(_place(location), SourceSettings(location))
        yield replace(settings, location=location)


def _place(location: str) -> str:
    """Normalises a path or an address for comparison."""
    if "://" in location:
        return location.rstrip("/")
    return os.path.abspath(location)  # noqa: PTH100 - of a text that may be no path
