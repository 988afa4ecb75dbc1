"""Filling an index: what a run adds, changes, leaves and removes, and what stops it."""

import contextlib
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from local_runner import LocalRunner
from manifests import make_earlier

from indexer.document import AnalysedDocument
from indexer.pipeline import Pipeline
from indexer.sources import Input, Limits, open_source
from indexer.sources.folders import FileSource
from indexer.sources.input_reader import InputReader
from search.article import Article, Extracted
from search.engines.contract import Index, IndexedDocument
from search.engines.registry import open_index
from search.errors import (
    BadFrontMatter,
    IndexLocked,
    IndexMismatch,
    NoIndex,
    PruneRefused,
    ReindexRefused,
    SmallerIndexRefused,
    SourceError,
    SourceNotFound,
)

BEGINNING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Each reading is a day later."""

    def __init__(self) -> None:
        self.now = BEGINNING - timedelta(days=1)

    def __call__(self) -> datetime:
        self.now += timedelta(days=1)
        return self.now


class WordAreas:
    """An enricher simple enough to foretell: an area for every word of its list that is there."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def extract(self, analysed: AnalysedDocument) -> IndexedDocument:
        article = analysed.document.article
        assert article.language
        if "halb" in article.title:
            raise ValueError("vale arv")
        return self.form(replace(analysed.document, findings=article.body_text.encode()))

    def unmatched(self, article_ids: Container[str]) -> Iterator[str]:
        yield from (f"{each}?" for each in self.words if each == "Tuul" and each not in article_ids)

    def form(self, document: IndexedDocument) -> IndexedDocument:
        found = [each for each in self.words if each in document.findings.decode()]
        if "Viga" in found:
            raise ValueError("vale arv")
        areas = tuple(Extracted(each, "found") for each in found)
        return replace(document, article=replace(document.article, focus_areas=areas))


@pytest.fixture
def news(tmp_path) -> Path:
    folder = tmp_path / "uudised"
    folder.mkdir()
    for number, text in enumerate(("Puit kasvab.", "Vesi voolab.", "Puit ja vesi."), 1):
        write(folder / f"{number}.txt", f"Uudis number {number}\n\n{text}")
    return folder


@pytest.fixture
def index(tmp_path) -> Index:
    return open_index(tmp_path / "index")


@pytest.fixture
def pipeline(analyzer) -> Pipeline:
    return Pipeline(LocalRunner(analyzer, WordAreas("Puit")), "ühtne", clock=Clock())


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def article(index: Index, article_id: str) -> Article:
    with contextlib.closing(index.open()) as reader:
        number = reader.find(article_id)
        assert number is not None
        return reader.article(number)


def ids(index: Index) -> set[str]:
    with contextlib.closing(index.open()) as reader:
        return set(reader.article_ids())


def test_reindex_builds_and_compares_with_the_index_before(pipeline, index, news):
    first = pipeline.reindex(index, [news])
    # The clock is read at the beginning, for the record in the index, and at the end.
    assert (first.added, first.articles, first.seconds) == (3, 3, 2 * 86400.0)
    write(news / "1.txt", "Uudis sai uue pealkirja")
    (news / "2.txt").unlink()
    write(news / "4.txt", "Neljas uudis")
    write(news / "5.txt", "")
    second = pipeline.reindex(index, [news])
    counts = (second.added, second.updated, second.unchanged, second.removed, second.failed)
    assert counts == (1, 1, 1, 1, 1)
    assert ids(index) == {"1", "3", "4"}
    assert list(second.problems()) == [
        f"{news / '5.txt'}: holds no text. Write a title, an empty line and the paragraphs"
    ]
    assert index.verify() == []


def test_articles_keep_when_they_were_added(pipeline, index, news):
    pipeline.reindex(index, [news])
    write(news / "1.txt", "Uudis sai uue pealkirja")
    write(news / "4.txt", "Neljas uudis")
    pipeline.update(index, [news])
    assert article(index, "1").added == BEGINNING
    assert article(index, "4").added == BEGINNING + timedelta(days=3)
    pipeline.reindex(index, [news])
    assert article(index, "1").added == BEGINNING
    assert article(index, "4").added == BEGINNING + timedelta(days=3)


