"""Files of the index that have changed lead to IndexDamaged or right answers, and run nothing.

``FLIPS=full`` flips as many bits as a release is tried with.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run
from damage import draw_flips, failures, generation_files, is_array_file
from golden import EXAMPLES, ROOT

from indexer.factory import index_of, pipeline
from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.whoosh.manifest import MANIFEST, Manifest, read_facts
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

pytestmark = pytest.mark.slow
FULL = os.environ.get("FLIPS") == "full"
IN_ARRAYS, IN_ALL = (360, 450) if FULL else (40, 40)
LATER = 5
SHOWN = 30
#: Of the places in a file at which a pickle may begin, so many are tried.
MOST_PLACES = 8 if FULL else 2


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example news in two segments: some came later, and one of the first has gone."""
    folder = tmp_path_factory.mktemp("damage")
    source, index = folder / "uudised", folder / "index"
    configuration = Configuration(index=index, keep_generations=1)
    shutil.copytree(ROOT / EXAMPLES, source)
    files = sorted(source.glob("*.txt"))
    later = [each.rename(folder / each.name) for each in files[-LATER:]]
    pipeline(configuration).reindex(index_of(configuration), [source])
    for each in later:
        each.rename(source / each.name)
    files[3].unlink()
    report = pipeline(configuration).update(index_of(configuration), [source], prune=True)
    assert report.articles == len(files) - 1
    return index


@pytest.fixture
def index(indexed: Path, tmp_path: Path) -> Path:
    """A copy of that index, to be spoilt."""
    return Path(shutil.copytree(indexed, tmp_path / "index"))


def assert_none(found: Iterator[str]) -> None:
    wrong = list(found)
    shown = "\n".join(wrong[:SHOWN])
    assert not wrong, f"{len(wrong)} answers that are neither right nor IndexDamaged\n{shown}"


def test_a_bit_flipped_in_an_array_file_does_no_harm(index: Path) -> None:
    paths = [each for each in generation_files(index) if is_array_file(each)]
    assert_none(failures(index, draw_flips(paths, IN_ARRAYS, "arrays")))


def test_a_bit_flipped_in_any_file_does_no_harm(index: Path) -> None:
    assert_none(failures(index, draw_flips(generation_files(index), IN_ALL, "all")))


PROTOCOL = re.compile(rb"\x80[\x02-\x05][\x95}(\x8cX]")
#: A pickle that opens a file to write when it is read, and then says the file is a dictionary.
PICKLE = b"cbuiltins\nopen\n(S'%b'\nS'w'\ntR."


def pickled(data: bytes, marker: Path) -> Iterator[bytes]:
    """``data`` with a pickle that makes ``marker`` at its beginning or where one may begin."""
    evil = PICKLE % str(marker).encode()
    places = {0, *(found.start() for found in PROTOCOL.finditer(data))}
    for at in sorted(places)[:MOST_PLACES]:
        if at + len(evil) <= len(data):
            yield data[:at] + evil + data[at + len(evil) :]


def signed(path: Path) -> None:
    """Let the manifest say that ``path`` is as it was written, as whoever forges one would."""
    file = path.with_name(MANIFEST)
    if path != file:
        manifest = Manifest.from_json(file.read_text(encoding="utf-8"))
        files = {**manifest.files, path.name: read_facts(path)}
        file.write_text(replace(manifest, files=files).to_json(), encoding="utf-8")


def test_an_index_made_by_others_runs_nothing(
    indexed: Path, tmp_path: Path, analyzer: Analyzer
) -> None:
    """Whatever file of it holds a pickle, and wherever: no command reads that as one."""
    news = tmp_path / "uudised"
    news.mkdir()
    (news / "uus.txt").write_text("Uus uudis\n\nPuiduklaster kohtus.\n", encoding="utf-8")
    tried = 0
    for path in generation_files(indexed):
        marker = tmp_path / "m"
        for data in pickled(path.read_bytes(), marker):
            index = shutil.copytree(indexed, tmp_path / "index")
            changed = index / path.parent.name / path.name
            changed.write_bytes(data)
            signed(changed)
            use(index, news, analyzer)
            assert not marker.exists(), f"{path.name} was read as a pickle"
            shutil.rmtree(index)
            tried += 1
    assert tried > len(generation_files(indexed)) // 2


def use(index: Path, news: Path, analyzer: Analyzer) -> None:
    """Ask the index, and change it; it may say that it is damaged."""
    at = ("--index", str(index))
    service = SearchService(index, Configuration(), analyzer, load_taxonomy(None))
    client = create_app(service, Configuration()).test_client()
    for address in ("/healthz", "/api/search?q=puit", "/artikkel/klastrikoda-valis-uue-juhatuse"):
        client.get(address)
    service.close()
    for command in ("search puit", "stats", "verify", f"index {news}", f"reindex {news}"):
        outcome = run(*command.split(), *at, *(("--jobs", "1") if "index" in command else ()))
        assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
