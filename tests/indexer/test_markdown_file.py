"""Markdown: any front matter, marks dropped, and ids that stay as they were."""

from pathlib import Path

import pytest

from indexer.sources import open_source
from indexer.sources.base import Found, Input, Skipped
from search.article import Article
from search.configuration import SourceSettings
from search.errors import EmptyDocument


def read(file: Path, text: str) -> Found:
    file.write_text(text, encoding="utf-8")
    source = open_source(SourceSettings(str(file), categories={"Puit": "puit"}))
    (found,) = (
        each for one in source.scan() if isinstance(one, Input) for each in source.read(one)
    )
    return found


def article_of(file: Path, text: str) -> Article:
    found = read(file, text)
    assert isinstance(found, Article), found
    return found


@pytest.mark.parametrize(
    "matter",
    [
        "---\nlayout: post\ntitle: Klaster\ndate: 2016-12-01 23:59:00 +0200\nlang: en-GB\n"
        "permalink: https://puu.example/a\ncategories: [Puit, Muu]\nparams: {a: [1]}\n---",
        "---\ntitle: Klaster\ndate: 1. detsember 2016\nlanguage: en\ncategories:\n  - Puit\n"
        "url: https://puu.example/a\nkirjeldus: kaks: koolonit\n---",
        '+++\ntitle = "Klaster"\ndate = 2016-12-01T23:59:00+02:00\nlanguage = "en"\n'
        'url = "https://puu.example/a"\ntags = ["Puit"]\n[menu]\nweight = 1\n+++',
        "title: Klaster\ndate: 2016-12-01 10:11:12\nlang: en\ncategories: Puit\n"
        "permalink: https://puu.example/a\n---",
        '{\n"title": "Klaster", "date": "2016-12-01", "lang": "en", "categories": "Puit",\n'
        '"canonical": "https://puu.example/a"\n}',
    ],
)  # fmt: skip
def test_front_matter_of_many_programs(tmp_path: Path, matter: str) -> None:
    found = article_of(tmp_path / "lugu.md", f"{matter}\n\n# Klaster\n\nLugu algab.\n")
    assert (found.id, found.title, found.body) == ("lugu", "Klaster", ("Lugu algab.",))
    if "koolonit" in matter:  # no YAML; the simple lines count all the same
        assert found.published is not None
        return
    assert found.published is not None
    assert found.published.value.iso == "2016-12-01"
    assert (found.url, found.language) == ("https://puu.example/a", "en")
    assert [each.value for each in found.focus_areas] == ["puit"]


@pytest.mark.parametrize("line", ["draft: true", "published: false", "DRAFT: Yes"])
def test_drafts_are_left_out(tmp_path: Path, line: str) -> None:
    found = read(tmp_path / "lugu.md", f"---\ntitle: Lugu\n{line}\n---\nTekst.\n")
    assert isinstance(found, Skipped)
    assert found.code == "draft"


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("**Tugev** ja *kaldu*, `kood`,\n[link](http://a.example 'x') ja <https://b.example>.",
         ("Tugev ja kaldu, kood, link ja https://b.example.",)),
        ("![pilt](a.png)\n\n<!-- märkus\n\nmitmel real -->\n\nTekst.[^1]\n\n[^1]: Selgitus.",
         ("Tekst.", "Selgitus.")),
        ("```python\nkood = 1\n\nteine = 2\n```\n\nTekst {{< ref \"a.md\" >}}lõpeb.\n{: .klass}",
         ("kood = 1\nteine = 2", "Tekst lõpeb.")),
        ("{% highlight html %}kood{% endhighlight %}\n{% comment %}peidus{% endcomment %}",
         ("kood",)),
        ("* üks\n* kaks\n  * kolm\n\n1. neli", ("- üks\n- kaks\n- kolm", "- neli")),
        ("| A | B |\n|---|---|\n| 1 | 2 |", ("A | B\n1 | 2",)),
        ("> [!NOTE]\n> Märkus [[Leht|lehelt]].\n\n    taandega lõik", ("Märkus lehelt.",
         "taandega lõik")),
    ],
)  # fmt: skip
def test_marks_go_and_the_text_stays(tmp_path: Path, text: str, body: tuple[str, ...]) -> None:
    assert article_of(tmp_path / "lugu.md", f"# Lugu\n\n{text}\n").body == body


def test_the_date_may_stand_in_the_name(tmp_path: Path) -> None:
    found = article_of(tmp_path / "2016-12-01-klaster-avas.md", "# Klaster avas\n\nTekst.\n")
    assert found.id == "2016-12-01-klaster-avas"
    assert found.published is not None
    assert found.published.value.iso == "2016-12-01"


def test_the_first_line_is_the_title(tmp_path: Path) -> None:
    file = tmp_path / "lugu.md"
    assert article_of(file, "Lugu\n====\nTekst.").title == "Lugu"
    assert article_of(file, "![p](a.png)\n## **Lugu** ##\nTekst.").body == ("Tekst.",)
    assert isinstance(read(file, "---\ndate: 2016\n---\n<!-- -->\n"), EmptyDocument)