def test_articles_of_another_analysis_keep_when_they_were_added(pipeline, index, news, analyzer):
    pipeline.reindex(index, [news])
    other = Pipeline(LocalRunner(analyzer, WordAreas()), "teine", clock=Clock())
    report = other.reindex(index, [news])
    assert (report.unchanged, report.notes) == (3, ())
    assert article(index, "1").added == BEGINNING


def test_articles_of_an_earlier_schema_are_new(pipeline, index, news, tmp_path):
    pipeline.reindex(index, [news])
    make_earlier(tmp_path / "index" / "gen-000001")
    with pytest.raises(IndexMismatch):
        index.open()
    report = pipeline.reindex(index, [news])
    note = "The index before is of another version, so all articles are new"
    assert (report.added, report.unchanged, report.notes) == (3, 0, (note,))
    assert article(index, "1").added > BEGINNING


def test_facets_and_language_are_filled(pipeline, index, news):
    pipeline.reindex(index, [news])
    assert [each.value for each in article(index, "3").focus_areas] == ["Puit"]
    assert article(index, "2").focus_areas == ()
    assert article(index, "2").language == "et"


def test_reindex_that_reads_nothing_leaves_the_index(pipeline, index, news, tmp_path):
    pipeline.reindex(index, [news])
    live = index.current()
    empty = tmp_path / "tühi"
    empty.mkdir()
    write(empty / "a.txt", "")
    report = pipeline.reindex(index, [empty])
    assert report.is_empty
    assert (report.failed, report.articles, report.changes) == (1, 3, ())
    assert index.current() == live
    assert ids(index) == {"1", "2", "3"}
    with pytest.raises(SourceNotFound):
        pipeline.reindex(index, [tmp_path / "puudub"])
    assert index.current() == live


# Whoosh leaves a table of contents open that it cannot read.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_reindex_mends_a_damaged_index(pipeline, index, news):
    pipeline.reindex(index, [news])
    live = index.current()
    assert live is not None
    for file in (news.parent / "index" / live).iterdir():
        if file.suffix != ".json":
            file.write_bytes(b"\xff" * file.stat().st_size)
    report = pipeline.reindex(index, [news])
    assert report.added == 3
    assert "could not be read" in report.notes[0]
    assert index.verify() == []


def test_update_adds_changes_and_leaves(pipeline, index, news):
    pipeline.reindex(index, [news])
    assert pipeline.update(index, [news]).unchanged == 3
    assert len(index.names()) == 1
    write(news / "1.txt", "Uudis sai uue pealkirja")
    write(news / "4.txt", "Neljas uudis")
    (news / "2.txt").unlink()
    report = pipeline.update(index, [news])
    counts = (report.added, report.updated, report.unchanged, report.removed, report.articles)
    assert counts == (1, 1, 1, 0, 4)
    assert [(each.id, each.what) for each in report.changes] == [("1", "updated"), ("4", "added")]
    assert article(index, "1").title == "Uudis sai uue pealkirja"
    assert ids(index) == {"1", "2", "3", "4"}


def test_update_needs_an_index_that_fits(pipeline, index, news, analyzer):
    with pytest.raises(NoIndex):
        pipeline.update(index, [news])
    with pytest.raises(NoIndex):
        pipeline.reapply(index)
    pipeline.reindex(index, [news])
    with pytest.raises(IndexMismatch):
        Pipeline(LocalRunner(analyzer, WordAreas()), "teine").update(index, [news])


def test_only_one_writes(pipeline, index, news):
    pipeline.reindex(index, [news])
    with index.extend((), "ühtne", BEGINNING), pytest.raises(IndexLocked):
        pipeline.update(index, [news])


def test_prune_removes_what_vanished_below_its_source(pipeline, index, news, tmp_path):
    other = tmp_path / "teised"
    other.mkdir()
    write(other / "muu.txt", "Muu uudis")
    pipeline.reindex(index, [news, other])
    (news / "1.txt").unlink()
    (other / "muu.txt").unlink()
    write(news / "2.txt", "---\nid: kaks\n---\nTeine uudis")
    write(news / "3.txt", "")
    with pytest.raises(PruneRefused, match="remove 2 of 3"):
        pipeline.update(index, [news], prune=True)
    assert ids(index) == {"1", "2", "3", "muu"}
    report = pipeline.update(index, [news], prune=True, yes=True)
    assert (report.removed, report.added, report.failed, report.articles) == (2, 1, 1, 3)
    # What cannot be read now keeps its article, and other sources are left alone.
    assert ids(index) == {"kaks", "3", "muu"}


