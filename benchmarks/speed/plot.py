"""Plots cost against corpus size as SVG, from the ``--json`` output of benchmarks.

    python -m benchmarks.plot OUT.svg RESULT.json…

RESULT are outputs of ``indexing --articles N`` and ``queries --articles N``, any number
of each; a file may hold several, a line each. Three panels, all axes logarithmic: CPU seconds of
indexing over all processes, which nothing else on the machine changes much; megabytes of memory
and of index; milliseconds of a query with facets (the median over kinds of query), of ours and of
rivals. The plain programme's time is worked out from its speed.
"""

import itertools
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

Points = dict[float, float]
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 370, 260, 66, 34, 44
_RIGHT = 96
# Lines differ in dashes and have labels at their ends, so colour is not needed.
_STYLES = (
    ("#1a5276", ""),
    ("#a04000", "6 3"),
    ("#1e8449", "2 3"),
    ("#6c3483", "8 3 2 3"),
)
_NAMES = {"ours": "meie", "whoosh": "Whoosh", "fts5": "SQLite FTS5"}


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart with some lines over the number of articles."""

    title: str
    lines: Mapping[str, Points]


def panels(results: Iterable[Mapping[str, Any]]) -> list[Panel]:
    """Charts of the results."""
    seconds: dict[str, Points] = {}
    memory: dict[str, Points] = {}
    queries: dict[str, Points] = {}

    def put(lines: dict[str, Points], name: str, articles: float, value: float) -> None:
        if value > 0:
            lines.setdefault(name, {})[articles] = value

    for each in results:
        articles = each["articles"]
        if "articles_per_second" in each:
            put(seconds, "reindex", articles, each["cpu_seconds"])
            put(memory, "mälu (tipp)", articles, each["peak_rss_mb"])
            put(memory, "indeks", articles, each["index_mb"])
            if "naive" in each:
                naive = each["tokens"] / each["naive"]["tokens_per_cpu_second"]
                put(seconds, "lihtprogramm", articles, naive)
        if "kinds" in each:
            for engine in next(iter(each["kinds"].values()))["facets"]:
                found = [modes["facets"][engine]["p50_ms"] for modes in each["kinds"].values()]
                put(queries, _NAMES.get(engine, engine), articles, median(found))
    drawn = (
        Panel("Indekseerimine, protsessoriaeg, s", seconds),
        Panel("Mälu ja indeks, MB", memory),
        Panel("Päring kolme fassetiga, ms", queries),
    )
    return [each for each in drawn if each.lines]


def svg(drawn: Sequence[Panel]) -> str:
    """The charts side by side as SVG."""
    width = len(drawn) * (_WIDTH + 20)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" '
        f'width="{width}" height="{_HEIGHT}" font-family="system-ui, sans-serif" font-size="11">',
        f'<rect width="{width}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for number, panel in enumerate(drawn):
        parts.append(f'<g transform="translate({number * (_WIDTH + 20)} 0)">')
        parts += _panel(panel)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> Iterable[str]:
    sizes = [articles for line in panel.lines.values() for articles in line]
    values = [value for line in panel.lines.values() for value in line.values()]
    across = _Scale(sizes, _LEFT, _WIDTH - _RIGHT)
    upward = _Scale(values, _HEIGHT - _BOTTOM, _TOP)
    yield f'<text x="{_LEFT}" y="18" font-weight="600">{escape(panel.title)}</text>'
    for size in across.ticks():
        x = across.at(size)
        yield f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 28}" text-anchor="middle">{_number(size)}</text>'
    for value in upward.ticks():
        y = upward.at(value)
        yield f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}</text>'
    yield f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 10}" text-anchor="middle">'
    yield "uudiseid</text>"
    ends: list[float] = []
    for (name, line), (colour, dash) in zip(panel.lines.items(), _cycled(), strict=False):
        points = [(across.at(size), upward.at(line[size])) for size in sorted(line)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-dasharray="{dash}"/>'
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
        x, y = points[-1]
        y = _free(y, ends)
        ends.append(y)
        yield f'<text x="{x + 6:.1f}" y="{y + 4:.1f}" fill="{colour}">{escape(name)}</text>'


def _free(wanted: float, taken: Sequence[float]) -> float:
    """Label height nearest to ``wanted`` that overlaps none of those ``taken``."""
    steps = itertools.chain([0], *((-step, step) for step in range(1, _HEIGHT)))
    heights = (wanted + step for step in steps)
    return next(each for each in heights if all(abs(each - other) >= 12 for other in taken))


class _Scale:
    """A logarithmic axis over ``values``, from pixel ``first`` to ``last``."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        self._low = math.floor(math.log10(min(values)) + 1e-9)
        self._high = max(math.ceil(math.log10(max(values)) - 1e-9), self._low + 1)
        self._first, self._last = first, last

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._first + share * (self._last - self._first)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def _cycled() -> Iterable[tuple[str, str]]:
    while True:
        yield from _STYLES


def _number(value: float) -> str:
    text = f"{value:,.0f}" if value >= 1 else f"{value:g}".replace(".", ",")
    return text.replace(",", "\u00a0") if value >= 1 else text


def read_results(files: Iterable[Path]) -> list[dict[str, Any]]:
    """Results in ``files``, a JSON object on each line."""
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return [json.loads(line) for line in lines if line.startswith("{")]


def main(arguments: Sequence[str] | None = None) -> None:
    names = list(sys.argv[1:] if arguments is None else arguments)
    if len(names) < 2 or names[0].startswith("-"):
        sys.exit(__doc__)
    drawn = panels(read_results(map(Path, names[1:])))
    if not drawn:
        sys.exit("no result has anything to draw")
    Path(names[0]).write_text(svg(drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
