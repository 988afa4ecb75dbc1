"""Takes the pictures of the README from the running program: ``make screenshots``.

    python tests/browser/pictures.py DIRECTORY

Indexes the example news into a temporary directory, serves it, and writes results.png, article.png,
organisation.png and phone.png, in few colours, so that they are small.
"""

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from live import ROOT, chromium, run_program, serving

EXAMPLES = ROOT / "examples/uudised"
#: Text with its soft edges and a dozen colours need no more.
COLOURS = 256


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as the README shows it, in a window of its own."""

    name: str
    path: str
    window: dict[str, Any]


DESKTOP = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "color_scheme": "dark",
    "has_touch": True,
}
PICTURES = (
    Picture("results", "/?q=klastrid&colour=focus", DESKTOP),
    Picture("article", "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit", DESKTOP),
    Picture("organisation", "/organisatsioonid/laaneranna-tehnikaulikool", DESKTOP),
    Picture("phone", "/?q=ringmajandus", PHONE),
)


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def pictures(directory: Path) -> None:
    """Write the pictures to DIRECTORY."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        index = Path(temporary) / "index"
        run_program("--index", str(index), "reindex", str(EXAMPLES))
        with serving(index) as address:
            for each in PICTURES:
                file = directory / f"{each.name}.png"
                file.write_bytes(in_few_colours(taken(browser, address, each)))
                click.echo(f"{file}: {file.stat().st_size / 1000:.0f} kB")


def taken(browser: Browser, address: str, picture: Picture) -> bytes:
    """The picture as the browser shows it."""
    context = browser.new_context(locale="et-EE", **picture.window)
    page = context.new_page()
    page.goto(address + picture.path)
    shot = page.screenshot()
    context.close()
    return shot


def in_few_colours(png: bytes) -> bytes:
    """The same picture with a palette of its own."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    small = io.BytesIO()
    palette = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette.save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    pictures()