def test_half_may_be_pruned(pipeline, index, news):
    write(news / "4.txt", "Neljas uudis")
    pipeline.reindex(index, [news])
    (news / "1.txt").unlink()
    (news / "2.txt").unlink()
    assert pipeline.update(index, [news], prune=True).removed == 2


def test_an_emptied_source_is_pruned_only_when_meant(pipeline, index, news):
    pipeline.reindex(index, [news])
    for file in news.iterdir():
        file.unlink()
    with pytest.raises(PruneRefused):
        pipeline.update(index, [news], prune=True)
    report = pipeline.update(index, [news], prune=True, yes=True)
    assert (report.removed, report.articles, report.is_empty) == (3, 0, False)


def test_a_nearly_empty_source_is_indexed_anew_only_when_meant(pipeline, index, news, tmp_path):
    pipeline.reindex(index, [news])
    live = index.current()
    for number in "23":
        (news / f"{number}.txt").unlink()
    with pytest.raises(ReindexRefused, match="leave out 2 of 3"):
        pipeline.reindex(index, [news])
    assert index.current() == live
    # What was indexed of other places is not below this one.
    other = tmp_path / "muud"
    other.mkdir()
    write(other / "muu.txt", "Muu uudis")
    assert pipeline.reindex(index, [other]).removed == 3
    index.rollback()
    report = pipeline.reindex(index, [news], yes=True)
    assert (report.removed, report.articles) == (2, 1)


def test_a_much_smaller_source_replaces_many_articles_only_when_meant(pipeline, index, tmp_path):
    """Whoever names the wrong directory keeps ten years of news; a few are replaced unasked."""
    many, few = tmp_path / "palju", tmp_path / "vähe"
    for folder, count in ((many, 100), (few, 49)):
        folder.mkdir()
        for number in range(count):
            write(folder / f"{folder.name}-{number}.txt", f"Uudis {number}")
    pipeline.reindex(index, [many])
    with pytest.raises(SmallerIndexRefused, match="49 articles in the place of all 100"):
        pipeline.reindex(index, [few])
    assert len(ids(index)) == 100
    assert pipeline.reindex(index, [few], yes=True).articles == 49
    write(few / "viimane.txt", "Uudis")
    (few / "vähe-0.txt").unlink()
    assert pipeline.reindex(index, [few]).articles == 49


def test_update_of_some_files(pipeline, index, news):
    pipeline.reindex(index, [news])
    for number in "123":
        write(news / f"{number}.txt", f"Muudetud uudis {number}")
    chosen = [each for each in open_source(news).scan() if getattr(each, "id", "") == "2"]
    report = pipeline.update(index, [news], files=chosen)  # type: ignore[arg-type]
    assert [(each.id, each.what) for each in report.changes] == [("2", "updated")]


def test_some_files_cannot_take_the_id_of_another(pipeline, index, news):
    pipeline.reindex(index, [news])
    write(news / "4.txt", "---\nid: '1'\n---\nVõõras uudis")
    chosen = [each for each in open_source(news).scan() if getattr(each, "id", "") == "4"]
    report = pipeline.update(index, [news], files=chosen)  # type: ignore[arg-type]
    assert [each.code for each in report.errors] == ["duplicate-id"]
    assert article(index, "1").title == "Uudis number 1"


def test_reapply_rewrites_only_what_comes_out_otherwise(pipeline, index, news, analyzer):
    pipeline.reindex(index, [news])
    before = article(index, "1")
    report = Pipeline(LocalRunner(analyzer, WordAreas("Puit", "Vesi")), "ühtne").reapply(index)
    assert [(each.id, each.what) for each in report.changes] == [("2", "updated")]
    assert (report.unchanged, report.articles) == (2, 3)
    assert [each.value for each in article(index, "2").focus_areas] == ["Vesi"]
    assert article(index, "1") == before
    # The sources have not changed, whatever was found in them.
    assert pipeline.update(index, [news]).unchanged == 3


