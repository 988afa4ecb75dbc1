"""Takes pictures of every kind of page from the running program.

    python tests/browser/screenshots.py DIRECTORY

Indexes the example news into a temporary directory, serves it, and writes PAGE-DEVICE-THEME.png:
phone and desktop, light and dark; with --whole down to the end of each page.
"""

import sys
import tempfile
from pathlib import Path

import click
from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from live import ROOT, chromium, operating, run_program
from unsound_sites import site_without_sound_index

EXAMPLES = ROOT / "examples/uudised"
AREA = "rohe-ringmajandus"
UNSOUND = {"no-index": "missing", "damaged": "damaged", "outdated": "outdated"}
PAGES = {
    "start": "/",
    "results": "/?q=klastrid",
    "colours": "/?q=klastrid&colour=focus",
    "filtered": f"/?q=klaster+robot&focus={AREA}&year=2014-2026&not_year=2016",
    "article": "/article/2009-10-06-saepuru-ei-ole-prugi?q=puit",
    "empty": f"/?q=klastrofoobia&focus={AREA}",
    "rescued": f"/?q=%22robot+saepuru%22&focus={AREA}&year=2016",
    "error": "/puudub",
    "long": "/?q=klaster+" + "%C3%B5" * 200 + "&not_year=2016",
    "help": "/abi",
    "areas": "/valdkonnad",
    "area": f"/valdkonnad/{AREA}",
    "organisations": "/organisatsioonid",
    "organisation": "/organisatsioonid/emajoe-rakendusulikool",
    "values": "/facet/org?q=klastrid&org=EAS",
    "comparison": "/vordle?org=EAS&org=Saarte+Elamusklaster",
    "chosen": "/valitud?id=ea0qs5ft.8a81axn7.00000000",
    "about": "/saidist",
    "accessibility": "/ligipaasetavus",
    "privacy": "/andmekaitse",
    "owners": "/haldajale",
    "mistake": "/teata?article=2009-10-06-saepuru-ei-ole-prugi&facet=org&value=Leegivool+AS",
    "english": "/?q=klastrid&lang=en",
}
OPERATORS = {"admin": "/admin", "review": "/admin/review"}
DEVICES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}
THEMES = ("light", "dark")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--page", "pages", multiple=True, type=click.Choice([*PAGES, *OPERATORS, *UNSOUND]))
@click.option("--whole", is_flag=True, help="Not only what a screen holds.")
def screenshots(directory: Path, pages: tuple[str, ...], whole: bool) -> None:
    """Write pictures of the pages to DIRECTORY (all of them, or those named with --page)."""
    directory.mkdir(parents=True, exist_ok=True)
    wanted, of_operators = (
        {name: path for name, path in each.items() if not pages or name in pages}
        for each in (PAGES, OPERATORS)
    )
    with tempfile.TemporaryDirectory() as temporary, chromium() as browser:
        index = Path(temporary) / "index"
        run_program("--index", str(index), "reindex", str(EXAMPLES))
        for name, state in UNSOUND.items():
            if not pages or name in pages:
                folder = Path(temporary) / name
                with site_without_sound_index(state, index, folder) as address:
                    pictures(browser, address, {name: "/"}, directory, whole=whole)
        with operating(index) as (address, admin):
            pictures(browser, address, wanted, directory, whole=whole)
            pictures(browser, admin, of_operators, directory, whole=whole)


def pictures(
    browser: Browser, address: str, pages: dict[str, str], directory: Path, *, whole: bool
) -> None:
    """One picture of each page, device and theme."""
    for device, options in DEVICES.items():
        for theme in THEMES:
            context = browser.new_context(locale="et-EE", color_scheme=theme, **options)
            page = context.new_page()
            for name, path in pages.items():
                page.goto(address + path)
                file = directory / f"{name}-{device}-{theme}.png"
                page.screenshot(path=file, full_page=whole)
                click.echo(file)
            context.close()


if __name__ == "__main__":
    screenshots()
