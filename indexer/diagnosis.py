"""Diagnosis (``doctor``): checks program, configuration, index, sources and disk.

Checks are independent: an exception in one is a finding, and the others still run.
"""

import contextlib
import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from indexer.unexpected_errors import described
from search.configuration import DEFAULT_FILE, Configuration, SourceSettings, load_configuration
from search.engine_errors import EngineError
from search.engines.contract import GenerationFacts, Index
from search.engines.registry import DEFAULT, engine_findings
from search.errors import KlastriError, NoIndex
from search.finding import Finding, State
from search.meaning.vector_report import VectorReporter

#: Space needed for the next generation and its temporary files, relative to the live one.
_ROOM = 2
_LEAST_FREE = 200_000_000
_REINDEX = "klastriotsing reindex SOURCE"
_FILL_IN = "klastriotsing meaning"


@dataclass(frozen=True, slots=True)
class Subject:
    """The installation to check; ``index`` overrides that of the configuration.

    ``is_full`` verifies every byte of all generations; ``free`` gives the free bytes of a file
    system.
    """

    config: Path | None
    index: Path | None
    environment: Mapping[str, str]
    open_index: Callable[[Configuration], Index]
    is_full: bool = False
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free


def diagnose(subject: Subject) -> tuple[Finding, ...]:
    """Runs all checks; findings are in display order."""
    found = [*_run_check("program", _program)]
    configuration = Configuration()
    try:
        configuration = load_configuration(subject.config, subject.environment)
    except Exception as error:
        found.append(_failure("configuration", error))
    else:
        found += _run_check("configuration", lambda: _settings(subject, configuration))
    index = subject.index or configuration.index
    engine = _run_check("engine", lambda: _engine(configuration, subject.environment))
    found += engine
    # An engine that does not answer cannot be asked about the index.
    live = subject.open_index(_at(configuration, index)) if _answers(engine) else None
    if live is not None:
        found += _run_check("index", lambda: _index(live, index, configuration, subject.is_full))
        if configuration.meaning is not None:
            found += _run_check("meaning", lambda: _meaning(live, configuration))
    here = live if configuration.engine == DEFAULT else None
    found += _run_check("disk", lambda: _disk(here, index, subject.free))
    for each in configuration.sources:
        found += _run_check("sources", lambda each=each: _source(each))  # type: ignore[misc]
    if not configuration.sources:
        found.append(Finding("sources", "note", "none are configured; commands need a SOURCE"))
    return tuple(found)