def test_corrections_of_no_article_are_told(index, news, analyzer):
    words = WordAreas("Puit", "Tuul")
    pipeline = Pipeline(LocalRunner(analyzer, words), "ühtne", unmatched_overrides=words.unmatched)
    assert pipeline.reindex(index, [news]).notes == ("Tuul?",)
    assert pipeline.reapply(index).notes == ("Tuul?",)
    write(news / "Tuul.txt", "Tuulest")
    assert pipeline.reindex(index, [news]).notes == ()


def test_an_interrupted_run_leaves_the_index(analyzer, index, news):
    pipeline = Pipeline(LocalRunner(analyzer, WordAreas()), "ühtne")
    pipeline.reindex(index, [news])

    @contextlib.contextmanager
    def interrupted(_total: int) -> Iterator[Callable[[int], None]]:
        def advance(_count: int) -> None:
            raise KeyboardInterrupt

        yield advance

    stopped = Pipeline(LocalRunner(analyzer, WordAreas()), "ühtne", progress=interrupted)
    write(news / "1.txt", "Uudis sai uue pealkirja")
    for run in (stopped.reindex, stopped.update):
        with pytest.raises(KeyboardInterrupt):
            run(index, [news])
    assert index.names() == (index.current(),)
    assert article(index, "1").title == "Uudis number 1"


def test_an_article_that_cannot_be_analysed_is_skipped_as_an_unreadable_file_is(
    pipeline, index, news
):
    write(news / "4.txt", "See on halb uudis")
    first = pipeline.reindex(index, [news])
    assert (first.added, first.failed, first.articles) == (3, 1, 3)
    (problem,) = first.problems()
    assert problem.startswith(
        f"{news / '4.txt'}: cannot be analysed (ValueError: vale arv, at test_"
    )
    record = index.record()
    assert record is not None
    assert [str(each) for each in record.errors] == [problem]
    write(news / "2.txt", "Ka see on halb uudis")
    write(news / "1.txt", "---\nid: uus\n---\nIgati halb uudis")
    write(news / "3.txt", "Kolmas uudis")
    write(news / "5.txt", "Viies uudis")
    update = pipeline.update(index, [news], prune=True)
    assert [(each.id, each.what) for each in update.changes] == [("3", "updated"), ("5", "added")]
    assert (update.failed, update.removed, update.articles) == (3, 0, 4)
    assert article(index, "2").title == "Uudis number 2"
    assert ids(index) == {"1", "2", "3", "5"}
    assert {each.code for each in update.errors} == {"analysis-failed"}
    # In a whole new index there is no article for a file that fails.
    second = pipeline.reindex(index, [news])
    assert (second.removed, second.failed, second.articles) == (2, 3, 2)
    assert ids(index) == {"3", "5"}


def test_when_every_article_fails_the_index_stays_as_it_was(pipeline, index, news):
    pipeline.reindex(index, [news])
    for each in news.iterdir():
        write(each, "Kõik on halb")
    report = pipeline.reindex(index, [news])
    assert (report.is_empty, report.failed, report.articles) == (True, 3, 3)
    assert pipeline.update(index, [news]).is_empty
    assert ids(index) == {"1", "2", "3"}
    assert index.names() == (index.current(),)


def test_an_article_whose_facets_cannot_be_formed_again_stays_as_it_was(
    pipeline, index, news, analyzer
):
    write(news / "4.txt", "Neljas uudis\n\nPuit ja Viga.")
    pipeline.reindex(index, [news])
    earlier = article(index, "4")
    other = Pipeline(LocalRunner(analyzer, WordAreas("Vesi", "Viga")), "ühtne", rules="uued")
    report = other.reapply(index)
    assert [each.id for each in report.changes] == ["1", "2", "3"]
    assert (report.unchanged, report.articles) == (0, 4)
    assert [each.values["file"] for each in report.errors] == [str(news / "4.txt")]
    assert article(index, "4") == earlier
    write(news / "4.txt", "Neljas halb uudis\n\nPuit ja Viga.")
    rules = Pipeline(LocalRunner(analyzer, WordAreas("Puit")), "ühtne", rules="endised")
    report = rules.update(index, [news])
    assert [each.id for each in report.changes] == ["1", "2", "3"]
    assert (report.unchanged, report.failed, report.articles) == (0, 1, 4)
    assert article(index, "4") == earlier


