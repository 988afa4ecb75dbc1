"""Shared by all commands: options, one-line errors, JSON output, progress bars."""

import contextlib
import errno
import functools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from search.errors import KlastriError

if TYPE_CHECKING:
    from search.configuration import Configuration

PROGRAM = "klastriotsing"
T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])


class Failure(click.ClickException):
    """Click exception that ends the program with one line on stderr."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"{PROGRAM}: {self.message}", file=file, err=file is None)


class Interrupted(Failure):
    """Click exception that ends the program after Ctrl-C."""

    exit_code = 130


class OneLineErrors(click.Group):
    """Click group that shows expected errors in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KlastriError as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt as error:
            raise Interrupted("interrupted") from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # click ends silently on a closed pipe
            raise Failure(_message(error)) from error


def _message(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename is not None else reason


def location_options(function: Command) -> Command:
    """``--index`` and ``--config``."""
    index = click.option(
        "--index",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Directory of the index (default: index; env: KLASTRIOTSING_INDEX).",
    )
    config = click.option(
        "--config",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Settings (default: klastriotsing.toml if there; env: KLASTRIOTSING_CONFIG).",
    )
    return index(config(function))


def configured(function: Callable[..., None]) -> Callable[..., None]:
    """Decorator: adds ``--index`` and ``--config``, and passes the Configuration.

    The group has both options, too; those of the command take precedence.
    """

    @location_options
    @functools.wraps(function)
    def run(*args: Any, index: Path | None, config: Path | None, **options: Any) -> None:
        from search.configuration import load_configuration

        above = click.get_current_context().find_root().params
        configuration = load_configuration(config or above.get("config"), os.environ)
        if chosen := index or above.get("index"):
            configuration = replace(configuration, index=chosen)
        function(configuration, *args, **options)

    return run


jobs_option = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Processes that analyse articles (default: one for each processor core).",
)


def with_jobs(configuration: "Configuration", jobs: int | None) -> "Configuration":
    """``configuration`` with the value of ``--jobs``."""
    return replace(configuration, jobs=jobs) if jobs else configuration


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def echo_line(line: object, *, err: bool = False) -> None:
    """Prints one line, without control characters from sources."""
    text = str(line)
    click.echo("".join(each if each.isprintable() else " " for each in text), err=err)


def print_json(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextlib.contextmanager
def show_progress(total: int) -> Iterator[Callable[[int], None]]:
    """Progress bar on stderr if that is a terminal: articles done, speed, time left.

    Yields a function to be called with the number of further articles done.
    """
    started = time.monotonic()

    def advance(count: int) -> None:
        # A file may hold many articles.
        bar.length = max(bar.length, bar.pos + count)
        bar.update(count)

    def rate(_item: object) -> str:
        return f"{bar.pos / max(time.monotonic() - started, 0.001):.1f} articles/s"

    bar: Any = click.progressbar(
        length=total,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        show_pos=True,
        item_show_func=rate,
    )
    with bar:
        yield advance


def show_each(items: Iterable[T], total: int) -> Iterator[T]:
    """``items`` with a progress bar of ``total``."""
    with show_progress(total) as advance:
        for each in items:
            yield each
            advance(1)


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Context manager: SIGTERM ends the block as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def readable(_context: click.Context, _option: click.Parameter, text: str) -> str:
    """Click callback: replaces bytes that are no UTF-8 by replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
