"""Settings of ``klastriotsing.toml``, loaded by :func:`load_configuration`."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from search.errors import ConfigurationError

DEFAULT_FILE = Path("klastriotsing.toml")
INDEX_VARIABLE = "KLASTRIOTSING_INDEX"
CONFIG_VARIABLE = "KLASTRIOTSING_CONFIG"
LANGUAGES = ("et", "en")
ENGINES = ("whoosh",)


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings with their defaults. Paths are relative to the file they were read from.

    ``prefix`` is the path the site is served under (``/otsing``), ``base_url`` its public address;
    ``trusted_proxies`` is how many reverse proxies set X-Forwarded headers; ``freshness`` how much
    more the newest article counts (0 to 1); ``keep_queries`` whether a running site remembers, in
    memory and without who asked, which queries were slow or found nothing; ``default_synonyms``
    whether the program's own synonyms count beside those of ``synonyms``; ``jobs`` how many
    processes analyse articles, None for one on each processor core.
    """

    site_name: str = "Klastriotsing"
    base_url: str = ""
    prefix: str = ""
    languages: tuple[str, ...] = LANGUAGES
    trusted_proxies: int = 0
    index: Path = Path("index")
    sources: tuple[Path, ...] = ()
    engine: str = "whoosh"
    taxonomy: Path | None = None
    gazetteer: Path | None = None
    synonyms: Path | None = None
    default_synonyms: bool = True
    overrides: Path | None = None
    max_file_megabytes: float = 5.0
    keep_generations: int = 3
    freshness: float = 0.0
    jobs: int | None = None
    keep_queries: bool = True


def load_configuration(path: Path | None, environment: Mapping[str, str]) -> Configuration:
    """Reads the settings of ``path``; variables of ``environment`` override them.

    Without ``path`` the file is the one that KLASTRIOTSING_CONFIG names, else
    ``klastriotsing.toml`` in the working directory if there is one. KLASTRIOTSING_INDEX goes above
    the file's ``index``. Raises ConfigurationError, with the line, for whatever cannot be used.
    """
    named = path
    if named is None and environment.get(CONFIG_VARIABLE):
        named = Path(environment[CONFIG_VARIABLE])
    file = named or DEFAULT_FILE
    configuration = Configuration()
    if named is not None or file.exists():
        configuration = _read(file)
    if environment.get(INDEX_VARIABLE):
        configuration = replace(configuration, index=Path(environment[INDEX_VARIABLE]))
    return configuration


def _read(file: Path) -> Configuration:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(
            file=file, problem=f"cannot be read ({error.strerror})", remedy="Check the path"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            file=file,
            problem=f"is not UTF-8 (byte {error.start})",
            remedy="Save it again with the encoding UTF-8",
        ) from error
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            file=file, problem=_syntax_problem(error, text), remedy="Correct the TOML there"
        ) from error
    settings: dict[str, Any] = {}
    for key, value in entries.items():
        try:
            settings[key] = _READERS[key](value, file.parent)
        except KeyError:
            raise _problem(file, text, key, f"unknown key “{key}”", _nearest(key)) from None
        except _UnfitError as unfit:
            raise _problem(file, text, key, f"“{key}” does not fit", unfit.remedy) from None
    return Configuration(**settings)


class _UnfitError(Exception):
    """Raised for a value that its key does not take; ``remedy`` has no full stop."""

    def __init__(self, remedy: str) -> None:
        super().__init__(remedy)
        self.remedy = remedy


def _problem(file: Path, text: str, key: str, problem: str, remedy: str) -> ConfigurationError:
    line = _line_of(key, text)
    return ConfigurationError(file=file, problem=f"line {line}: {problem}", remedy=remedy)


def _line_of(key: str, text: str) -> int:
    """Line of top-level ``key`` (``key =``, ``key.x =``, ``[key]``); tomllib does not give it."""
    begins = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), 1)


def _syntax_problem(error: tomllib.TOMLDecodeError, text: str) -> str:
    message = str(error)
    at = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if at is None:
        return message
    line = at.group(1) or str(len(text.splitlines()) or 1)
    return f"line {line}: {message[: at.start()]}"


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key, _READERS, n=1, cutoff=0.5)
    return f"Did you mean “{near[0]}”?" if near else "Known keys: " + ", ".join(sorted(_READERS))


def _text(value: object, _: Path) -> str:
    if not isinstance(value, str):
        raise _UnfitError('Write a text in quotation marks, such as "Klastriotsing"')
    return value


def _base_url(value: object, folder: Path) -> str:
    address = _text(value, folder).rstrip("/")
    if address and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", address):
        raise _UnfitError('Write the public address, such as "https://uudised.example.ee"')
    return address


def _prefix(value: object, folder: Path) -> str:
    prefix = _text(value, folder).rstrip("/")
    if prefix and not re.fullmatch(r"(/[\w.~-]+)+", prefix, re.ASCII):
        raise _UnfitError('Write a path that begins with a slash, such as "/otsing"')
    return prefix


def _choice(*choices: str) -> Callable[[object, Path], str]:
    def read(value: object, _: Path) -> str:
        if not isinstance(value, str) or value not in choices:
            raise _UnfitError("Use " + " or ".join(f'"{each}"' for each in choices))
        return value

    return read


def _languages(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _UnfitError('Write a list, such as ["et", "en"]')
    return tuple(dict.fromkeys(_choice(*LANGUAGES)(each, folder) for each in value))


def _path(value: object, folder: Path) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _UnfitError('Write a path in quotation marks, such as "uudised"')
    return folder / Path(value)


def _paths(value: object, folder: Path) -> tuple[Path, ...]:
    if not isinstance(value, list):
        raise _UnfitError('Write a list of paths, such as ["uudised"]')
    return tuple(_path(each, folder) for each in value)


def _whole_number(least: int) -> Callable[[object, Path], int]:
    def read(value: object, _: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _UnfitError(f"Write a whole number from {least} upwards")
        return value

    return read


def _megabytes(value: object, _: Path) -> float:
    # The comparison also turns away nan, which TOML knows.
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise _UnfitError("Write a number of megabytes above 0, such as 5.0")
    return float(value)


def _yes_or_no(value: object, _: Path) -> bool:
    if not isinstance(value, bool):
        raise _UnfitError("Write true or false")
    return value


def _share(value: object, _: Path) -> float:
    # The comparison also turns away nan, which TOML knows.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise _UnfitError("Write a number from 0 (off) to 1, such as 0.2")
    return float(value)


#: What each key takes: the value as TOML gives it and the file's directory go in.
_READERS: dict[str, Callable[[object, Path], object]] = {
    "site_name": _text,
    "base_url": _base_url,
    "prefix": _prefix,
    "languages": _languages,
    "trusted_proxies": _whole_number(0),
    "index": _path,
    "sources": _paths,
    "engine": _choice(*ENGINES),
    "taxonomy": _path,
    "gazetteer": _path,
    "synonyms": _path,
    "default_synonyms": _yes_or_no,
    "overrides": _path,
    "max_file_megabytes": _megabytes,
    "keep_generations": _whole_number(1),
    "keep_queries": _yes_or_no,
    "freshness": _share,
    "jobs": _whole_number(1),
}