def _run_check(area: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Findings of a check; an exception is a finding, too."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except Exception as error:
        found.append(_failure(area, error))
    return found


def _failure(area: str, error: Exception) -> Finding:
    if isinstance(error, KlastriError):
        return Finding(area, "wrong", str(error))
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename is not None else ""
        return Finding(area, "wrong", f"{place}{error.strerror}", "Check permissions and the disk")
    return Finding(area, "wrong", f"cannot be examined ({described(error)})", "Report this")


def _program() -> Iterator[Finding]:
    from search.analysis import estnltk_version

    names = f"klastriotsing {version('klastriotsing')}, Python {sys.version.split()[0]}"
    yield Finding("program", "ok", f"{names}, EstNLTK {estnltk_version()}")


def _settings(subject: Subject, configuration: Configuration) -> Iterator[Finding]:
    from indexer.extract import known_organisations, load_overrides
    from search.query.synonyms import load_synonyms
    from search.taxonomy import load_taxonomy

    named = subject.config or subject.environment.get("KLASTRIOTSING_CONFIG")
    file = named or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    yield Finding("configuration", "ok", str(file) if file else "none, so all is as by default")
    checks: tuple[Callable[[], object], ...] = (
        lambda: load_overrides(configuration.overrides, load_taxonomy(configuration.taxonomy)),
        lambda: known_organisations(configuration.gazetteer, defaults=configuration.defaults),
        lambda: load_synonyms(configuration.synonyms),
    )
    for check in checks:
        yield from _run_check("configuration", lambda check=check: check() and ())  # type: ignore[misc]


def _engine(configuration: Configuration, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Checks the connection to an engine on other machines."""
    yield from engine_findings(configuration.engine, configuration.opensearch, environment)


def _answers(engine: Sequence[Finding]) -> bool:
    """True if the engine answers, or is embedded."""
    return not engine or engine[0].state == "ok"


def _at(configuration: Configuration, index: Path) -> Configuration:
    return replace(configuration, index=index)


def _index(
    live: Index, path: Path, configuration: Configuration, is_full: bool
) -> Iterator[Finding]:
    """Checks each generation, and which one is live."""
    from search.engines.registry import fingerprint

    expected = fingerprint(configuration)
    current, lost = "", ""
    try:
        current = live.generation().name
    except NoIndex as error:
        name = path if configuration.engine == DEFAULT else error.values["index"]
        yield Finding("index", "note", f"{name}: there is none yet", f"Build it: {_REINDEX}")
        return
    except EngineError as error:
        yield Finding("index", "wrong", str(error))
        return
    except KlastriError as error:
        lost = str(error.values.get("reason", error))
    problems = {each: _problem(live, each, expected, is_full) for each in reversed(live.names())}
    lost = lost or problems.get(current, "")
    if lost:
        instead = next((each for each in live.fallbacks() if not problems.get(each, "gone")), None)
        answers = f"{instead} answers instead" if instead else "nothing answers"
        remedy = f"klastriotsing rollback, or {_REINDEX}" if instead else _REINDEX
        yield Finding("index", "wrong", f"{path}: {lost}; {answers}", remedy)
    for name, problem in problems.items():
        if not problem:
            yield _generation(live.generation(name), is_live=name == current)
        elif name != current:
            remedy = "It goes with time; rollback passes it over"
            yield Finding("index", "note", f"{name}: {problem}", remedy)


def _generation(facts: GenerationFacts, *, is_live: bool) -> Finding:
    state, size = "live, " if is_live else "", f"{facts.size / 1e6:.1f} MB"
    message = f"{facts.name}: {state}{facts.articles} articles, {size}, {facts.built}"
    return Finding("index", "ok", message)


def _meaning(live: Index, configuration: Configuration) -> Iterator[Finding]:
    """Checks that the model can be opened, and how many articles have its vectors."""
    from search.engines.registry import fingerprint
    from search.meaning.embedder import open_embedder

    if configuration.meaning is None:
        return
    reporter = VectorReporter(functools.partial(open_embedder, configuration.meaning))
    with contextlib.closing(live.open_stored(fingerprint(configuration))) as reader:
        report = reporter.report(reader)
    held = report.vectors
    for each in held.problems:
        yield Finding("meaning", "wrong", each, _FILL_IN)
    if report.problem:
        yield Finding("meaning", "wrong", report.problem)
    elif held.done < held.articles:
        yield Finding("meaning", "note", str(report), f"Fill it in: {_FILL_IN}")
    else:
        yield Finding("meaning", "ok", str(report))


def _problem(live: Index, name: str, expected: str, is_full: bool) -> str:
    """Reason why a generation cannot be used, empty if it can, even without vectors."""
    try:
        if is_full:
            return "; ".join(live.verify(expected, name, vectors=False))
        live.open(expected, name=name).close()
    except KlastriError as error:
        return str(error.values.get("reason", error))
    return ""


def _disk(live: Index | None, path: Path, free: Callable[[Path], int]) -> Iterator[Finding]:
    """Checks the free space for the next generation, and write permission for the directory.

    ``live`` is None if the generations are on other machines, and only other files here.
    """
    place = next((each for each in (path, *path.absolute().parents) if each.exists()), Path("/"))
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        who = f"user {os.geteuid()}"
        message = f"{place} cannot be written by {who}, so nothing can be indexed by this user"
        yield Finding("disk", "wrong", message, "Run this as the user who owns the index")
    foreign = next(_unreadable(path), None)
    if foreign is not None:
        yield Finding("disk", "wrong", f"{foreign} cannot be read", "Check its owner and mode")
    try:
        size = 0 if live is None else live.generation().size
    except KlastriError:
        size = 0
    left, wanted = free(place), max(_ROOM * size, _LEAST_FREE)
    message = f"{left / 1e6:.0f} MB are free at {place}"
    if left < wanted:
        remedy = f"Make room: the next generation may need {wanted / 1e6:.0f} MB"
        yield Finding("disk", "wrong", message, remedy)
    else:
        yield Finding("disk", "ok", message)


def _unreadable(path: Path) -> Iterator[Path]:
    """Files of the index that this user cannot read."""
    for folder, _, names in os.walk(path):
        for name in names:
            if not os.access(Path(folder, name), os.R_OK):
                yield Path(folder, name)


def _source(settings: SourceSettings) -> Iterator[Finding]:
    """Checks that a source exists, and counts its files."""
    from indexer.sources import Input, open_source, printable_path

    if settings.is_address:
        yield Finding("sources", "ok", f"{settings.location} (not asked)")
        return
    name = printable_path(Path(settings.location))
    inputs = 0
    for each in open_source(settings).scan():
        if not isinstance(each, Input):
            yield Finding("sources", "wrong", str(each))
        elif each.path is None:
            yield Finding("sources", "note", f"{each.name}: {each.id}")
        else:
            inputs += 1
            if not os.access(each.path, os.R_OK):
                yield Finding("sources", "wrong", f"{each.name} cannot be read", "Check its mode")
    state: State = "ok" if inputs else "wrong"
    remedy = "" if inputs else "Check the path: a reindex would find nothing"
    yield Finding("sources", state, f"{name}: {inputs} files to look at", remedy)
