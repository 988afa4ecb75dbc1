"""Reading text files: the contract, its variations, and every bad input by name."""

import os
from pathlib import Path

import pytest

from indexer.sources import (
    CombinedSource,
    Found,
    Input,
    Limits,
    content_digest,
    open_source,
    read_files,
)
from search.article import Article, Evidence, PartialDate
from search.configuration import SourceSettings
from search.errors import (
    BadFrontMatter,
    DuplicateId,
    EmptyDocument,
    NotAText,
    SourceNotFound,
    TooLarge,
    UnreadableFile,
)


def read(*paths: Path, limit: float = 1.0) -> list[Found]:
    source = CombinedSource([open_source(each, Limits(limit)) for each in paths])
    return [each for _, each in read_files(source, source.scan()) if each is not None]


def article_of(folder: Path, content: str | bytes, name: str = "uudis.txt") -> Article:
    found = outcome_of(folder, content, name)
    assert isinstance(found, Article), found
    return found


def outcome_of(folder: Path, content: str | bytes, name: str = "uudis.txt") -> Found:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    (found,) = read(folder)
    return found


def test_title_empty_line_paragraphs(tmp_path):
    found = article_of(
        tmp_path, "Klaster avas katselabori\n\nLabor asub Tartus.\n\nSinna tuleb kümme masinat.\n"
    )
    assert found.title == "Klaster avas katselabori"
    assert found.body == ("Labor asub Tartus.", "Sinna tuleb kümme masinat.")
    assert found.body_text == "Labor asub Tartus.\n\nSinna tuleb kümme masinat."
    assert (found.id, found.source) == ("uudis", str(tmp_path / "uudis.txt"))
    assert (found.language, found.url, found.published, found.year) == ("", None, None, None)


def test_a_title_alone_or_without_an_empty_line_is_an_article(tmp_path):
    assert article_of(tmp_path, "Klaster sai viieseks").body == ()
    found = article_of(tmp_path, "\n\n  Klaster  sai viieseks \nPidu peeti Valgas.")
    assert (found.title, found.body) == ("Klaster sai viieseks", ("Pidu peeti Valgas.",))


def test_bytes_come_out_clean(tmp_path):
    raw = "\ufeffPuidu\u00adklaster\r\n\r\no\u0303htul\u200b tuli  sõnum  \r\n\x0cja\x07 kõik\rläks"
    found = article_of(tmp_path, raw)
    assert found.title == "Puiduklaster"
    assert found.body == ("õhtul tuli  sõnum ja kõik läks",)


def test_wrapped_lines_are_joined_but_items_and_links_keep_theirs(tmp_path):
    found = article_of(
        tmp_path,
        "Kokkuvõte\n\nMessile sõitis\nviis ettevõtet 1.\ndetsembril:\n"
        "- mööblitootja\n  Võrust\n- saeveski\n1) muud\n"
        "https://mess.example.ee/2019\nTulemas on uus.",
    )
    assert found.body == (
        "Messile sõitis viis ettevõtet 1. detsembril:\n- mööblitootja Võrust\n- saeveski\n1) muud\n"
        "https://mess.example.ee/2019\nTulemas on uus.",
    )


def test_front_matter_gives_values_with_evidence(tmp_path):
    found = article_of(
        tmp_path,
        "---\nid: 2019/labor\ntitle: no\ndate: 2019-05\nurl: https://labor.example.ee/uudis\n"
        "language: et-EE\nfocus_areas: rohe-ringmajandus\norganisations:\n"
        "  - OÜ Kruvi ja Mutter\n  - OÜ Kruvi ja Mutter\n  - Tartu Mõõteklaster\n---\n\n"
        "no\n\nLabor avati.\n",
    )
    assert (found.id, found.title, found.body) == ("2019/labor", "no", ("Labor avati.",))
    assert found.url == "https://labor.example.ee/uudis"
    assert found.language == "et"
    assert found.published is not None
    assert found.year is not None
    assert found.published.value == PartialDate(2019, 5)
    assert (found.published.origin, found.year.value, found.year.origin) == ("given", 2019, "given")
    (evidence,) = found.year.evidence
    assert evidence == Evidence("given", 0, 7, "2019-05")
    assert [each.value for each in found.focus_areas] == ["rohe-ringmajandus"]
    assert [each.value for each in found.organisations] == [
        "OÜ Kruvi ja Mutter",
        "Tartu Mõõteklaster",
    ]
    assert all(each.origin == "given" for each in found.organisations)


def test_with_a_given_title_all_below_is_body(tmp_path):
    found = article_of(tmp_path, "---\ntitle: Antud pealkiri\n---\nEsimene rida.\n\nTeine lõik.")
    assert (found.title, found.body) == ("Antud pealkiri", ("Esimene rida.", "Teine lõik."))


