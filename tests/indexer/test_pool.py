"""Spreading work over real processes: the same answers, one clear error, nothing left running."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from local_runner import LocalRunner
from odd_articles import Odd, OddFactory, fresh, pickled

import indexer.pool as module
from indexer.analysis_limits import AnalysisLimits
from indexer.document_builder import DocumentBuilder, RefacetTask, Task
from indexer.factory import index_of, pipeline
from indexer.pool import BATCH_CHARACTERS, BATCH_TASKS, HEAVY_CHARACTERS, WorkerPool, batches
from indexer.worker_process import ProcessEndedError, WorkerProcess
from search.configuration import Configuration
from search.engines.contract import EngineReader, IndexedDocument
from search.engines.registry import open_index
from search.errors import KlastriError, WorkerEnded

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
JOBS = 2


@dataclass(frozen=True)
class NoFactory:
    def builder(self) -> DocumentBuilder:
        raise KlastriError(message="ei saa")

    def open_live(self) -> EngineReader:
        raise NotImplementedError


def many(*odd: Task) -> list[Task]:
    """So many tasks that processes are worth their start, ``odd`` in the midst of them."""
    plain: list[Task] = [fresh(number) for number in range(3 * BATCH_TASKS)]
    return [*plain[:150], *odd, *plain[150:]]


def documents(tasks: Iterable[Task], jobs: int = JOBS) -> list[IndexedDocument]:
    with contextlib.closing(WorkerPool(OddFactory(), jobs).run(tasks, pickled)) as results:
        return [each for done in results for each in pickle.loads(done.packed)]  # noqa: S301


def children() -> set[int]:
    return set(below(os.getpid()))


@pytest.fixture(autouse=True)
def _nothing_is_left_running() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


def test_many_are_done_elsewhere_and_come_back_in_order():
    tasks = many(fresh(999, title="ütle"))
    done = documents(tasks)
    assert [each.article.id for each in done] == [each.article.id for each in tasks]  # type: ignore[union-attr]
    assert str(os.getpid()).encode() not in {each.findings for each in done}


@pytest.mark.parametrize(("jobs", "count"), [(1, 3 * BATCH_TASKS), (JOBS, BATCH_TASKS)])
def test_few_are_done_here(jobs, count):
    done = documents([fresh(number) for number in range(count)], jobs)
    assert {each.findings for each in done} == {str(os.getpid()).encode()}


def test_nothing_to_do_makes_nothing():
    assert list(WorkerPool(NoFactory(), JOBS).run([], pickled)) == []


def test_batches_are_bounded_by_characters_and_number():
    long = "a" * (BATCH_CHARACTERS // 2)
    tasks = [
        fresh(1, long),
        fresh(2, long),
        fresh(3),
        *(RefacetTask(str(n), n) for n in range(150)),
    ]
    cut = list(batches(tasks))
    assert [len(each) for each in cut] == [2, BATCH_TASKS, 51]
    assert [task for batch in cut for task in batch] == tasks
    assert list(batches([])) == []


def test_tasks_are_taken_only_as_they_are_needed(monkeypatch):
    monkeypatch.setattr(module, "BATCH_TASKS", 2)
    taken: list[int] = []

    def tasks() -> Iterator[Task]:
        for number in range(100):
            taken.append(number)
            yield fresh(number)

    with contextlib.closing(WorkerPool(OddFactory(), JOBS).run(tasks(), pickled)) as results:
        for given, _ in enumerate(results, 1):
            assert len(taken) - 2 * given <= 2 * (2 * JOBS + 1)
    assert len(taken) == 100


@pytest.mark.parametrize("jobs", [1, JOBS])
def test_an_article_that_cannot_be_analysed_is_named_and_the_others_are_done(jobs):
    tasks = many(fresh(998, title="viga"))
    with contextlib.closing(WorkerPool(OddFactory(), jobs).run(tasks, pickled)) as results:
        done = list(results)
    ((failed, error),) = [each for batch in done for each in batch.failures]
    assert failed == "998"
    message = str(error)
    assert message.startswith("998.txt: cannot be analysed (ValueError: vale arv, at odd_articles")
    assert "\n" not in message
    articles = [article_id for batch in done for article_id, _ in batch.articles]
    assert articles == [each.id for each in tasks if each.id != "998"]
    assert sum(each.tasks for each in done) == len(tasks)


def test_an_article_that_cannot_be_packed_is_named_and_the_others_are_done(analyzer):
    tasks = [fresh(1), fresh(2, title="pool märki: \ud800"), fresh(3)]
    (done,) = LocalRunner(analyzer, Odd()).run(tasks, pickled)
    assert [article_id for article_id, _ in done.articles] == ["1", "3"]
    assert [(each, error.code) for each, error in done.failures] == [("2", "analysis-failed")]


def failures(odd: dict[str, str], limits: AnalysisLimits) -> dict[str, str]:
    """What is said of the articles with the titles ``odd``; all others are done, in order."""
    tasks = many(*(fresh(900 + number, title=title) for number, title in enumerate(odd)))
    with contextlib.closing(WorkerPool(OddFactory(), JOBS, limits).run(tasks, pickled)) as results:
        done = list(results)
    failed = dict(each for result in done for each in result.failures)
    articles = [article_id for result in done for article_id, _ in result.articles]
    assert articles == [each.id for each in tasks if each.id not in failed]
    assert sum(each.tasks for each in done) == len(tasks)
    return {title: str(failed.pop(str(900 + number))) for number, title in enumerate(odd)}


@pytest.mark.slow
def test_articles_that_end_their_process_are_named_and_the_others_are_done():
    odd = {
        "tapa": "killed by signal 9",
        "lõpeta": "with exit status 7",
        "arvuta": "it takes more than 1 seconds",
        "kordus": "it took too long",
        "mälu": "MemoryError",
    }
    found = failures(odd, AnalysisLimits(seconds=1, megabytes=1000))
    for title, reason in odd.items():
        assert "cannot be analysed (" in found[title]
        assert reason in found[title]


@pytest.mark.slow
def test_a_process_that_does_not_answer_is_ended():
    found = failures({"maga": ""}, AnalysisLimits(silence=4))
    assert "no answer for 4 seconds" in found["maga"]


def test_what_takes_too_long_is_interrupted_here_as_well():
    tasks = [fresh(1), fresh(2, title="arvuta"), fresh(3)]
    (done,) = WorkerPool(OddFactory(), 1, AnalysisLimits(seconds=0.5)).run(tasks, pickled)
    assert [article_id for article_id, _ in done.articles] == ["1", "3"]
    assert [article_id for article_id, _ in done.failures] == ["2"]


def test_one_long_article_among_few_ends_no_more_than_its_own_process():
    tasks = [fresh(1), fresh(2, "Puit. " * (HEAVY_CHARACTERS // 5), "tapa"), fresh(3)]
    done = list(WorkerPool(OddFactory(), 1).run(tasks, pickled))
    assert [article_id for each in done for article_id, _ in each.articles] == ["1", "3"]
    ((failed, error),) = [each for result in done for each in result.failures]
    assert failed == "2"
    assert "killed by signal 9" in str(error)


def test_where_process_after_process_ends_it_is_one_error():
    odd = [fresh(900 + number, title="tapa") for number in range(3)]
    limits = AnalysisLimits(lost=1)
    with pytest.raises(WorkerEnded) as caught:
        list(WorkerPool(OddFactory(), JOBS, limits).run(many(*odd), pickled))
    assert "killed by signal 9" in str(caught.value)
    assert "--jobs 1" in str(caught.value)


def test_what_cannot_be_made_elsewhere_is_told_here():
    with pytest.raises(KlastriError, match="ei saa"):
        list(WorkerPool(NoFactory(), JOBS).run(many(), pickled))


def test_closing_ends_what_is_under_way_at_once():
    began = time.monotonic()
    results = WorkerPool(OddFactory(), JOBS).run(
        [*many()[:100], fresh(996, title="kaua"), *many()], pickled
    )
    next(results)
    results.close()
    assert time.monotonic() - began < 30


def test_the_index_does_not_depend_on_the_number_of_processes(tmp_path, some, monkeypatch):
    """Nor does the report."""
    monkeypatch.setattr(module, "BATCH_TASKS", 8)
    clock = _Clock()
    reports = []
    for jobs in (1, JOBS):
        configuration = Configuration(index=tmp_path / str(jobs), jobs=jobs)
        clock.now = NOON
        work = pipeline(configuration, clock=clock)
        reports.append(work.reindex(index_of(configuration), [some]))
    assert reports[0] == reports[1]
    assert _contents(tmp_path / "1") == _contents(tmp_path / str(JOBS))


def test_facets_are_formed_again_in_other_processes(tmp_path, some, monkeypatch):
    """``index`` after the owner's files have changed gives the same, however it is spread."""
    monkeypatch.setattr(module, "BATCH_TASKS", 8)
    overrides = tmp_path / "parandused.yaml"
    contents = []
    for jobs in (1, JOBS):
        overrides.write_text("organisations: {drop: [EAS]}\n", encoding="utf-8")
        configuration = Configuration(index=tmp_path / str(jobs), jobs=jobs, overrides=overrides)
        clock: Callable[[], datetime] = _Clock()
        index = index_of(configuration)
        pipeline(configuration, clock=clock).reindex(index, [some])
        overrides.write_text("organisations: {rename: {EAS: Uus Asutus}}\n", encoding="utf-8")
        report = pipeline(configuration, clock=clock).update(index, [some])
        assert report.updated > 0
        assert report.updated + report.unchanged == report.articles
        contents.append((report.changes, _contents(configuration.index)))
    assert contents[0] == contents[1]