def read_lines(file: Input, _limits: Limits) -> Iterator[Article | SourceError]:
    """A format of many articles: each line is one, „vigane“ cannot be read."""
    for line in file.text(1.0).text.splitlines():
        article_id, title = line.split(" ", 1)
        if title == "vigane":
            yield BadFrontMatter(file=file.name, line=1, problem="rida on vigane", remedy="Paranda")
        else:
            yield Article(article_id, title, (), file.name, language="et")


class TestFilesOfManyArticles:
    @pytest.fixture
    def lines(self, tmp_path) -> Path:
        folder = tmp_path / "read"
        folder.mkdir()
        write(folder / "a.txt", "a1 Esimene\na2 Teine\na3 Kolmas\na4 Neljas")
        write(folder / "b.txt", "b1 Viies\nb2 Kuues")
        return folder

    @pytest.fixture
    def pipeline(self, analyzer) -> Pipeline:
        def open_lines(path: Path) -> FileSource:
            return FileSource(path, InputReader({"text": read_lines}, Limits()))

        runner = LocalRunner(analyzer, WordAreas())
        return Pipeline(runner, "ühtne", open_source=open_lines, clock=Clock())

    def test_all_are_indexed(self, pipeline, index, lines):
        assert pipeline.reindex(index, [lines]).added == 6
        assert ids(index) == {"a1", "a2", "a3", "a4", "b1", "b2"}
        assert article(index, "a2").source == str(lines / "a.txt")

    def test_what_left_a_file_that_is_still_there_is_pruned(self, pipeline, index, lines):
        pipeline.reindex(index, [lines])
        write(lines / "a.txt", "a1 Esimene\na2 Muutunud\na3 halb uudis\na5 Uus")
        write(lines / "b.txt", "b1 Viies\nb9 vigane")
        report = pipeline.update(index, [lines])
        assert (report.added, report.updated, report.unchanged, report.failed) == (1, 1, 2, 2)
        assert ids(index) == {"a1", "a2", "a3", "a4", "a5", "b1", "b2"}
        # Of a file that could not be read wholly it is not known what it does not hold.
        assert pipeline.update(index, [lines], prune=True).removed == 0
        write(lines / "a.txt", "a1 Esimene\na2 Muutunud\na5 Uus")
        report = pipeline.update(index, [lines], prune=True)
        assert {each.id for each in report.changes} == {"a3", "a4"}
        write(lines / "b.txt", "b1 Viies")
        assert pipeline.update(index, [lines], prune=True).removed == 1
        assert ids(index) == {"a1", "a2", "a5", "b1"}

    def test_an_emptied_file_holds_nothing_any_more(self, pipeline, index, lines):
        pipeline.reindex(index, [lines])
        write(lines / "b.txt", "")
        assert pipeline.update(index, [lines], prune=True).removed == 2
        write(lines / "a.txt", "")
        with pytest.raises(PruneRefused):
            pipeline.update(index, [lines], prune=True)

    def test_some_files_leave_the_articles_of_others(self, pipeline, index, lines):
        pipeline.reindex(index, [lines])
        write(lines / "b.txt", "b1 Viies\na1 Esimene siin")
        chosen = list(open_source(lines / "b.txt").scan())
        report = pipeline.update(index, [lines], files=chosen, prune=True)  # type: ignore[arg-type]
        assert [each.code for each in report.errors] == ["duplicate-id"]
        assert report.removed == 0
        write(lines / "b.txt", "b1 Viies")
        report = pipeline.update(index, [lines], files=chosen, prune=True)  # type: ignore[arg-type]
        assert [each.id for each in report.changes] == ["b2"]

    def test_an_id_twice_in_one_file_is_an_error(self, pipeline, index, lines):
        write(lines / "b.txt", "b1 Viies\nb1 Kuues")
        report = pipeline.reindex(index, [lines])
        assert [each.code for each in report.errors] == ["duplicate-id"]
        assert article(index, "b1").title == "Viies"
