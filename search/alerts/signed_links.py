"""Signs the tokens of confirmation and unsubscribe links (HMAC-SHA256).

A token is the handle of an alert and an HMAC-SHA256 of it and the purpose, so that a link is good
for one alert and one purpose. The key is in a file of its own.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Literal

Purpose = Literal["confirm", "stop", "forget"]
_KEY_BYTES = 32
_RANDOM_BYTES = 16
#: 16 bytes in base64 without padding.
_LENGTH = 22
_TOKEN = re.compile(rf"[\w-]{{{2 * _LENGTH}}}", re.ASCII)


def new_handle() -> str:
    """A random name for an alert, 128 bits."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


class LinkSigner:
    """Signs and verifies tokens with ``key``, 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY_BYTES:
            raise ValueError("the key of the alerts is damaged")
        self._key = key

    @classmethod
    def of_file(cls, file: Path) -> "LinkSigner":
        """The signer with the key in ``file``, which is made if there is none.

        Raises OSError or ValueError.
        """
        with contextlib.suppress(FileNotFoundError):
            return cls(file.read_bytes())
        # Several processes may do this at once: the first hard link wins.
        new = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
                output.write(secrets.token_bytes(_KEY_BYTES))
                output.flush()
                os.fsync(output.fileno())
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(new)
        finally:
            new.unlink(missing_ok=True)
        return cls(file.read_bytes())

    def token(self, purpose: Purpose, handle: str) -> str:
        """A token for ``purpose`` on the alert ``handle``."""
        return handle + self._signature(purpose, handle)

    def handle(self, purpose: Purpose, token: str) -> str | None:
        """The alert of a valid ``token`` for ``purpose``, else None."""
        if not _TOKEN.fullmatch(token):
            return None
        handle, given = token[:_LENGTH], token[_LENGTH:]
        return handle if hmac.compare_digest(given, self._signature(purpose, handle)) else None

    def pseudonym(self, person: str) -> bytes:
        """Keyed hash of a mailbox, to count its orders without storing it."""
        return hmac.digest(self._key, f"person {person}".encode(), hashlib.sha256)

    def _signature(self, purpose: Purpose, handle: str) -> str:
        digest = hmac.digest(self._key, f"{purpose} {handle}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:_RANDOM_BYTES]).decode().rstrip("=")
