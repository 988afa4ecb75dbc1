"""Recipients of e-mail: one plain address, checked and normalised."""

import re
from dataclasses import dataclass, field

from search.errors import MailAddressRefused

#: RFC 5321 lets a path be no longer.
LONGEST = 254
_LONGEST_LOCAL = 64
# Less than RFC 5321 allows: quotes, comments, routes (%, !) and pipes reach nobody who reads news.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+'=&~#-]|\.(?!\.))*(?<!\.)")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An address of which ``domain`` is in ASCII (IDNA) and small letters."""

    local: str = field(repr=False)  # for no log and no traceback
    domain: str

    @classmethod
    def parse(cls, text: str) -> "MailAddress":
        """Reads what somebody typed. Raises MailAddressRefused.

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
        """The address as e-mails are sent to it."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """What is the same of all spellings of this address."""
        return self.text.lower()

    @property
    def person(self) -> str:
        """What is the same of all addresses that reach one mailbox by a tag: ``mari+klaster@``."""
        return f"{self.local.partition('+')[0]}@{self.domain}".lower()
