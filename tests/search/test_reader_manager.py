"""A reader lives as long as somebody uses it, and goes on where the next one cannot be opened."""

import threading

import pytest

from search.errors import IndexDamaged, IndexMismatch, KlastriError
from search.reader_manager import RETRY_SECONDS, ReaderManager


class Reader:
    def __init__(self, generation: str) -> None:
        self.generation = generation
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Desk:
    """An index whose generations can be spoilt, and a clock that is set."""

    def __init__(self) -> None:
        self.live = "gen-000001"
        self.bad: dict[str, KlastriError | OSError] = {}
        self.fallback: str | None = None
        self.now = 100.0
        self.opened: list[Reader] = []
        self.manager = ReaderManager(
            lambda: self.live, self.open, self.open_fallback, lambda: self.now
        )

    def open(self) -> Reader:
        if self.live in self.bad:
            raise self.bad[self.live]
        self.opened.append(Reader(self.live))
        return self.opened[-1]

    def open_fallback(self) -> Reader | None:
        return Reader(self.fallback) if self.fallback else None

    def lent(self) -> str:
        with self.manager.acquire() as reader:
            assert not reader.closed
            return reader.generation


DAMAGED = IndexDamaged(index="index", reason="x")


def test_the_next_generation_is_followed_and_the_old_one_closed() -> None:
    desk = Desk()
    with desk.manager.acquire() as first:
        with desk.manager.acquire() as again:
            assert again is first
        desk.live = "gen-000002"
        with desk.manager.acquire() as second:
            assert second is not first
            assert not first.closed, "somebody still reads it"
    assert first.closed
    assert not second.closed
    desk.manager.close()
    assert second.closed
    assert len(desk.opened) == 2


def test_a_pinned_reader_stays_until_the_block_ends_and_for_its_thread_alone() -> None:
    desk = Desk()
    with desk.manager.pinned():
        assert not desk.opened, "nothing is opened for who asks nothing"
        assert desk.lent() == "gen-000001"
        desk.live = "gen-000002"
        assert desk.lent() == "gen-000001"
        with desk.manager.pinned():
            assert desk.lent() == "gen-000002", "an inner block is one of its own"
        assert desk.lent() == "gen-000001"
        others: list[str] = []
        thread = threading.Thread(target=lambda: others.append(desk.lent()))
        thread.start()
        thread.join()
        assert others == ["gen-000002"]
        assert not desk.opened[0].closed
    assert desk.opened[0].closed
    assert desk.lent() == "gen-000002"


def test_blocks_may_end_in_another_order_than_they_began() -> None:
    desk = Desk()
    first, second = desk.manager.pinned(), desk.manager.pinned()
    first.__enter__()
    assert desk.lent() == "gen-000001"
    second.__enter__()
    desk.live = "gen-000002"
    first.__exit__(None, None, None)
    assert desk.lent() == "gen-000002"
    assert desk.opened[0].closed
    second.__exit__(None, None, None)
    desk.live = "gen-000003"
    assert desk.lent() == "gen-000003"
    assert desk.opened[1].closed


def test_what_cannot_be_opened_is_not_pinned() -> None:
    desk = Desk()
    desk.bad["gen-000001"] = DAMAGED
    with desk.manager.pinned():
        with pytest.raises(IndexDamaged):
            desk.lent()
        del desk.bad["gen-000001"]
        assert desk.lent() == "gen-000001"


@pytest.mark.parametrize(
    "error", [DAMAGED, IndexMismatch(index="index", reason="x"), OSError(24, "Too many open files")]
)
def test_the_open_reader_stays_where_the_next_cannot_be_opened(
    error: KlastriError | OSError, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk()
    assert desk.lent() == "gen-000001"
    desk.live = "gen-000002"
    desk.bad[desk.live] = error
    assert [desk.lent() for _ in range(3)] == ["gen-000001"] * 3
    assert desk.manager.problem is error
    assert desk.manager.failures == 1, "it is not tried for every request"
    desk.now += RETRY_SECONDS
    assert desk.lent() == "gen-000001"
    assert desk.manager.failures == 2
    assert [each.getMessage() for each in caplog.records] == [
        f"{error}. Until then gen-000001 answers"
    ]
    desk.bad.clear()
    desk.now += RETRY_SECONDS
    assert desk.lent() == "gen-000002"
    assert desk.manager.problem is None
    desk.live = "gen-000001"
    assert desk.lent() == "gen-000001"


def test_where_nothing_is_open_another_generation_is() -> None:
    desk = Desk()
    desk.live = "gen-000003"
    desk.bad[desk.live] = DAMAGED
    with pytest.raises(IndexDamaged):
        desk.lent()
    desk.fallback = "gen-000002"
    assert [desk.lent() for _ in range(3)] == ["gen-000002"] * 3
    assert desk.manager.problem is DAMAGED
    desk.bad.clear()
    desk.now += RETRY_SECONDS
    assert desk.lent() == "gen-000003"
    assert desk.manager.problem is None


def test_what_a_writer_removes_while_it_is_opened_is_no_damage() -> None:
    desk = Desk()
    opening = desk.open

    def overtaken() -> Reader:
        if desk.live == "gen-000001":
            desk.live = "gen-000002"
            raise DAMAGED
        return opening()

    manager = ReaderManager(lambda: desk.live, overtaken)
    with manager.acquire() as reader:
        assert reader.generation == "gen-000002"
    assert manager.failures == 0


def test_nobody_waits_for_the_next_generation_who_has_one() -> None:
    desk = Desk()
    assert desk.lent() == "gen-000001"
    begun, may_end = threading.Event(), threading.Event()
    opening = desk.open

    def slow() -> Reader:
        begun.set()
        assert may_end.wait(10)
        return opening()

    manager = ReaderManager(lambda: desk.live, lambda: slow() if begun is not None else opening())
    may_end.set()
    with manager.acquire():
        pass
    begun.clear()
    may_end.clear()
    desk.live = "gen-000002"
    found: list[str] = []

    def borrow() -> None:
        with manager.acquire() as reader:
            found.append(reader.generation)

    waiting = threading.Thread(target=borrow)
    waiting.start()
    assert begun.wait(10)
    borrow()
    assert found == ["gen-000001"]
    may_end.set()
    waiting.join()
    assert found == ["gen-000001", "gen-000002"]


def test_what_is_live_is_asked_once_in_a_while() -> None:
    now, said = [50.0], iter(["gen-000001", "gen-000002", "gen-000003"])
    names: list[str] = []

    def current() -> str:
        names.append(next(said))
        return names[-1]

    manager = ReaderManager(current, lambda: Reader(names[-1]), clock=lambda: now[0], patience=1.0)

    def lent() -> str:
        with manager.acquire() as reader:
            return reader.generation

    assert [lent(), lent()] == ["gen-000001", "gen-000001"]
    now[0] += 0.9
    assert lent() == "gen-000001"
    now[0] += 0.1
    assert [lent(), lent()] == ["gen-000002", "gen-000002"]
    assert len(names) == 2
