"""Recipients of e-mail: one plain address, checked and normalised."""

import re
from dataclasses import dataclass, field

from search.errors import MailAddressRefused

#: Limit of RFC 5321.
LONGEST = 254
_LONGEST_LOCAL = 64
# Stricter than RFC 5321: no quotes, comments, routes (%, !) and pipes.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+'=&~#-]|\.(?!\.))*(?<!\.)")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class MailAddress:
    """A mail address; ``domain`` is in ASCII (IDNA) and lower case."""

    local: str = field(repr=False)  # kept out of logs and tracebacks
    domain: str

    @classmethod
    def parse(cls, text: str) -> "MailAddress":
        """Parses and checks typed text. Raises MailAddressRefused.

        >>> MailAddress.parse(" Mari.Maasikas@ÕUN.ee ").text
        'Mari.Maasikas@xn--un-bka.ee'
        """
        typed = text.strip(" \t\r\n")
        local, _, domain = typed.rpartition("@")
        if len(typed) > LONGEST or len(local) > _LONGEST_LOCAL or not _LOCAL.fullmatch(local):
            raise MailAddressRefused
        try:
            encoded = domain.encode("idna").decode("ascii").lower()
        except UnicodeError:
            raise MailAddressRefused from None
        if len(local) + 1 + len(encoded) > LONGEST or not _DOMAIN.fullmatch(encoded):
            raise MailAddressRefused
        return cls(local, encoded)

    @property
    def text(self) -> str:
        """The address for e-mails."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """Key of all spellings of this address."""
        return self.text.lower()

    @property
    def person(self) -> str:
        """Key of all addresses of one mailbox, without the tag of ``mari+klaster@``."""
        return f"{self.local.partition('+')[0]}@{self.domain}".lower()
