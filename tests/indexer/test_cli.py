"""The command line: every command, its output and exit status, every mishap in one line."""

import json
from pathlib import Path

import click
import pytest
from command_line import printed, run

from indexer.cli import klastriotsing

ROOT = Path(__file__).parent.parent.parent
COMMANDS = (
    "alerts analyze backup copy doctor index meaning read reindex restore review rollback search "
    "serve stats verify watch"
).split()

pytestmark = pytest.mark.usefixtures("working_directory")


def test_there_are_all_commands_and_each_has_help_with_an_example():
    assert sorted(klastriotsing.commands) == COMMANDS
    for name, command in klastriotsing.commands.items():
        result = run(name, "--help")
        assert result.exit_code == 0
        assert f"Example: klastriotsing {name}" in result.output
        assert {"--index", "--config", "--help"} <= options_of(command) | {"--help"}
        assert command.get_short_help_str(60).endswith("."), name
        assert "..." not in command.get_short_help_str(60), name


def options_of(command: click.Command) -> set[str]:
    return {each for parameter in command.params for each in parameter.opts}


@pytest.mark.parametrize("name", ["search", "analyze", "stats", "verify", "reindex", "index"])
def test_these_commands_print_json(name):
    assert "--json" in options_of(klastriotsing.commands[name])


@pytest.mark.usefixtures("news")
def test_reindex_then_search():
    result = run("reindex", "uudised")
    assert result.exit_code == 0
    assert result.stdout.startswith("3 read: 3 new, 0 changed, 0 unchanged\n")
    assert result.stderr == ""
    found = run("search", "turundus")
    assert found.exit_code == 0
    assert found.stdout.startswith("1 article.")
    assert "Puiduklaster alustas **ühisturundust**" in found.stdout
    assert "2014-05 · turundus" in found.stdout
    assert "Years: 2014 (1)" in found.stdout
    assert "Võrumaa Puiduklaster (1)" in found.stdout


@pytest.mark.usefixtures("news")
def test_reindex_json():
    data = printed("reindex", "uudised")
    assert data.pop("seconds") >= 0  # type: ignore[operator]
    assert data.pop("articles_per_second") >= 0  # type: ignore[operator]
    assert data["sources"][0].pop("seconds") >= 0  # type: ignore[index]
    assert data == {
        "added": 3,
        "updated": 0,
        "unchanged": 0,
        "removed": 0,
        "failed": 0,
        "articles": 3,
        "errors": [],
        "skipped": [],
        "duplicates": [],
        "sources": [
            {
                "source": "uudised",
                "kind": "files",
                "read": 3,
                "added": 3,
                "updated": 0,
                "unchanged": 0,
                "duplicates": 0,
                "failed": 0,
                "skipped": 0,
                "requests": 0,
                "not_modified": 0,
            }
        ],
        "notes": [],
    }


def test_files_that_fail_are_named_and_the_rest_is_indexed(news):
    (news / "tühi.txt").write_text("")
    (news / "vale.txt").write_bytes(b"\x89PNG\r\n")
    result = run("reindex", "uudised")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "uudised/tühi.txt: holds no text. Write a title, an empty line and the paragraphs",
        "uudised/vale.txt: is not a text file. Save the article as plain UTF-8 text",
    ]
    assert "5 read: 3 new, 0 changed, 0 unchanged, 2 failed" in result.stdout
    errors = printed("index", "uudised")["errors"]
    assert [each["code"] for each in errors] == ["empty", "not-a-text"]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("indexed")
def test_nothing_to_index_is_a_failure_and_leaves_the_index(tmp_path):
    (tmp_path / "tühi").mkdir()
    for command in ("reindex", "index"):
        result = run(command, "tühi")
        assert result.exit_code == 1
        assert result.stderr == (
            "klastriotsing: No article could be read from tühi. The index was left as it was\n"
        )
    assert printed("stats")["articles"] == 3


@pytest.mark.usefixtures("indexed")
def test_search_filters_and_limits():
    assert printed("search", "klaster")["total"] == 3
    assert printed("search", "klaster", "--year", "2016")["total"] == 1
    assert printed("search", "klaster", "--year", "2016", "--year", "unknown")["total"] == 2
    assert printed("search", "klaster", "--year", "2010-2015")["total"] == 1
    assert printed("search", "klaster", "--not-year", "unknown")["total"] == 2
    assert printed("search", "klaster", "--org", "Võrumaa Puiduklaster")["total"] == 1
    assert printed("search", "klaster", "--not-org", "Võrumaa Puiduklaster")["total"] == 2
    assert printed("search", "klaster", "--focus", "rohe-ringmajandus")["total"] == 1
    assert printed("search", "klaster", "--not-focus", "rohe-ringmajandus")["total"] == 2
    assert printed("search", "klaster", "--from", "2014-05", "--to", "2014")["total"] == 1
    assert printed("search", "klaster", "--from", "2014-06")["total"] == 1
    assert printed("search", "klaster", "--source", "uudised")["total"] == 3
    assert printed("search", "klaster", "--not-source", "uudised")["total"] == 0
    assert printed("search", "klaster", "--language", "et")["total"] == 3
    assert printed("search", "klaster", "--not-language", "et")["total"] == 0
    limited = printed("search", "klaster", "--limit", "1", "--sort", "oldest")
    assert [each["id"] for each in limited["hits"]] == ["turundus"]  # type: ignore[attr-defined]
    assert limited["total"] == 3


