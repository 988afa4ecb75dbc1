"""docs/sources.md: every command in it runs, and every code of a reader stands there."""

import ast
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from command_line import run
from news_site import NewsSite, news_site
from one_of_each import MAKERS, write_one_of_each

from indexer.cli import klastriotsing
from search.configuration import load_configuration
from search.errors import SourceError

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLE = "https://klaster.example"
COMMANDS = re.findall(r"^\$ (klastriotsing .*)$", GUIDE, re.MULTILINE)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files that the commands name."""
    folder = tmp_path_factory.mktemp("juhend")
    write_one_of_each(folder)
    (folder / "uudised").mkdir()
    for name in ("tekst.txt", "leht.html"):
        shutil.copy(folder / name, folder / "uudised")
    return folder


@pytest.fixture(scope="module")
def site() -> Iterator[NewsSite]:
    """The site that the commands name."""
    with news_site() as serving:
        serving.add_article("/uudis", "Klaster avas tehase")
        serving.add_sitemap("/sitemap.xml", "/uudis")
        serving.add("/feed/", MAKERS["voog.rss"]("voog"), type="application/rss+xml")
        posts = [
            {"id": 7, "title": {"rendered": "Klaster"}, "content": {"rendered": "<p>Tehas</p>"}}
        ]
        query = "?orderby=id&order=asc&per_page=100&page=1"
        text = json.dumps(posts)
        serving.add(f"/wp-json/wp/v2/posts{query}", text, type="application/json")
        yield serving


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.partition("#")[0].strip())
def test_each_command_runs(
    prepared: Path,
    site: NewsSite,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever commands ran before: one that writes has a directory of its own."""
    words = shlex.split(command.replace(EXAMPLE, site.address), comments=True)[1:]
    if EXAMPLE in command:
        words += ["--allow-private", site.host, "--delay", "0"]
    folder = prepared
    if words[0] != "read":
        folder = shutil.copytree(prepared, tmp_path / "juhend")
    monkeypatch.chdir(folder)
    if words[0] == "index":  # follows on a reindex, as it does there
        assert run("reindex", "uudised").exit_code == 0
    given = None
    if "<" in words:
        given = Path(words.pop()).read_bytes()
        assert words.pop() == "<"
    done = CliRunner().invoke(klastriotsing, words, input=given)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    assert "klaster" in done.stdout.lower() or "new" in done.stdout


def test_each_format_has_a_command():
    assert {name for name in MAKERS if f" {name}" not in "\n".join(COMMANDS)} == set()


def test_the_settings_of_the_guide_can_be_used(tmp_path):
    (example,) = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    file = tmp_path / "klastriotsing.toml"
    file.write_text(example, encoding="utf-8")
    (source,) = load_configuration(file, {}).sources
    assert (source.every, source.delay, source.columns["body"]) == (3600.0, 2.0, "Tekst")


def codes_of_readers() -> set[str]:
    """Literal codes of skipped things and notes."""
    position = {"Skipped": 2, "Remark": 2, "NoArticle": 0}
    codes = set()
    for path in (ROOT / "indexer" / "sources").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = position.get(node.func.id)
                if at is not None and len(node.args) > at:
                    code = node.args[at]
                    if isinstance(code, ast.Constant):
                        codes.add(str(code.value))
    return codes


def test_each_code_is_told():
    codes = {each.code for each in SourceError.__subclasses__()} | codes_of_readers()
    assert {each for each in codes if f"`{each}`" not in GUIDE} == set()
