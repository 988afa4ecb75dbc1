"""A taxonomy with nested areas, and a few articles in it."""

from dataclasses import replace
from pathlib import Path

from indexer.factory import index_of, pipeline
from search.configuration import Configuration

TAXONOMY = """\
areas:
  - id: rohe
    label: {et: Rohemajandus, en: Green economy}
    cues: [{lemmas: [rohelepe]}]
    areas:
      - id: energia
        label: {et: Energia, en: Energy}
        cues: [{lemmas: [taastuvenergia]}]
      - id: jaatmed
        label: {et: Jäätmed, en: Waste}
        cues: [{lemmas: [olmejäätmed]}]
        areas:
          - id: kompost
            label: {et: Kompost, en: Compost}
            cues: [{lemmas: [kompost]}]
  - id: tehnika
    label: {et: Tehnika, en: Technology}
    cues: [{lemmas: [robot]}]
"""
TAXONOMY_FILE = "valdkonnad.yaml"
#: Year and given areas of each article.
ARTICLES = (
    (2014, "kompost"),
    (2015, "jaatmed"),
    (2015, "energia"),
    (2016, "rohe"),
    (2016, "tehnika"),
    (2017, "kompost, tehnika"),
    (2017, ""),
)


def nested_configuration(directory: Path, settings: Configuration | None = None) -> Configuration:
    """Configuration of an index of ARTICLES and the taxonomy, both written below ``directory``.

    Other values are those of ``settings``, if given.
    """
    taxonomy, news = directory / TAXONOMY_FILE, directory / "uudised"
    taxonomy.write_text(TAXONOMY, encoding="utf-8")
    news.mkdir()
    for number, (year, areas) in enumerate(ARTICLES):
        given = f"date: {year}\nfocus_areas: [{areas}]"
        text = f"---\n{given}\n---\nUudis {number}\n\nNaabrid kohtusid.\n"
        (news / f"{number}.txt").write_text(text, encoding="utf-8")
    plain = settings or Configuration()
    configuration = replace(plain, index=directory / "index", taxonomy=taxonomy)
    report = pipeline(configuration).reindex(index_of(configuration), [news])
    assert not report.errors
    return configuration
