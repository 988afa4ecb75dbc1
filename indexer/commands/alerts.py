"""Command ``alerts``: sends alert e-mails that are due, and deletes the data of an address."""

import contextlib
import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from indexer.commands.common import Failure, configured, echo_line, json_option, print_json

if TYPE_CHECKING:
    from search.configuration import Configuration


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be sent; send and note nothing.")
@click.option("--forget", metavar="ADDRESS", help="Delete all that is kept of ADDRESS instead.")
@json_option
@configured
def alerts(
    configuration: "Configuration", dry_run: bool, forget: str | None, as_json: bool
) -> None:
    """Send the alerts that are due.

    Cron should run this every few minutes: confirmations of new orders go out at once, the e-mails
    of alerts in the morning, once a day or on Mondays, each with what is new since the last one.
    Without an SMTP server in the configuration nothing can be ordered. What could not be sent is
    tried next time; if the server takes nothing at all, the exit status is 1.

    Example: klastriotsing alerts --dry-run
    """
    from indexer.factory import dispatcher, service

    if forget is not None:
        _forget(configuration, forget)
        return
    with contextlib.closing(service(configuration)) as answering:
        sender = dispatcher(configuration, answering, os.environ)
        done = sender.rehearse() if dry_run else sender.run()
    if as_json:
        print_json({**asdict(done), "problem": str(done.problem) if done.problem else None})
    else:
        for each in done.subjects if dry_run else ():
            echo_line(each)
        click.echo(f"{'To be sent' if dry_run else 'Sent'}: {done.summary()}")
    for each in done.faults:
        click.echo(f"An e-mail could not be written: {each}. Report this", err=True)
    if done.problem:
        raise Failure(str(done.problem))
    if done.faults:
        raise Failure("Some alerts were not answered. They are tried again next time")


def _forget(configuration: "Configuration", typed: str) -> None:
    from search.alerts.alert_store import AlertStore
    from search.alerts.mail_address import MailAddress

    count = AlertStore(configuration.index).forget(MailAddress.parse(typed))
    noun = "alert" if count == 1 else "alerts"
    # Without the address, because terminals and cron would store it.
    click.echo(f"{count} {noun} of that address deleted")
