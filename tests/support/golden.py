"""The golden file: the answers of the service to fixed questions over the example news.

    .venv/bin/python tests/support/golden.py

rewrites it and prints the changes. See tests/golden/README.md for when that is right.
"""

import contextlib
import json
import lzma
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from questions import Question, draw_questions

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer, Vabamorf
from search.configuration import Configuration, OpenSearchSettings
from search.errors import KlastriError
from search.request import FacetFilter, SearchRequest
from search.service import SearchService
from search.taxonomy import load_taxonomy

ROOT = Path(__file__).parent.parent.parent
#: Relative to the root, so that the file contains no path of a machine.
EXAMPLES = Path("examples", "uudised")
ANSWERS = ROOT / "tests" / "golden" / "answers.jsonl.xz"
SYNONYMS = ROOT / "tests" / "golden" / "synonyms.txt"
#: Date of addition of the examples: after the newest of them, so that no year is in the future.
INDEXED = datetime(2026, 6, 1, 12, tzinfo=UTC)
#: Tolerance of scores, absolute and relative.
TOLERANCE = 1e-5

Services = Mapping[str, SearchService]


def index_examples(index: Path, server: OpenSearchSettings | None = None) -> None:
    """Indexes the example news at a fixed time, as ``reindex`` does; on a ``server`` if given."""
    configuration = replace(_of_engine(server), index=index)
    indexing = pipeline(configuration, clock=lambda: INDEXED)
    with contextlib.chdir(ROOT):
        report = indexing.reindex(index_of(configuration), [EXAMPLES])
    assert not report.errors


@contextlib.contextmanager
def golden_services(
    index: Path, analyzer: Analyzer, server: OpenSearchSettings | None = None
) -> Iterator[Services]:
    """The services for questions: with default settings, and with those that an owner may have."""
    plain = replace(_of_engine(server), index=index)
    settings = {"plain": plain, "tuned": replace(plain, synonyms=SYNONYMS, freshness=0.4)}
    taxonomy = load_taxonomy(None)
    services = {
        name: SearchService(index, each, analyzer, taxonomy) for name, each in settings.items()
    }
    yield services
    for each in services.values():
        each.close()


def answer(services: Services, question: Question) -> Any:
    """The answer of a service to ``question`` as JSON, without times."""
    arguments = dict(question)
    service, method = services[arguments.pop("of")], arguments.pop("ask")
    if "request" in arguments:
        arguments["request"] = _request(arguments["request"])
    try:
        found = as_json(getattr(service, method)(**arguments))
    except KlastriError as error:
        return {"error": str(error)}
    if method == "search":
        del found["took_ms"], found["request"]
    return found


def as_json(value: Any) -> Any:
    """Converts an answer to JSON values."""
    return json.loads(json.dumps(value, default=_plain))


def differences(
    expected: Any, given: Any, at: str = "", tolerance: float = TOLERANCE
) -> Iterator[str]:
    """Differences of ``given`` from the expected value by place; further keys are allowed."""
    if isinstance(expected, float) and isinstance(given, float):
        if abs(expected - given) > tolerance * max(1.0, abs(expected)):
            yield f"{at}: {expected} was expected, {given} given"
    elif isinstance(expected, dict) and isinstance(given, dict):
        for key, value in expected.items():
            yield from differences(value, given.get(key), f"{at}.{key}" if at else key, tolerance)
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for place, pair in enumerate(zip(expected, given, strict=True)):
            yield from differences(*pair, f"{at}[{place}]", tolerance)
    elif expected != given:
        yield f"{at or 'answer'}: {_short(expected)} was expected, {_short(given)} given"


def read_golden() -> list[tuple[Question, Any]]:
    """The questions of the golden file with their answers."""
    with lzma.open(ANSWERS, "rt", encoding="utf-8") as lines:
        return [tuple(json.loads(line)) for line in lines]


def compare(services: Services, step: int = 1, tolerance: float = TOLERANCE) -> Iterator[str]:
    """Yields the answers that differ from the golden file: question and differences.

    Every ``step``-th question is compared.
    """
    for question, expected in read_golden()[::step]:
        found = list(differences(expected, answer(services, question), tolerance=tolerance))
        if found:
            lines = [json.dumps(question, ensure_ascii=False), *found[:8]]
            if len(found) > 8:
                lines.append(f"… and {len(found) - 8} more")
            yield "\n    ".join(lines)


def write_golden(services: Services) -> None:
    """Answers all questions, and writes the golden file."""
    lines = [
        json.dumps([each, _rounded(answer(services, each))], ensure_ascii=False) + "\n"
        for each in draw_questions(ROOT / EXAMPLES)
    ]
    with lzma.open(ANSWERS, "wt", encoding="utf-8", preset=9 | lzma.PRESET_EXTREME) as file:
        file.writelines(lines)


def _of_engine(server: OpenSearchSettings | None) -> Configuration:
    return Configuration(engine="opensearch", opensearch=server) if server else Configuration()


def _request(values: Mapping[str, Any]) -> SearchRequest:
    made = {
        name: FacetFilter(**{kind: tuple(each) for kind, each in value.items()})
        if isinstance(value, dict)
        else value
        for name, value in values.items()
    }
    return SearchRequest(**made)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else asdict(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 7)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:300]}…"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        index_examples(index)
        with golden_services(index, Analyzer(Vabamorf())) as services:
            changed = list(compare(services)) if ANSWERS.exists() else []
            write_golden(services)
    sys.stdout.write("\n".join((*changed, f"{len(changed)} answers have changed", "")))


if __name__ == "__main__":
    main()
