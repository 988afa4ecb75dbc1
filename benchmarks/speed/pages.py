"""CPU time of a page of results, beside the search behind it.

    python -m benchmarks.pages [SOURCE…] [--articles N] [--queries N] [--json]

Articles are composed of the sentences of SOURCE (``../shared/eval`` unless named), queries drawn as
``benchmarks.queries`` draws them. Measured is CPU time of one process, that of the real service and
of the real site over it:

* page: what ``/?q=…`` answers, from the parameters to the last byte of HTML;
* search: that part of it which ``SearchService.search`` takes, facets and marked passages included;
* more: the rest, for each page by itself, other searches among it that a page may ask for;
* new: queries never asked before, in a process that has answered as many others; again: once more.

The page is also fetched over HTTP from the server that ``serve`` starts, where time is what passes.
Nobody else renders these pages, so there are no rivals: what counts is what the page
takes more than its search.
"""

import argparse
import http.client
import json
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.speed.queries import add_arguments, drawn, filled, material_of, place
from benchmarks.support.corpus_documents import Material
from benchmarks.support.index_cache import Kept
from benchmarks.support.processes import serving
from benchmarks.support.query_set import KINDS
from benchmarks.support.timing import machine, quantile, times_of
from search.analysis import Analyzer
from search.configuration import Configuration
from search.engines.registry import fingerprint
from search.engines.whoosh import WhooshIndex
from search.engines.whoosh.manifest import MANIFEST
from search.i18n import DEFAULT_LANGUAGE
from search.request import FACETS, FacetName, SearchRequest
from search.results import Results
from search.service import SearchService
from search.taxonomy import load_taxonomy
from webui import create_app

ARTICLES, QUERIES = 10_000, 30
_FETCHED = 100
Texts = Mapping[str, tuple[Sequence[str], Sequence[str]]]


class WatchedService(SearchService):
    """Search service that records the CPU time of every search in ``spent`` (ms)."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.spent: list[float] = []

    def search(
        self,
        request: SearchRequest,
        language: str = DEFAULT_LANGUAGE,
        facets: Sequence[FacetName] = FACETS,
        parts: int = 0,
    ) -> Results:
        began = time.process_time_ns()
        found = super().search(request, language, facets, parts)
        self.spent.append((time.process_time_ns() - began) / 1e6)
        return found


def measure(
    material: Material, articles: int, directory: Path, count: int = QUERIES
) -> dict[str, Any]:
    """Figures over the first ``articles`` articles; the index in ``directory`` is only read."""
    ours, _, _ = filled(material, articles, Kept(directory, f"{articles} {material.key}"), ())
    texts: Texts = {
        kind: tuple([each.text for each in part] for part in parts)  # type: ignore[misc]
        for kind, parts in drawn(material, articles, count, ours).items()
    }
    with tempfile.TemporaryDirectory() as adopted:
        adopt(directory / "ours", Path(adopted))
        index, kinds = Path(adopted), {}
        for kind in KINDS:
            with closing(watched(index, material.analyzer)) as service:
                kinds[kind] = _of_kind(service, *texts[kind])
        everything = [text for measured, _ in texts.values() for text in measured]
        fetched = _over_http(index, everything[:_FETCHED])
    return {"articles": articles, "machine": machine(), "kinds": kinds, "http": fetched}


def adopt(index: Path, place: Path) -> None:
    """Links the generation of ``index`` into ``place``, as if it had been indexed there."""
    generations = WhooshIndex(index)
    name = generations.current() or ""
    (place / name).mkdir()
    for file in (index / name).iterdir():
        if file.name != MANIFEST:
            (place / name / file.name).symlink_to(file.absolute())
    manifest = replace(generations.manifest(), fingerprint=fingerprint(Configuration()))
    (place / name / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    (place / "CURRENT").write_text(f"{name}\n", encoding="ascii")


def watched(index: Path, analyzer: Analyzer) -> WatchedService:
    """A freshly opened service, as ``serve`` makes it."""
    return WatchedService(index, Configuration(), analyzer, load_taxonomy(None))


def address_of(text: str) -> str:
    """URL of the results of the query."""
    return f"/?{urlencode({'q': text})}"


def _of_kind(
    service: WatchedService, measured: Sequence[str], before: Sequence[str]
) -> dict[str, float]:
    client = create_app(service, Configuration()).test_client()
    sizes: list[float] = []
    searches: list[float] = []

    def page(text: str) -> None:
        service.spent.clear()
        response = client.get(address_of(text))
        searches.append(service.spent[0])
        assert response.status_code == 200, response.status  # noqa: S101 - else no figure
        sizes.append(len(response.data) / 1000)

    times_of(page, before)
    figures: dict[str, float] = {"queries": len(measured)}
    for when in ("new", "again"):
        searches.clear()
        pages = times_of(page, measured)
        more = [whole - part for whole, part in zip(pages, searches, strict=True)]
        for name, times in (("search", searches), ("page", pages), ("more", more)):
            figures[f"{name}_{when}_p50_ms"] = round(quantile(times, 0.5), 3)
            figures[f"{name}_{when}_p95_ms"] = round(quantile(times, 0.95), 3)
    return figures | {"page_kb": round(quantile(sizes, 0.5), 1)}


def _over_http(index: Path, texts: Sequence[str]) -> dict[str, float]:
    """Time to the last byte of each page, requested one after the other."""
    with serving(index) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/")
        connection.getresponse().read()  # loads everything once

        def fetch(text: str) -> float:
            began = time.perf_counter()
            connection.request("GET", address_of(text))
            connection.getresponse().read()
            return (time.perf_counter() - began) * 1000

        passed = {when: [fetch(text) for text in texts] for when in ("new", "again")}
        connection.close()
    return {
        f"{when}_p{round(share * 100)}_ms": round(quantile(times, share), 3)
        for when, times in passed.items()
        for share in (0.5, 0.95)
    }


def table(result: Mapping[str, Any]) -> str:
    """The figures as a text table."""
    lines = [
        f"{result['articles']:,} articles; ms of CPU, p50/p95 of queries never asked before (again)"
    ]
    for kind, each in result["kinds"].items():
        cells = [
            f"{name} {each[f'{name}_new_p50_ms']:.2f}/{each[f'{name}_new_p95_ms']:.2f} "
            f"({each[f'{name}_again_p50_ms']:.2f})"
            for name in ("search", "page", "more")
        ]
        lines.append(f"{kind:8}" + "  ".join(cells) + f"  {each['page_kb']:.0f} kB")
    fetched = result["http"]
    lines.append(
        "over HTTP, ms that pass: "
        f"{fetched['new_p50_ms']:.2f}/{fetched['new_p95_ms']:.2f} ({fetched['again_p50_ms']:.2f})"
    )
    return "\n".join(lines)


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description=__doc__)
    add_arguments(parser, ARTICLES)
    parser.add_argument("--queries", type=int, default=QUERIES, help="of each kind")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with place(options.indexes) as directory:
        result = measure(material_of(options), options.articles, directory, options.queries)
    print(json.dumps(result) if options.json else table(result))


if __name__ == "__main__":
    main()
