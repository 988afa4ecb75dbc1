"""A reader lives as long as somebody uses it, and no longer."""

from search.reader_manager import ReaderManager


class Reader:
    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True


def test_the_next_generation_is_followed_and_the_old_one_closed() -> None:
    names = ["gen-000001"]
    opened: list[Reader] = []

    def open_reader() -> Reader:
        opened.append(Reader())
        return opened[-1]

    live = ReaderManager(lambda: names[-1], open_reader)
    with live.acquire() as first:
        with live.acquire() as again:
            assert again is first
        names.append("gen-000002")
        with live.acquire() as second:
            assert second is not first
            assert not first.closed, "somebody still reads it"
    assert first.closed
    assert not second.closed
    live.close()
    assert second.closed
    assert len(opened) == 2