@pytest.mark.usefixtures("indexed")
def test_search_json_is_that_of_the_api():
    data = printed("search", "ühisturundust")
    assert list(data) == [
        "query",
        "searched",
        "explanation",
        "total",
        "partial",
        "near",
        "took_ms",
        "page",
        "pages",
        "hits",
        "facets",
        "suggestions",
    ]
    (hit,) = data["hits"]  # type: ignore[misc]
    assert (hit["id"], hit["published"], hit["year"]) == ("turundus", "2014-05", 2014)
    assert {"value": 2014, "label": "2014", "count": 1, "selected": False} in data["facets"]["year"]  # type: ignore[index, call-overload]


@pytest.mark.parametrize(
    "query", ["", "(", '"', "NOT", "year:", "*", "=", "a" * 900, "focus:olematu", "\U0001f332"]
)
@pytest.mark.usefixtures("indexed")
def test_any_query_is_answered(query):
    result = run("search", "--", query)
    assert result.exit_code in (0, 1), result.output
    assert result.exit_code == 0 or result.stderr.startswith("klastriotsing: ")


@pytest.mark.usefixtures("indexed")
def test_a_query_that_is_too_long_is_one_line():
    result = run("search", "a" * 1001)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "at most 1000 are searched" in result.stderr


def test_index_updates_prunes_and_reapplies(indexed):
    assert run("index", "uudised").stdout.startswith("3 read: 0 new, 0 changed, 3 unchanged\n")
    (indexed / "uus.md").write_text("# Klaster sai kodu", encoding="utf-8")
    (indexed / "turundus.txt").unlink()
    assert run("index", "uudised").stdout.startswith("3 read: 1 new, 0 changed, 2 unchanged\n")
    assert run("index", "uudised", "--prune").stdout.startswith(
        "3 read: 0 new, 0 changed, 3 unchanged; 1 removed\n"
    )
    for name in ("uus.md", "aastata.txt"):
        (indexed / name).unlink()
    refused = run("index", "uudised", "--prune")
    assert refused.exit_code == 1
    assert "--prune would remove 2 of 3 articles" in refused.stderr
    assert printed("index", "uudised", "--prune", "--yes")["removed"] == 2
    assert run("index").stdout.startswith("1 read: 0 new, 0 changed, 1 unchanged\n")


@pytest.mark.usefixtures("indexed")
def test_reapplying_follows_the_taxonomy(tmp_path):
    (tmp_path / "valdkonnad.yaml").write_text(
        "areas:\n  - id: mess\n    label: {et: Messid, en: Fairs}\n"
        "    cues: [{weight: 5, lemmas: [mess, ühisturundus]}]\n",
        encoding="utf-8",
    )
    (tmp_path / "klastriotsing.toml").write_text('taxonomy = "valdkonnad.yaml"\n')
    assert printed("index")["updated"] == 2
    assert printed("search", "", "--focus", "mess")["total"] == 1


@pytest.mark.usefixtures("news")
def test_sources_of_the_configuration(tmp_path):
    (tmp_path / "klastriotsing.toml").write_text('sources = ["uudised"]\nindex = "mujal"\n')
    assert run("reindex").exit_code == 0
    assert (tmp_path / "mujal" / "CURRENT").is_file()
    assert run("index").stdout.startswith("3 read: 0 new, 0 changed, 3 unchanged\n")


@pytest.mark.usefixtures("news")
def test_the_index_option_goes_above_environment_and_file(tmp_path, monkeypatch):
    monkeypatch.setenv("KLASTRIOTSING_INDEX", "keskkond")
    (tmp_path / "seaded.toml").write_text('index = "fail"\n')
    run("reindex", "uudised")
    run("--index", "rühm", "reindex", "uudised")
    run("--index", "rühm", "reindex", "uudised", "--index", "käsk")
    monkeypatch.delenv("KLASTRIOTSING_INDEX")
    run("--config", "seaded.toml", "reindex", "uudised")
    built = {each.parent.name for each in tmp_path.glob("*/CURRENT")}
    assert built == {"keskkond", "rühm", "käsk", "fail"}