@pytest.fixture
def some(tmp_path) -> Path:
    """A source of some of the examples."""
    folder = tmp_path / "näited"
    folder.mkdir()
    for each in sorted(EXAMPLES.glob("*.txt"))[:24]:
        (folder / each.name).write_bytes(each.read_bytes())
    return folder


@pytest.fixture
def crowd(tmp_path) -> Path:
    """A source of many short articles."""
    folder = tmp_path / "palju"
    folder.mkdir()
    examples = [each.read_text(encoding="utf-8") for each in sorted(EXAMPLES.glob("*.txt"))]
    examples = [each for each in examples if "\nid:" not in each]
    for number in range(6 * BATCH_TASKS):
        text = examples[number % len(examples)][:400]
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


class _Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def _contents(index: Path) -> list[IndexedDocument]:
    """Every document in the order of its number."""
    with contextlib.closing(open_index(index).open()) as reader:
        numbers = sorted(n for each in reader.article_ids() if (n := reader.find(each)) is not None)
        return [reader.document(each) for each in numbers]


def started(news: Path, index: Path) -> "subprocess.Popen[str]":
    """``reindex`` in two processes, begun."""
    command = [sys.executable, "-m", "indexer", "reindex", str(news), "--index", str(index)]
    return subprocess.Popen(
        [*command, "--jobs", str(JOBS)],
        cwd=ROOT,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def below(pid: int) -> list[int]:
    """The worker processes that ``pid`` has started."""
    found: list[int] = []
    for task in Path("/proc").glob(f"{pid}/task/*/children"):
        with contextlib.suppress(OSError):  # a thread that has just ended
            found += map(int, task.read_text(encoding="ascii").split())
    return [each for each in found if is_worker(each)]


def is_worker(pid: int) -> bool:
    """Not the tracker of shared resources, which the library keeps beside the workers."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def wait_until(is_so: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGTERM,
        *(pytest.param(each, marks=pytest.mark.slow) for each in (signal.SIGINT, signal.SIGKILL)),
    ],
)
def test_the_end_of_the_program_is_the_end_of_all_processes(tmp_path, crowd, how):
    with started(crowd, tmp_path / "index") as process:
        wait_until(lambda: len(below(process.pid)) == JOBS)
        workers = below(process.pid)
        if how == signal.SIGINT:  # as a terminal does it: to every process of the group
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        _, said = process.communicate(timeout=20)
        assert process.returncode == (-how if how == signal.SIGKILL else 130)
        if how != signal.SIGKILL:
            assert said == "klastriotsing: interrupted\n"
    wait_until(lambda: not any(map(is_running, workers)), 10)
    assert open_index(tmp_path / "index").current() is None
    # Nobody holds the lock any more.
    with open_index(tmp_path / "index").build([], "f", NOON):
        pass


@pytest.mark.slow
def test_a_killed_process_costs_nothing(tmp_path, crowd):
    with started(crowd, tmp_path / "index") as process:
        wait_until(lambda: len(below(process.pid)) == JOBS)
        os.kill(below(process.pid)[0], signal.SIGKILL)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    with contextlib.closing(open_index(tmp_path / "index").open()) as reader:
        assert reader.document_count == 6 * BATCH_TASKS


def test_processes_import_nothing_from_the_working_directory(tmp_path, monkeypatch):
    for name in ("pickle", "signal", "random"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('wrong module')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    process = WorkerProcess(os.getpid)
    assert process.call() not in (os.getpid(), 0)
    process.close()
    with pytest.raises(ProcessEndedError):
        WorkerProcess(sys.exit).call(3)