def test_front_matter_without_a_title_and_an_empty_one(tmp_path):
    found = article_of(tmp_path, "---\ndate:\nurl: ~\n...\nPealkiri\n\nLõik.")
    assert (found.title, found.body, found.published) == ("Pealkiri", ("Lõik.",), None)
    assert article_of(tmp_path, "---\n---\nPealkiri").title == "Pealkiri"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2016", "2016"),
        ("'2016'", "2016"),
        ("2016-12", "2016-12"),
        ("2016-12-01", "2016-12-01"),
        ("2016-2-9", "2016-02-09"),
        ("2016-12-01T09:30:00+02:00", "2016-12-01"),
        ("2016-12-01 09:30", "2016-12-01"),
        ("1.12.2016", "2016-12-01"),
    ],
)
def test_dates_keep_their_precision(tmp_path, text, iso):
    published = article_of(tmp_path, f"---\ndate: {text}\n---\nPealkiri").published
    assert published is not None
    assert published.value.iso == iso


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("titel: x", 2, "unknown key “titel”"),
        ("id: a\ndate: 2016-02-30", 3, "there is no date “2016-02-30”"),
        ("date: eile", 2, "“eile” is no date"),
        ("date: 0016", 2, "not between"),
        ("date: [2016, 2017]", 2, "one value is expected"),
        ("id: a\nid: b", 3, "stands twice"),
        ("id: ../a", 2, "cannot be an id"),
        ("url: javascript:alert(1)", 2, "no web address"),
        ("language: eesti keel", 2, "no language code"),
        ("organisations:\n  - {a: b}", 3, "one value is expected"),
        ("title: Klaster: uus algus", 2, "cannot be read"),
        ("title: a\n  date: [", 3, "cannot be read"),
        ("- a", 2, "no keys"),
        pytest.param("organisations: " + "[" * 30_000, 2, "nested too deeply", id="brackets"),
        pytest.param("organisations:\n" + "- " * 30_000, 3, "nested too deeply", id="lists"),
        pytest.param("title: " + "a " * 50_000, 1, "more than 100,000 characters", id="long"),
    ],
)
def test_bad_front_matter_is_named_with_its_line(tmp_path, head, line, said):
    found = outcome_of(tmp_path, f"---\n{head}\n---\nPealkiri\n\nLõik.")
    assert isinstance(found, BadFrontMatter), found
    assert said in str(found)
    if line:
        assert f"uudis.txt: line {line}: " in str(found)
    assert "\n" not in str(found)


def test_front_matter_without_an_end(tmp_path):
    found = outcome_of(tmp_path, "---\ntitle: Pealkiri\n\nLõik.")
    assert isinstance(found, BadFrontMatter)
    assert "Close it with a line ---" in str(found)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", EmptyDocument, "holds no text"),
        (b" \n\r\n\t\n", EmptyDocument, "holds no text"),
        (b"---\ndate: 2016\n---\n", EmptyDocument, "holds no text"),
        (b"Uudis\0\n", NotAText, "not a text file"),
        (b"GIF89a klaster", NotAText, "not a text file"),
        (b"\x01\x02\x03\x04 abc", NotAText, "not a text file"),
        (b"x" * 1_000_001, TooLarge, "may have 1 MB"),
    ],
)
def test_bad_files_are_named(tmp_path, content, error, said):
    found = outcome_of(tmp_path, content)
    assert type(found) is error
    assert said in str(found)
    assert str(found).startswith(str(tmp_path / "uudis.txt"))


