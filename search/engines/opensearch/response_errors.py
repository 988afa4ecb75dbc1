"""Maps error responses of OpenSearch to the errors of this program."""

import re
import ssl
from collections.abc import Iterable, Mapping
from typing import Any

from search.engine_errors import (
    EngineBlocked,
    EngineError,
    EngineFailed,
    EngineRefused,
    EngineTimedOut,
    EngineUnavailable,
    EngineUntrusted,
    IncompleteAnswer,
)
from search.errors import KlastriError, QueryTooBroad

#: Types of errors where some shard has no copy that answers.
_INCOMPLETE = {
    "search_phase_execution_exception",
    "no_shard_available_action_exception",
    "unavailable_shards_exception",
}
#: A query of more clauses than the server allows.
_TOO_BROAD = {"too_many_clauses", "too_many_nested_clauses"}
#: Statuses of what may succeed a moment later.
_PASSING = (429, 502, 503, 504)


class ResponseErrors:
    """Makes errors of what the server called ``server`` has said."""

    def __init__(self, server: str) -> None:
        self._server = server

    def of_answer(self, status: int, told: object) -> KlastriError:
        """``told`` is the JSON of an answer with ``status``, None where it was none."""
        kinds, reason = _causes(told)
        if kinds & _TOO_BROAD:
            return QueryTooBroad()
        if "cluster_block_exception" in kinds and status in (403, 429):
            return EngineBlocked(server=self._server, reason=_block(reason))
        if status in (401, 403):
            why = "the login is missing or wrong" if status == 401 else "that is not allowed to it"
            return EngineRefused(server=self._server, reason=f"{status}: {why}")
        if status == 429:
            return EngineUnavailable(server=self._server, reason="it has too much to do")
        if kinds & _INCOMPLETE and status >= 500:
            return IncompleteAnswer(server=self._server, reason=reason)
        if status in _PASSING:
            return EngineUnavailable(server=self._server, reason=f"{status}: {reason}")
        return EngineFailed(server=self._server, status=status, reason=reason)

    def of_connection(self, problem: object) -> EngineError:
        """``problem`` is what kept a connection from being made, or has ended it."""
        while isinstance(problem, Exception):
            if isinstance(problem, ssl.SSLCertVerificationError):
                why = problem.verify_message or problem.reason
                return EngineUntrusted(server=self._server, reason=why)
            if isinstance(problem, ssl.SSLError) and problem.reason:
                why = f"TLS: {problem.reason.replace('_', ' ').lower()}"
                return EngineUnavailable(server=self._server, reason=why)
            if isinstance(problem, OSError) and problem.strerror:
                return EngineUnavailable(server=self._server, reason=problem.strerror)
            cause = problem.__cause__ or problem.__context__
            inner = next((each for each in problem.args if isinstance(each, Exception)), None)
            if cause is None and inner is None:
                break
            problem = cause or inner
        # Only the kind: the text of it names addresses.
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__).lower()
        return EngineUnavailable(server=self._server, reason=words)

    def of_time(self, seconds: float) -> EngineError:
        """Nothing came within ``seconds``."""
        return EngineTimedOut(server=self._server, seconds=f"{seconds:g}")

    def of_documents(self, documents: Iterable[Mapping[str, Any]]) -> KlastriError | None:
        """None where each of the documents asked for is there or not; a lost one is neither."""
        for each in documents:
            if "error" in each:
                kinds, _ = _causes(each)
                return self.of_answer(503 if kinds & _INCOMPLETE else 500, each)
        return None

    def of_shards(self, shards: Mapping[str, Any]) -> EngineError | None:
        """None where all shards have answered; ``shards`` is ``_shards`` of an answer.

        A shard of which no copy is left is none that has failed: it is only not there.
        """
        total, successful = shards["total"], shards["successful"]
        if successful == total and not shards.get("failed"):
            return None
        reason = f"{successful} of {total} shards answer"
        return IncompleteAnswer(server=self._server, reason=reason)


def _causes(told: object) -> tuple[set[str], str]:
    """All types of an error and its causes, and the reason that says most."""
    error = told.get("error", told) if isinstance(told, dict) else told
    if not isinstance(error, dict):
        # A page of something that stands before the server.
        return set(), "its answer is no JSON" if error else "no reason given"
    kinds: set[str] = set()
    reasons: list[str] = []
    found: list[object] = [error]
    while found:
        each = found.pop()
        if not isinstance(each, dict):
            continue
        kinds.add(str(each.get("type")))
        if isinstance(said := each.get("reason"), str):
            reasons.append(said)
        found += [each.get("caused_by"), each.get("reason"), *each.get("root_cause", ())]
        found += each.get("failed_shards", ())
    return kinds, (reasons[0] if reasons else "no reason given")[:200]


def _block(reason: str) -> str:
    """What blocks, of “index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded …];”."""
    said = re.search(r"\[[A-Z_]+/\d+/([^\]]+)\]", reason)
    return said[1] if said else reason
