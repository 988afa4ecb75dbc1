"""Fingerprint of taxonomy, gazetteer and overrides; a change recomputes facets."""

import hashlib
from pathlib import Path

#: Raised whenever facets are formed in another way of the same findings and files.
FORMING_VERSION = 2


def rules_digest(taxonomy: Path, gazetteer: Path, overrides: Path | None) -> str:
    """Digest of the files that facets are formed by. Raises OSError."""
    digest = hashlib.sha256(str(FORMING_VERSION).encode())
    for file in (taxonomy, gazetteer, overrides):
        content = file.read_bytes() if file is not None else b""
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]
