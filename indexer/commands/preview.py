"""Command ``read``: shows what would be indexed, without an index."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indexer.commands.common import (
    configured,
    echo_line,
    ended_by_sigterm,
    json_option,
    print_json,
)
from indexer.commands.source_options import (
    GivenSources,
    report_option,
    source_options,
    write_json,
)
from search.errors import NothingToIndex, SourceError

if TYPE_CHECKING:
    from indexer.sources import Duplicate, Remark, Skipped
    from search.article import Article
    from search.configuration import Configuration

_FIRST_CHARACTERS = 200


@click.command()
@json_option
@report_option
@configured
@source_options
def read(
    configuration: "Configuration",
    sources: GivenSources,
    as_json: bool,
    report_file: Path | None,
) -> None:
    """Show what would be indexed of SOURCE.

    Each article stands with its title, date, address, language and first words; then comes what was
    skipped, and on stderr what cannot be read. No index is touched. The exit status is 1 if there
    is no article.

    Example: klastriotsing read uudised
    """
    if not sources.settings:
        raise click.UsageError("Name a SOURCE, or set “sources” in klastriotsing.toml.")
    preview = _Preview(keeps_articles=as_json or report_file is not None)
    with ended_by_sigterm(), contextlib.closing(_opener(configuration)) as opener:
        for article in preview.read(sources, opener):
            if not as_json:
                for line in _lines(article):
                    echo_line(line)
    for error in preview.errors:
        echo_line(error, err=True)
    write_json(preview.to_dict(), report_file)
    if as_json:
        print_json(preview.to_dict())
    else:
        for note in (*preview.skipped, *preview.remarks):
            echo_line(note)
        click.echo(preview.summary())
    if not preview.count:
        raise NothingToIndex(sources=sources.names)


def _opener(configuration: "Configuration") -> Any:
    from indexer.factory import source_opener

    return source_opener(configuration, keeps_pages=False)


@dataclass(slots=True)
class _Preview:
    """Collects results of reading; articles are kept only for JSON."""

    keeps_articles: bool
    count: int = 0
    articles: "list[Article]" = field(default_factory=list)
    skipped: "list[Skipped]" = field(default_factory=list)
    duplicates: "list[Duplicate]" = field(default_factory=list)
    remarks: "list[Remark]" = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)

    def read(self, sources: GivenSources, opener: Any) -> "Iterator[Article]":
        """Yields the articles, and collects everything else."""
        from indexer.sources import CombinedSource, Duplicate, Remark, Skipped, read_files

        source = CombinedSource([opener(each) for each in sources.settings])
        for _, found in read_files(source, source.scan()):
            if isinstance(found, SourceError):
                self.errors.append(found)
            elif isinstance(found, Skipped):
                self.skipped.append(found)
            elif isinstance(found, Duplicate):
                self.duplicates.append(found)
            elif isinstance(found, Remark):
                self.remarks.append(found)
            elif found is not None:
                self.count += 1
                if self.keeps_articles:
                    self.articles.append(found)
                yield found

    def summary(self) -> str:
        from indexer.report import skipped_summary

        counts = [f"{self.count} {'article' if self.count == 1 else 'articles'}"]
        counts += [f"{len(self.duplicates)} duplicates"] if self.duplicates else []
        counts += [f"{len(self.errors)} failed"] if self.errors else []
        return ", ".join(counts) + skipped_summary(self.skipped)

    def to_dict(self) -> dict[str, Any]:
        from indexer.report import duplicates_to_list, error_to_dict, skipped_to_dict

        return {
            "articles": [_article_to_dict(each) for each in self.articles],
            "skipped": [skipped_to_dict(each) for each in self.skipped],
            "errors": [error_to_dict(each) for each in self.errors],
            "duplicates": duplicates_to_list(self.duplicates),
            "notes": [str(each) for each in self.remarks],
        }


def _article_to_dict(article: "Article") -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "date": article.published.value.iso if article.published else None,
        "url": article.url,
        "language": _language(article),
        "focus_areas": [each.value for each in article.focus_areas],
        "source": article.source,
        "body": list(article.body),
    }


def _lines(article: "Article") -> Iterator[str]:
    date = article.published.value.iso if article.published else "no date"
    facts = (date, _language(article), article.url or article.id)
    yield article.title
    yield f"    {' · '.join(facts)}"
    text = " ".join(article.body_text.split())
    if text:
        yield f"    {text[:_FIRST_CHARACTERS]}{'…' if len(text) > _FIRST_CHARACTERS else ''}"


def _language(article: "Article") -> str:
    """The language given by the source, else the identified one."""
    from search.analysis import identify_language

    return article.language or identify_language(f"{article.title}\n{article.body_text}")
