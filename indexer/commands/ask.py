"""Query commands: ``search`` and ``analyze``."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from indexer.commands.common import configured, json_option, print_json, readable

if TYPE_CHECKING:
    from search.analysis import AnalysedToken, Analyzer
    from search.article import PartialDate
    from search.configuration import Configuration
    from search.results import Hit, Results, Snippet

_LISTED_FACET_VALUES = 8
_FACET_TITLES = {
    "focus": "Focus areas",
    "year": "Years",
    "org": "Organisations",
    "source": "Sources",
    "language": "Languages",
}


def _years(
    _context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    from search.errors import BadRequest
    from search.request import year_range

    for value in values:
        try:
            year_range(value)
        except BadRequest as error:
            raise click.BadParameter(str(error), param=option) from error
    return values


def _date(
    _context: click.Context, option: click.Parameter, value: "str | None"
) -> "PartialDate | None":
    from search.date_interval import parse_date
    from search.errors import BadDate

    try:
        return parse_date(value or "")
    except BadDate as error:
        raise click.BadParameter(str(error), param=option) from error


@click.command()
@click.argument("query", callback=readable)
@click.option("--focus", multiple=True, metavar="ID", help="Only this focus area, or none.")
@click.option("--year", multiple=True, callback=_years, help="2016, 2014-2016 or unknown.")
@click.option("--org", multiple=True, metavar="NAME", help="Only this organisation.")
@click.option("--source", multiple=True, metavar="NAME", help="Only this site or collection.")
@click.option("--language", multiple=True, metavar="CODE", help="Only this language, such as et.")
@click.option("--from", "first", callback=_date, help="Not before 2016, 2016-03 or 2016-03-15.")
@click.option("--to", "last", callback=_date, help="Not after such a date.")
@click.option("--not-focus", multiple=True, metavar="ID", help="Leave this focus area out.")
@click.option("--not-year", multiple=True, callback=_years, help="Leave these years out.")
@click.option("--not-org", multiple=True, metavar="NAME", help="Leave this organisation out.")
@click.option("--not-source", multiple=True, metavar="NAME", help="Leave this source out.")
@click.option("--not-language", multiple=True, metavar="CODE", help="Leave this language out.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    default="relevance",
    show_default=True,
)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--no-meaning", "words_only", is_flag=True, help="Find by words alone.")
@json_option
@configured
def search(
    configuration: "Configuration",
    query: str,
    focus: tuple[str, ...],
    year: tuple[str, ...],
    org: tuple[str, ...],
    source: tuple[str, ...],
    language: tuple[str, ...],
    first: "PartialDate | None",
    last: "PartialDate | None",
    not_focus: tuple[str, ...],
    not_year: tuple[str, ...],
    not_org: tuple[str, ...],
    not_source: tuple[str, ...],
    not_language: tuple[str, ...],
    sort: Any,
    limit: int,
    words_only: bool,
    as_json: bool,
) -> None:
    """Search the live index for QUERY, as the web does.

    The filters may be given several times: values of one are alternatives. Put -- before a QUERY
    that begins with a hyphen.

    Example: klastriotsing search "ringmajandus OR taaskasutus" --year 2014-2016
    """
    from indexer.factory import service
    from search.date_interval import DateInterval
    from search.i18n import DEFAULT_LANGUAGE
    from search.request import FACETS, FacetFilter, SearchRequest

    request = SearchRequest(
        query=query,
        focus=FacetFilter(focus, not_focus),
        year=FacetFilter(year, not_year),
        org=FacetFilter(org, not_org),
        source=FacetFilter(source, not_source),
        language=FacetFilter(language, not_language),
        span=DateInterval(first, last),
        sort=sort,
        page_size=limit,
        meaning=not words_only,
    )
    with contextlib.closing(service(configuration, by_meaning=not words_only)) as answering:
        facets = FACETS if as_json else answering.facets()
        results = answering.search(request, DEFAULT_LANGUAGE if as_json else "en", facets)
    if as_json:
        print_json(results.to_dict())
        return
    bold = sys.stdout.isatty()
    for line in _answer(results, bold):
        click.echo(line)


def _answer(results: "Results", bold: bool) -> Iterator[str]:
    noun = "article" if results.total == 1 else "articles"
    more = f" and {results.partial} with only some of the words" if results.partial else ""
    if results.searched != results.request.query:
        asked = results.request.query
        yield f"Nothing was found for “{asked}”; these results are for “{results.searched}”."
    more += f" and {results.near} near in meaning" if results.near else ""
    yield f"{results.total} {noun}{more}. {results.explanation}".rstrip()
    for each in results.suggestions:
        yield f"Did you mean “{each.text}” ({each.count})?"
    for number, hit in enumerate(results.hits, 1):
        yield ""
        yield from _hit(number, hit, bold)
    for facet in results.facets:
        if facet.values:
            values = [f"{each.label} ({each.count})" for each in facet.values]
            shown = ", ".join(values[:_LISTED_FACET_VALUES])
            more = ", …" if facet.available > _LISTED_FACET_VALUES else ""
            yield ("\n" if facet is results.facets[0] else "") + (
                f"{_FACET_TITLES[facet.name]}: {shown}{more}"
            )


def _hit(number: int, hit: "Hit", bold: bool) -> Iterator[str]:
    from search.results import Snippet

    indent = " " * (len(str(number)) + 2)
    yield f"{number}. {_marked(Snippet(hit.title, hit.title_marks), bold)}"
    when = hit.published or (str(hit.year) if hit.year else "year unknown")
    yield f"{indent}{when} · {hit.id}{_partly(hit)}"
    for snippet in hit.snippets:
        yield indent + " ".join(_marked(snippet, bold).split())


def _partly(hit: "Hit") -> str:
    """Note on a hit that does not match fully."""
    if hit.nearness is not None:
        return f" · near in meaning ({hit.nearness:.2f})"
    return "" if hit.full else " · only some of the words"


def _marked(snippet: "Snippet", bold: bool) -> str:
    pieces, at = [], 0
    for mark in snippet.marks:
        word = snippet.text[mark.start : mark.end]
        pieces += [
            snippet.text[at : mark.start],
            click.style(word, bold=True) if bold else f"**{word}**",
        ]
        at = mark.end
    return "".join((*pieces, snippet.text[at:]))


@click.command()
@click.argument("text", callback=readable)
@json_option
@configured
def analyze(configuration: "Configuration", text: str, as_json: bool) -> None:
    """Show how TEXT is read, and so why something matches.

    Each token stands with its surface form, its lemmas, the parts of compounds, the words derived
    from the same one, and all readings.

    Example: klastriotsing analyze "Jäätmete taaskasutusklastrid"
    """
    from indexer.extract import known_organisations
    from search.analysis import Analyzer, Vabamorf, identify_language
    from search.normalisation import clean

    text = clean(text)
    analyzer = Analyzer(
        Vabamorf(),
        known_organisations(configuration.gazetteer, defaults=configuration.defaults).acronyms,
    )
    language = identify_language(text)
    tokens = analyzer.analyse(text, language)
    if as_json:
        rows = [_token(each, analyzer) for each in tokens]
        print_json({"text": text, "language": language, "tokens": rows})
        return
    click.echo(f"Language: {language}")
    header = ("token", "surface", "lemmas", "parts", "derived", "readings")
    for line in _table([header, *(_row(each, analyzer) for each in tokens)]):
        click.echo(line)


def _token(analysed: "AnalysedToken", analyzer: "Analyzer") -> dict[str, Any]:
    token, terms = analysed.token, analysed.terms
    readings = analyzer.readings(token.text) if token.kind == "word" else ()
    return {
        "text": token.text,
        "start": token.start,
        "end": token.end,
        "kind": token.kind,
        "surface": terms.surface,
        "lemmas": list(terms.lemmas),
        "parts": list(terms.parts),
        "derived": _derived(terms.lemmas, analyzer) if readings else [],
        "readings": [
            {"lemma": each.lemma, "parts": list(each.parts), "pos": each.pos, "form": each.form}
            for each in readings
        ],
    }


def _derived(lemmas: Sequence[str], analyzer: "Analyzer") -> list[str]:
    relatives = [each for lemma in lemmas for each in analyzer.relatives(lemma)]
    return [each for each in dict.fromkeys(analyzer.confirmed(relatives)) if each not in lemmas]


def _row(analysed: "AnalysedToken", analyzer: "Analyzer") -> tuple[str, ...]:
    token = _token(analysed, analyzer)
    readings = dict.fromkeys(
        f"{'+'.join(each['parts']) or each['lemma']}/{each['pos']} {each['form']}".strip()
        for each in token["readings"]
    )
    return (
        token["text"],
        token["surface"],
        " ".join(token["lemmas"]),
        " ".join(token["parts"]),
        " ".join(token["derived"]),
        "; ".join(readings),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
