"""Registry of the engines by their names in the configuration; the fingerprint of an index.

Nothing else in the program imports an engine's own room; each is imported when it is chosen.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from search.analysis import ANALYZER_VERSION, estnltk_version
from search.configuration import Configuration, OpenSearchSettings
from search.engines.contract import Index

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

    ``keep`` is how many generations stay, the live one among them; ``environment`` may have the
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


def fingerprint(configuration: Configuration) -> str:
    """Digest of the versions that decide how an article is indexed."""
    facts = (configuration.engine, ANALYZER_VERSION, estnltk_version())
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
