"""The style sheet: small, one's own, and its colours strong enough to read."""

import re
from importlib.resources import files

import pytest

STATIC = files("webui") / "static"
SCRIPTS = ("enhance.js", "suggest.js", "collection.js")
#: What only the operator's view fetches.
FOR_OPERATORS = ("operator.css", "operator.js")
#: What other sites' pages fetch, and no page of the site itself.
EMBEDDED = ("embed.css", "embed.js", "embed_frame.js")
PAPERS = ("paper", "surface", "band")
#: Text needs 4.5:1 on whatever it stands on, edges of fields and shapes 3:1 (WCAG 2.2 AA).
TEXTS = ("ink", "muted", "accent")
HUES = ("square", "ring", "triangle", "diamond", "cross", "bar")


def style() -> str:
    return (STATIC / "style.css").read_text(encoding="utf-8")


def colours(theme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)[:2]
    pattern = r"--([a-z-]+): (#[0-9a-f]{6});"
    found = dict(re.findall(pattern, light))
    return found if theme == "light" else found | dict(re.findall(pattern, dark))


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme: str) -> None:
    colour = colours(theme)
    pairs = [(text, paper) for text in TEXTS for paper in PAPERS]
    pairs += [(hue, "paper") for hue in HUES]
    pairs += [("visited", "paper"), ("accent-ink", "accent"), ("paper", "ink")]
    pairs += [("mark-ink", "mark"), ("accent", "mark"), ("visited", "mark")]
    for text, paper in pairs:
        assert contrast(colour[text], colour[paper]) >= 4.5, (text, paper)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_fields_can_be_seen(theme: str) -> None:
    colour = colours(theme)
    for paper in PAPERS:
        assert contrast(colour["edge"], colour[paper]) >= 3, paper


def test_everything_is_small() -> None:
    sizes = {each.name: len(each.read_bytes()) for each in STATIC.iterdir()}
    assert sizes.pop("favicon.svg") <= 1_000
    assert sum(sizes.pop(each) for each in EMBEDDED) < 5_000
    assert sum(sizes.pop(each) for each in FOR_OPERATORS) < 2_000
    assert set(sizes) == {"style.css", *SCRIPTS}
    assert sum(sizes.values()) < 40_000


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "url(" not in style()
    assert "@import" not in style()
    for script in (*SCRIPTS, *EMBEDDED):
        assert "http" not in (STATIC / script).read_text(encoding="utf-8")


def test_nothing_moves() -> None:
    assert not re.search(r"\b(animation|transition|@keyframes)", style())


def test_light_dark_print_and_contrast_are_served() -> None:
    for query in (
        "prefers-color-scheme: dark",
        "prefers-contrast: more",
        "forced-colors: active",
        "@media print",
    ):
        assert query in style()
