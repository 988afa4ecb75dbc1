"""Index fingerprint: versions that must match for an index to be readable."""

import hashlib

from search.analysis import ANALYZER_VERSION, estnltk_version
from search.configuration import Configuration


def fingerprint(configuration: Configuration) -> str:
    """Digest of the versions that decide how an article is indexed."""
    facts = (configuration.engine, ANALYZER_VERSION, estnltk_version())
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
