"""Command ``doctor``: one page about what is wrong, and what to do."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from indexer.commands.common import (
    Failure,
    echo_line,
    json_option,
    location_options,
    print_json,
)

#: Most lines shown of one kind; --json has all.
_SHOWN = 20


@click.command()
@click.option("--full", is_flag=True, help="Read every byte of all generations.")
@json_option
@location_options
def doctor(index: Path | None, config: Path | None, full: bool, as_json: bool) -> None:
    """Say in one page what is wrong, and what to do.

    Looked at are the program, its configuration, the index with all its generations, the sources,
    free space and permissions, and the OpenSearch that holds the index, if one does. Nothing is
    changed, and nobody else is asked. The exit status is 1 if anything is wrong.

    Example: klastriotsing doctor
    """
    from indexer.diagnosis import Subject, diagnose
    from indexer.factory import index_of

    above = click.get_current_context().find_root().params
    chosen = index or above.get("index")
    subject = Subject(config or above.get("config"), chosen, os.environ, index_of, full)
    found = diagnose(subject)
    wrong = [each for each in found if each.state == "wrong"]
    if as_json:
        print_json({"healthy": not wrong, "findings": [asdict(each) for each in found]})
    else:
        counts: dict[tuple[str, str], int] = {}
        for each in found:
            kind = each.area, each.state
            counts[kind] = counts.get(kind, 0) + 1
            if counts[kind] <= _SHOWN:
                remedy = f" → {each.remedy}" if each.remedy else ""
                echo_line(f"{each.area:<14} {each.state:<6} {each.message}{remedy}")
        for (area, state), count in counts.items():
            if count > _SHOWN:
                echo_line(f"{area:<14} {state:<6} … and {count - _SHOWN} more")
    if wrong:
        things = "1 thing is" if len(wrong) == 1 else f"{len(wrong)} things are"
        raise Failure(f"{things} wrong; what to do stands behind the arrows")
