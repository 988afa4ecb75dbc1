"""Statements about the site that its owner wrote: Markdown files named in the configuration."""

from collections.abc import Mapping
from pathlib import Path

from search.configuration import SiteSettings
from search.errors import ConfigurationError


def own_statements(settings: SiteSettings) -> Mapping[str, str]:
    """The owner's Markdown texts by key of ``[site]``. Raises ConfigurationError."""
    files = {each: getattr(settings, each) for each in ("about", "accessibility", "privacy")}
    return {key: _read(key, file) for key, file in files.items() if file is not None}


def _read(key: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read as “{key}” of [site] ({type(error).__name__})"
        remedy = "Name a Markdown file in UTF-8"
        raise ConfigurationError(file=file, problem=problem, remedy=remedy) from error
