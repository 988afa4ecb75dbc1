"""In-memory store of wrong facet values that readers reported, for the operator's list.

A report names a value of an article and contains no text, so that it is useless for spam, and no
personal data. Equal ones are counted.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

#: Most different reports; the oldest are dropped first.
MOST_REPORTS = 200


@dataclass(frozen=True, slots=True)
class ReportedMistake:
    """A reported value of an article, with the number of reports."""

    article_id: str
    facet: str
    value: str
    times: int = 1


class MistakeStore:
    """Counts reported mistakes in memory. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reports: OrderedDict[tuple[str, str, str], ReportedMistake] = OrderedDict()

    def note(self, article_id: str, facet: str, value: str) -> None:
        """Counts a report."""
        key = (article_id, facet, value)
        with self._lock:
            known = self._reports.get(key)
            if known is not None:
                self._reports[key] = replace(known, times=known.times + 1)
                return
            self._reports[key] = ReportedMistake(*key)
            if len(self._reports) > MOST_REPORTS:
                self._reports.popitem(last=False)

    def all(self) -> tuple[ReportedMistake, ...]:
        """The reports, most frequent first."""
        with self._lock:
            return tuple(sorted(self._reports.values(), key=lambda each: -each.times))
