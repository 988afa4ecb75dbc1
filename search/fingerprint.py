"""What must be equal for an index to be readable: versions, and nothing that a query can change."""

import hashlib

from search.analysis import ANALYZER_VERSION, estnltk_version
from search.configuration import Configuration


def fingerprint(configuration: Configuration) -> str:
    """Digest of everything that decides which terms an article is indexed by."""
    facts = (configuration.engine, ANALYZER_VERSION, estnltk_version())
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
