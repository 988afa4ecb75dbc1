"""Registry of engines by their names in the configuration; fingerprint of an index.

Nothing else in the program imports an engine's own room; each is imported when it is chosen.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from search.analysis import ANALYZER_VERSION, estnltk_version
from search.configuration import Configuration, OpenSearchSettings
from search.engine_errors import CopyPlaceUnusable
from search.engines.contract import Index
from search.finding import Finding
from search.setting_values import UnfitError, server_urls

#: ``search.configuration.ENGINES`` has all names.
DEFAULT = "whoosh"


def open_index(
    path: Path,
    engine: str = DEFAULT,
    keep: int = 3,
    server: OpenSearchSettings | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Index:
    """Opens the index in ``path``, which may be empty, or on ``server``, where the engine has one.

    So many generations are kept (``keep``), the live one among them; ``environment`` may have the
    login of the server. Raises ValueError for an engine that there is not.
    """
    if engine == "whoosh":
        from search.engines.whoosh import WhooshIndex

        return WhooshIndex(path, keep)
    if engine == "opensearch" and server:
        from search.engines.opensearch import LOGIN, Connection, OpenSearchIndex

        connection = Connection(server, LOGIN.read(server.login, environment))
        return OpenSearchIndex(connection, server.index, keep, server.shards, server.replicas)
    raise ValueError(f"there is no engine {engine!r}")


def at_place(configuration: Configuration, place: str) -> Configuration:
    """``configuration`` for the index at ``whoosh:DIRECTORY`` or ``opensearch:URL``.

    Without a URL it is on the server of the configuration. Raises CopyPlaceUnusable.
    """
    engine, _, where = place.partition(":")
    if engine == "whoosh" and where:
        return replace(configuration, engine=engine, index=Path(where).resolve())
    if engine != "opensearch":
        raise CopyPlaceUnusable(place=place, reason="it begins with no engine")
    server = configuration.opensearch
    if where:
        try:
            urls = server_urls([where], Path())
        except UnfitError as error:
            raise CopyPlaceUnusable(place=engine, reason=error.remedy) from None
        server = replace(server, urls=urls) if server else OpenSearchSettings(urls)
    if server is None:
        raise CopyPlaceUnusable(place=place, reason="no [opensearch] says where it is")
    return replace(configuration, engine=engine, opensearch=server)


def engine_findings(
    engine: str, server: OpenSearchSettings | None, environment: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """Diagnoses the server of an engine; no findings for an index in files of this machine.

    Raises EngineError or ConfigurationError where it cannot be asked.
    """
    if engine == "opensearch" and server:
        from search.engines.opensearch import LOGIN, ClusterDiagnosis, Connection

        connection = Connection(server, LOGIN.read(server.login, environment))
        with contextlib.closing(connection):
            yield from ClusterDiagnosis(connection, server).findings()


def fingerprint(configuration: Configuration) -> str:
    """Digest of the versions that decide how an article is indexed."""
    facts = (configuration.engine, ANALYZER_VERSION, estnltk_version())
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
