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
    """Makes errors from responses of the server called ``server``."""

    def __init__(self, server: str) -> None:
        self._server = server

    def of_answer(self, status: int, body: object) -> KlastriError:
        """The error for a response; ``body`` is its JSON, None where it has none."""
        kinds, reason = _causes(body)
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
        """The error for a connection that failed with ``problem``."""
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
        # The type alone, as the text may name addresses.
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(problem).__name__).lower()
        return EngineUnavailable(server=self._server, reason=words)

    def of_time(self, seconds: float) -> EngineError:
        """The error for no response within ``seconds``."""
        return EngineTimedOut(server=self._server, seconds=f"{seconds:g}")

    def of_documents(self, documents: Iterable[Mapping[str, Any]]) -> KlastriError | None:
        """The error for documents of a multi-get that could not be read, None if there are none."""
        for each in documents:
            if "error" in each:
                kinds, _ = _causes(each)
                return self.of_answer(503 if kinds & _INCOMPLETE else 500, each)
        return None

    def of_shards(self, shards: Mapping[str, Any]) -> EngineError | None:
        """The error for missing shards, None for none; ``shards`` is ``_shards`` of an answer.

        A shard without any copy left is not among the failed ones, so both counts are compared.
        """
        total, successful = shards["total"], shards["successful"]
        if successful == total and not shards.get("failed"):
            return None
        reason = f"{successful} of {total} shards answer"
        return IncompleteAnswer(server=self._server, reason=reason)


def _causes(body: object) -> tuple[set[str], str]:
    """The types of an error and of all its causes, and the most specific reason."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        # A page of a proxy.
        return set(), "its answer is no JSON" if error else "no reason given"
    kinds: set[str] = set()
    reasons: list[str] = []
    found: list[object] = [error]
    while found:
        each = found.pop()
        if not isinstance(each, dict):
            continue
        kinds.add(str(each.get("type")))
        if isinstance(reason := each.get("reason"), str):
            reasons.append(reason)
        found += [each.get("caused_by"), each.get("reason"), *each.get("root_cause", ())]
        found += each.get("failed_shards", ())
    return kinds, (reasons[0] if reasons else "no reason given")[:200]


def _block(reason: str) -> str:
    """The block in “index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded …];”."""
    block = re.search(r"\[[A-Z_]+/\d+/([^\]]+)\]", reason)
    return block[1] if block else reason
