"""JSON: arrays, objects that hold one, and lines, whole and broken."""

import json

import pytest
from inputs import Read, read_bytes

from indexer.sources.base import ReadOptions
from indexer.sources.limits import Limits
from indexer.sources.tabular.json_files import read_json, read_json_lines

ONE = {"id": 5, "title": "Uus labor", "date": "2016-12-01T23:30:00+02:00", "text": "Üks.\n\nKaks."}
TWO = {
    "title": "Teine",
    "published": "1.12.2016",
    "body": "<p>Kolm.</p>",
    "url": "https://k.example/2",
}
FORMATTED = {"value": "Üks.\n\nKaks.", "format": "plain_text"}


def read(data: object, **options: object) -> Read:
    text = data if isinstance(data, str | bytes) else json.dumps(data, ensure_ascii=False)
    return read_bytes(read_json, text, "uudised.json", **options)  # type: ignore[arg-type]


def lines(text: str | bytes, **options: object) -> Read:
    return read_bytes(read_json_lines, text, "uudised.jsonl", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        [ONE, TWO],
        {"articles": [ONE, TWO]},
        {"title": "Uudised", "description": "Kõik", "data": [ONE, TWO], "tags": [{"name": "a"}]},
        {"response": {"status": "ok", "items": [ONE, TWO]}},
        {"11": ONE, "12": TWO},
        {"data": [{"type": "node", "attributes": {**ONE, "text": FORMATTED}}, {"attributes": TWO}]},
        [{"_id": "1", "_source": ONE}, {"_source": TWO}],
        [{**ONE, "title": {"et": "Uus labor"}, "text": ["Üks.", "Kaks."]}, TWO],
    ],
    ids=["array", "articles", "data", "nested", "by-id", "drupal", "elastic", "values"],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1257"])
def test_articles_wherever_they_stand(data: object, charset: str) -> None:
    found = read(json.dumps(data, ensure_ascii=False, indent=1).encode(charset))
    assert not found.errors
    assert found.titles == ["Uus labor", "Teine"]
    assert [each.body for each in found.articles] == [("Üks.", "Kaks."), ("Kolm.",)]
    assert found.days == ["2016-12-01"] * 2
    assert found.articles[1].id == "k.example/2"


def test_one_article() -> None:
    found = read({**TWO, "tags": [{"name": "puit", "description": "Puidust"}]})
    assert (found.titles, found.articles[0].id) == (["Teine"], "k.example/2")
    assert [each.id for each in read(ONE).articles] == ["uudised/5"]


def test_names_by_configuration_may_have_dots() -> None:
    data = [{"meta": {"h": "A"}, "sisuosa": {"jutt": "Tekst."}}]
    options = ReadOptions(columns={"title": "meta.h", "body": "sisuosa.jutt"})
    found = read(data, options=options)
    assert (found.titles, found.articles[0].id) == (["A"], "uudised/1")


def test_numbers_and_words_that_are_no_json() -> None:
    text = '[{"title": 2016, "text": "Tekst.", "id": 1' + "0" * 5000 + ', "date": NaN}, ' \
        '{"title": "B", "title": "C", "text": "Tekst.", "x": -Infinity, "draft": false},' \
        '{"title": "D", "text": "Mustand.", "draft": true},]'  # fmt: skip
    found = read(text)
    assert found.titles == ["2016", "C"]
    assert found.codes == ["draft"]
    assert not found.errors


@pytest.mark.parametrize(
    ("text", "titles", "part"),
    [
        (json.dumps([ONE, TWO])[:-40], ["Uus labor"], "Items read before that: 1"),
        (json.dumps({"articles": [ONE, TWO, TWO]})[:-40], ["Uus labor", "Teine"], "breaks off"),
        (json.dumps([ONE]) [:-1], ["Uus labor"], "the end is missing"),
        ("[" * 200_000, [], "nested too deep"),
        ('{"a":' * 200_000, [], "nested too deep"),
        ('{"title": ', [], "line 1"),
        ("tere", [], "begins with “t”"),
        ("<html></html>", [], "begins with “<”"),
        ('{"code": "rest_no_route", "data": {"status": 404}}', [], "no column is known"),
        ("[1]", [], "item 1: is no object"),
        ('[{"a": "b"}]', [], "Its columns: “a”"),
    ],
)  # fmt: skip
def test_broken_files_are_one_line_and_what_is_whole_is_read(
    text: str, titles: list[str], part: str
) -> None:
    found = read(text)
    assert found.titles == titles
    (message,) = found.messages
    assert part in message


def test_a_broken_object_within_an_array_costs_itself() -> None:
    text = (
        '[\n{"title": "A", "text": "Üks."},\n{"title": "B "katki"", "text": "Kaks."},\n'
        '{"title": "C", "text": "Kolm."}\n{"title": "D", "text": "Neli."}\n]'
    )
    found = read(text)
    assert found.titles == ["A", "C", "D"]
    assert found.articles[1].id == "uudised/3"
    assert "item 2: is no JSON (line 3: " in found.messages[0]


@pytest.mark.parametrize("data", [b"", b"  \n", b"[]", b"{}"])
def test_nothing_in_it(data: bytes) -> None:
    found = read(data)
    assert not found.articles
    assert [each.code for each in (*found.errors, *found.skipped)] == ["empty"]


def test_large_arrays_are_read_piece_by_piece_and_large_items_are_lines() -> None:
    many = [{"title": f"Nr {n}", "text": "Sõnu on palju. " * 100} for n in range(2000)]
    many[7]["text"] = "x" * 6_000_000
    found = read(many)
    assert len(found.articles) == 1999
    assert found.messages == ["uudised.json: item 8: has more than 5 MB. Split it or leave it out"]
    assert found.articles[-1].id == "uudised/2000"


def test_lines() -> None:
    text = "\n".join(
        [
            json.dumps(ONE),
            '{"title": "katki',
            "",
            "[1, 2]",
            json.dumps(TWO),
            '{"title": "Tekstita"}',
            "[" * 100_000,
            json.dumps({"title": "Suur", "text": "x" * 6_000_000}),
            json.dumps({"title": "Viimane", "text": "Tekst."}),
        ]
    )
    found = lines(text)
    assert found.titles == ["Uus labor", "Teine", "Viimane"]
    assert [each.split(": ")[1] for each in found.messages] == [
        *("line 2", "line 4", "line 6", "line 7", "line 8"),
    ]
    assert found.articles[2].id == "uudised/9"
    # The same in a file that is called JSON.
    assert read(text).titles == found.titles


def test_an_unreadable_file_of_lines_is_not_a_line_for_each() -> None:
    found = lines("\n".join(json.dumps({"a": n}) for n in range(50)))
    assert [each.code for each in found.errors] == ["missing-columns"]


def test_limits_of_one_object() -> None:
    text = json.dumps({"articles": [ONE] * 100})
    assert [each.code for each in read(text, limits=Limits(member_megabytes=0.001)).errors] == [
        "too-large"
    ]