@pytest.mark.usefixtures("indexed")
def test_stats_verify_rollback_review():
    assert "Articles:      3" in run("stats").stdout
    assert printed("stats")["sources"] == {"uudised": 3}
    assert printed("stats")["years"] == {"2014": 1, "2016": 1, "unknown": 1}
    assert run("verify").stdout == "gen-000001 is sound\n"
    assert printed("verify") == {"generation": "gen-000001", "sound": True, "problems": []}
    nothing = run("rollback")
    assert nothing.exit_code == 1
    assert "keeps no earlier generation" in nothing.stderr
    run("reindex", "uudised")
    assert run("rollback").stdout == "gen-000001 is live again\n"
    reviewed = run("review", "--limit", "3").stdout
    assert "# Articles without a year or a focus area: 2\n" in reviewed
    assert "# → overrides, under “articles:”\n" in reviewed
    assert "\n  aastata: {year: unknown, focus_areas: []}  # Klaster otsib juhti\n" in reviewed
    lists = {each["name"]: each for each in printed("review")["lists"]}  # type: ignore[attr-defined]
    assert list(lists) == ["same", "acronyms", "articles", "misspelt", "words"]
    assert lists["articles"]["entries"][0]["missing"] == ["year", "focus_areas"]


@pytest.mark.usefixtures("indexed")
def test_verify_finds_a_changed_byte(tmp_path):
    generation = tmp_path / "index" / "gen-000001"
    largest = max(generation.iterdir(), key=lambda each: each.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(data)
    result = run("verify", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"] == [f"{largest.name} has changed"]
    assert result.stderr.startswith("klastriotsing: The index in index is damaged")
    assert run("verify").exit_code == 1


def test_analyze_shows_why():
    table = run("analyze", "Taaskasutusklastrid EASilt").stdout
    assert "taaskasutusklaster" in table
    assert "taas+kasutus+klaster/S pl n" in table
    data = printed("analyze", "Klastritele EASilt")
    first, second = data["tokens"]  # type: ignore[misc]
    assert first["lemmas"] == ["klaster"]
    assert (first["start"], first["end"], first["surface"]) == (0, 11, "klastritele")
    assert second["lemmas"] == ["EAS"]
    assert first["readings"][0]["form"] == "pl all"
    assert run("analyze", "").exit_code == 0


@pytest.mark.parametrize(
    "command", [["search", "x"], ["stats"], ["verify"], ["rollback"], ["review"]]
)
def test_without_an_index_one_line_names_the_command(command):
    result = run(*command)
    assert result.exit_code == 1
    assert result.stderr == (
        "klastriotsing: There is no index in index yet. Build it: klastriotsing reindex SOURCE\n"
    )


@pytest.mark.parametrize("command", ["index", "watch"])
@pytest.mark.usefixtures("news")
def test_updates_need_an_index(command):
    result = run(command, "uudised")
    assert result.exit_code == 1
    assert "There is no index in index yet" in result.stderr


@pytest.mark.parametrize("command", ["reindex", "index", "watch"])
@pytest.mark.usefixtures("indexed")
def test_a_source_that_is_not_there(command):
    result = run(command, "puudub")
    assert result.exit_code == 1
    assert result.stderr == (
        "klastriotsing: puudub: there is no such file or directory. Check the path\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["reindex"],
        ["watch"],
        ["index", "--prune"],
        ["search"],
        ["search", "x", "--year", "eile"],
        ["search", "x", "--sort", "juhuslik"],
        ["search", "x", "--from", "eile"],
        ["search", "x", "--limit", "0"],
        ["serve", "--port", "99999"],
        ["olematu"],
        ["stats", "--olematu"],
    ],
)
def test_wrong_usage_is_status_2(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("klastriotsing.toml", "sait = 1\n"),
        ("klastriotsing.toml", 'taxonomy = "puudub.yaml"\n'),
        ("klastriotsing.toml", 'gazetteer = "puudub.yaml"\n'),
        ("klastriotsing.toml", 'overrides = "puudub.yaml"\n'),
    ],
)
@pytest.mark.usefixtures("news")
def test_a_configuration_that_cannot_be_used_is_one_line(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    result = run("reindex", "uudised")
    assert result.exit_code == 1
    assert result.stderr.startswith("klastriotsing: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("news")
def test_an_index_directory_that_is_a_file_is_one_line(tmp_path):
    (tmp_path / "fail").write_text("")
    result = run("reindex", "uudised", "--index", "fail")
    assert result.exit_code == 1
    assert result.stderr == "klastriotsing: fail: File exists\n"