def test_a_directory_is_walked_in_order(tmp_path):
    for name in (
        "b.txt",
        "a/2.md",
        "a/1.TXT",
        ".peidus.txt",
        ".git/x.txt",
        "pilt.jpg",
        "README.md",
        "c.txt",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("# Pealkiri #\n\n# Vahepealkiri", encoding="utf-8")
    (tmp_path / "silmus").symlink_to(tmp_path)
    (tmp_path / "a" / "silmus").symlink_to(tmp_path / "a")
    found = read(tmp_path)
    assert [each.id for each in found if isinstance(each, Article)] == ["a/1", "a/2", "b", "c"]
    assert [each.title for each in found if isinstance(each, Article)] == [
        "# Pealkiri #",
        "Pealkiri",
        "# Pealkiri #",
        "# Pealkiri #",
    ]


def test_a_file_named_itself_is_read_whatever_its_ending(tmp_path):
    file = tmp_path / "uudis.2016"
    file.write_text("Pealkiri", encoding="utf-8")
    (found,) = read(file)
    assert isinstance(found, Article)
    assert found.id == "uudis"


def test_a_file_reached_twice_is_read_once(tmp_path):
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "uudis.txt"
    file.write_text("Pealkiri", encoding="utf-8")
    assert [each.id for each in read(tmp_path, tmp_path / "a", file)] == ["a/uudis"]  # type: ignore[union-attr]


def test_an_id_that_is_taken_is_an_error(tmp_path):
    (tmp_path / "a.txt").write_text("Esimene", encoding="utf-8")
    (tmp_path / "b.txt").write_text("---\nid: a\n---\nTeine", encoding="utf-8")
    (tmp_path / "muu").mkdir()
    (tmp_path / "muu" / "a.md").write_text("Kolmas", encoding="utf-8")
    first, second, third = read(tmp_path / "a.txt", tmp_path / "b.txt", tmp_path / "muu")
    assert isinstance(first, Article)
    for each in (second, third):
        assert isinstance(each, DuplicateId)
        assert f"already that of {tmp_path / 'a.txt'}" in str(each)


def test_what_cannot_be_opened_is_named_and_the_rest_goes_on(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "puudub")
    (tmp_path / "b.txt").write_text("Pealkiri", encoding="utf-8")
    (tmp_path / "rida\nvahe.txt").write_text("Pealkiri", encoding="utf-8")
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("Pealkiri", encoding="utf-8")
    os.mkfifo(tmp_path / "toru.txt")
    found = read(tmp_path)
    errors = [str(each) for each in found if isinstance(each, UnreadableFile)]
    assert len(errors) == 3
    assert len(found) == 4
    assert all(each.isprintable() for each in errors)
    (pipe,) = read(tmp_path / "toru.txt")
    assert "not a regular file" in str(pipe)


def test_a_source_that_is_not_there_is_said_at_once(tmp_path):
    with pytest.raises(SourceNotFound, match="there is no such file"):
        open_source(tmp_path / "puudub").scan()


def test_the_digest_follows_what_the_source_gives(tmp_path):
    text = "---\ndate: 2016\n---\nPealkiri\n\nLõik."
    first = content_digest(article_of(tmp_path, text))
    assert content_digest(article_of(tmp_path, text)) == first
    others = {
        content_digest(article_of(tmp_path, text.replace(old, new)))
        for old, new in (("2016", "2017"), ("Pealkiri", "Pealdis"), ("Lõik", "Lause"))
    }
    assert len(others | {first}) == 4


@pytest.mark.shared
def test_the_seed_is_read(shared_dir):
    (found,) = read(shared_dir / "seeds")
    assert isinstance(found, Article)
    assert found.title.startswith("EJKL Kompetentsikeskus tutvustas")
    assert len(found.body) == 5
    assert found.body[3].endswith("siin:\nhttp://clusterconference2016.eu/documentation.jsp.")


def test_links_that_lead_out_are_not_followed_and_named_once(tmp_path):
    secret, news = tmp_path / "mujal", tmp_path / "uudised"
    for folder in (secret, news):
        folder.mkdir()
    (secret / "saladus.txt").write_text("Saladus", encoding="utf-8")
    (news / "a.txt").write_text("Pealkiri", encoding="utf-8")
    (news / "b.txt").symlink_to(news / "a.txt")
    (news / "saladus.txt").symlink_to(secret / "saladus.txt")
    (news / "teised").symlink_to(secret)
    (news / "pilt.jpg").symlink_to(secret / "saladus.txt")
    article, line = read(news)
    assert isinstance(article, Article)
    assert article.id == "a"
    assert str(line) == (
        f"{news / 'saladus.txt'}: leads out of {news} (2 links do) and is not followed; "
        "follow_links allows it"
    )
    source = open_source(news)
    assert source.exists(str(news / "b.txt"))
    assert not source.exists(str(news / "teised" / "saladus.txt"))
    allowed = open_source(SourceSettings(str(news), follow_links=True))
    assert [each.id for each in allowed.scan()] == ["a", "b", "saladus", "teised/saladus"]  # type: ignore[union-attr]
    # A directory that is named itself may be a link.
    (tmp_path / "nimi").symlink_to(news)
    assert [each.id for each in read(tmp_path / "nimi") if isinstance(each, Article)] == ["a"]


def test_a_link_put_there_after_the_walk_is_not_opened(tmp_path):
    secret, news = tmp_path / "saladus.txt", tmp_path / "uudised"
    news.mkdir()
    secret.write_text("Saladus", encoding="utf-8")
    (news / "a.txt").write_text("Pealkiri", encoding="utf-8")
    source = open_source(news)
    (file,) = source.scan()
    assert isinstance(file, Input)
    (news / "a.txt").unlink()
    (news / "a.txt").symlink_to(secret)
    (found,) = source.read(file)
    assert "leads out of its directory" in str(found)
