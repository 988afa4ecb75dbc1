"""A reindex analyses nothing twice, and what it takes over is what a new analysis would give."""

import contextlib
from collections.abc import Generator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from local_runner import LocalRunner
from manifests import alter_manifest

from indexer.document import AnalysedDocument
from indexer.document_builder import Task, TaskResult
from indexer.extract import Enricher, load_gazetteer, load_overrides
from indexer.factory import index_of, pipeline
from indexer.fingerprints import PLACES, extraction_fingerprint
from indexer.pipeline import Pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.contract import DocumentKey, IndexedDocument, IndexedField, Pack, StoredReader
from search.engines.registry import open_index
from search.taxonomy import load_taxonomy

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples" / "uudised"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Counting:
    """The real enricher, which counts what it has read."""

    def __init__(self, analyzer: Analyzer, overrides: Path | None = None) -> None:
        taxonomy = load_taxonomy()
        corrections = load_overrides(overrides, taxonomy)
        self.inner = Enricher(analyzer, taxonomy, load_gazetteer(), corrections, 2026)
        self.read: list[str] = []

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        self.read.append(analysed.document.article.id)
        return self.inner.extract(analysed)

    def form(self, document: IndexedDocument) -> IndexedDocument:
        return self.inner.form(document)


class Desk:
    """Some of the examples, an index, and one clock that stands still unless moved."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        self.analyzer = analyzer
        self.news = folder / "uudised"
        self.news.mkdir()
        for each in sorted(EXAMPLES.glob("*.txt"))[:12]:
            (self.news / each.name).write_bytes(each.read_bytes())
        self.index = open_index(folder / "index")
        self.now = NOON

    def reindex(
        self,
        findings: str = "täna",
        overrides: Path | None = None,
        fresh: bool = False,
        runner: type[LocalRunner] = LocalRunner,
    ) -> list[str]:
        """Which articles were analysed."""
        enricher = Counting(self.analyzer, overrides)
        work = Pipeline(
            runner(self.analyzer, enricher), "f", findings=findings, clock=lambda: self.now
        )
        self.report = work.reindex(self.index, [self.news], fresh=fresh)
        return enricher.read

    def update(self, findings: str) -> list[str]:
        enricher = Counting(self.analyzer)
        work = Pipeline(LocalRunner(self.analyzer, enricher), "f", findings=findings)
        work.update(self.index, [self.news])
        return enricher.read

    def change(self, at: int) -> str:
        """Change an article; its id."""
        file = sorted(self.news.iterdir())[at]
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "\n\nMuudatus 2016. aastal.\n", encoding="utf-8")
        return file.stem

    def bytes(self) -> list[tuple[object, ...]]:
        """All that is stored, as bytes, in the order of the numbers."""
        with contextlib.closing(self.index.open()) as reader:
            found = [reader.find(each) for each in reader.article_ids()]
            numbers = sorted(each for each in found if each is not None)
            return [_bytes(reader.document(each)) for each in numbers]


def _bytes(document: IndexedDocument) -> tuple[object, ...]:
    return (
        repr(document.article),
        _plain(document.title),
        _plain(document.body),
        document.digest,
        document.signature,
        document.findings,
        document.passages,
    )


def _plain(field: IndexedField) -> tuple[object, ...]:
    postings = [(term, tuple(at)) for term, at in sorted(field.postings.items())]
    rest = (field.starts, field.ends, field.sentences, field.addresses)
    return postings, field.length, tuple(tuple(map(int, each)) for each in rest)


@pytest.fixture
def desk(tmp_path: Path, analyzer: Analyzer) -> Desk:
    return Desk(tmp_path, analyzer)


def test_nothing_is_analysed_twice_and_comes_out_equal(desk: Desk) -> None:
    assert len(desk.reindex()) == 12
    first = desk.bytes()
    assert desk.reindex() == []
    assert desk.report.unchanged == 12
    assert desk.bytes() == first
    assert len(desk.reindex(fresh=True)) == 12
    assert desk.bytes() == first
    assert desk.index.verify() == []


def test_only_what_has_changed_is_analysed(desk: Desk) -> None:
    desk.reindex()
    changed = desk.change(3)
    desk.now += timedelta(days=1)
    assert desk.reindex() == [changed]
    assert (desk.report.updated, desk.report.unchanged) == (1, 11)
    mixed = desk.bytes()
    desk.reindex(fresh=True)
    assert desk.bytes() == mixed


def test_facets_are_formed_again_by_the_owners_files_of_now(desk: Desk, tmp_path: Path) -> None:
    desk.reindex()
    overrides = tmp_path / "parandused.yaml"
    first = sorted(desk.news.iterdir())[0].stem
    overrides.write_text(f"articles: {{{first}: {{year: 1999}}}}\n", encoding="utf-8")
    assert desk.reindex(overrides=overrides) == []
    assert desk.report.unchanged == 12
    formed = desk.bytes()
    desk.reindex(overrides=overrides, fresh=True)
    assert desk.bytes() == formed
    with contextlib.closing(desk.index.open()) as reader:
        number = reader.find(first)
        assert number is not None
        year = reader.article(number).year
    assert year is not None
    assert year.value == 1999


def test_other_code_of_the_findings_analyses_everything(desk: Desk) -> None:
    desk.reindex()
    assert len(desk.reindex("homme")) == 12
    assert desk.reindex("homme") == []
    assert len(desk.reindex("")) == 12
    assert len(desk.reindex("")) == 12, "what is not known is not the same"


def test_an_update_by_other_code_leaves_an_index_of_two_kinds(desk: Desk) -> None:
    desk.reindex()
    changed = desk.change(0)
    assert desk.update("täna") == [changed]
    assert desk.index.generation().findings == "täna"
    changed = desk.change(1)
    assert desk.update("homme") == [changed]
    assert desk.index.generation().findings == ""
    assert len(desk.reindex("homme")) == 12


# Whoosh leaves a table of contents open that it cannot read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_of_a_damaged_index_nothing_is_taken_over(desk: Desk, tmp_path: Path) -> None:
    desk.reindex()
    live = desk.index.current()
    assert live is not None
    file = max((tmp_path / "index" / live).iterdir(), key=lambda each: each.stat().st_size)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert len(desk.reindex()) == 12
    assert desk.index.verify() == []
    assert desk.reindex() == []


def test_an_index_of_an_earlier_version_is_analysed_anew(desk: Desk, tmp_path: Path) -> None:
    desk.reindex()
    alter_manifest(tmp_path / "index" / str(desk.index.current()), findings="")
    desk.now += timedelta(days=1)
    assert len(desk.reindex()) == 12
    assert desk.report.unchanged == 12
    with contextlib.closing(desk.index.open()) as reader:
        number = reader.find(next(iter(reader.article_ids())))
        assert number is not None
        assert reader.article(number).added == NOON


class WithoutDocuments(LocalRunner):
    """Gives out no document of the index before."""

    def run(
        self, tasks: Iterable[Task], pack: Pack, live: StoredReader | None = None
    ) -> Generator[TaskResult, None, None]:
        assert live is not None
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(live), "document", self.unreadable)
            yield from super().run(tasks, pack, live)

    def unreadable(self, _key: DocumentKey) -> IndexedDocument:
        raise ValueError("loetamatu")


def test_a_document_that_cannot_be_read_is_analysed(desk: Desk) -> None:
    desk.reindex()
    first = desk.bytes()
    assert len(desk.reindex(runner=WithoutDocuments)) == 12
    assert desk.bytes() == first


def test_the_program_knows_its_own_code(desk: Desk, tmp_path: Path) -> None:
    configuration = Configuration(index=tmp_path / "teine")
    index = index_of(configuration)
    pipeline(configuration).reindex(index, [desk.news])
    assert index.generation().findings == extraction_fingerprint(
        datetime.now(UTC).year, acronyms=load_gazetteer().acronyms
    )


def test_the_digest_of_the_code_changes_with_every_file(tmp_path: Path) -> None:
    package = tmp_path / "pakett"
    (package / "__pycache__").mkdir(parents=True)
    digests = [extraction_fingerprint(2026, [package])]

    def is_new() -> bool:
        digests.append(extraction_fingerprint(2026, [package]))
        return len(set(digests)) == len(digests)

    (package / "andmed.yaml").write_text("a: 1", encoding="utf-8")
    assert is_new()
    (package / "andmed.yaml").write_text("a: 2", encoding="utf-8")
    assert is_new()
    (package / "sees").mkdir()
    (package / "sees" / "kood.py").write_text("", encoding="utf-8")
    assert is_new()
    assert extraction_fingerprint(2027, [package]) not in digests
    (package / "__pycache__" / "kood.pyc").write_bytes(b"0")
    assert not is_new()


def test_all_code_that_extracts_is_in_the_digest() -> None:
    assert all(each.exists() for each in PLACES)
    names = {each.name for each in PLACES}
    assert {"extract", "analysis", "document.py", "minhash.py"} <= names
