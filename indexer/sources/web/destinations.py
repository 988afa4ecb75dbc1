"""Guards against server-side request forgery (SSRF): only public or allowed addresses are reached.

A name is resolved once, all its addresses are checked, and connections are made to a checked
address only: a name that resolves differently the next time (DNS rebinding) has no effect.
"""

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from search.errors import AddressRefused, HostUnknown, PrivateAddress

Address = IPv4Address | IPv6Address
#: Gives the addresses of a host and port, as text; raises OSError.
Resolve = Callable[[str, int], Sequence[str]]

PORTS = {"http": 80, "https": 443}
_LONGEST = 4_000
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|[0-9a-f:.]+")
#: Link-local addresses, at which the metadata services of clouds answer with secrets.
_NEVER = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
_NAT64 = ip_network("64:ff9b::/96")
_SAFE = "/?:@!$&'()*+,;=~%[]-._"


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked destination: ``addresses`` to connect to, ``target`` with path and query.

    ``host`` is in ASCII, without brackets; ``authority`` is the value of the header Host.
    """

    scheme: str
    host: str
    port: int
    target: str
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Resolves ``host`` by the system. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class Destinations:
    """Checks destinations; ``allowed`` are hosts, with or without port, that may be private."""

    def __init__(self, allowed: Sequence[str] = (), resolve: Resolve = system_addresses) -> None:
        self._allowed = frozenset(_allowed_host(each) for each in allowed)
        self._resolve = resolve

    def check(self, url: str, name: str) -> Destination:
        """Resolves and checks ``url``; ``name`` is what an error calls it.

        Raises AddressRefused, HostUnknown and PrivateAddress.
        """
        scheme, host, port, target = _parts(url, name)
        try:
            found = tuple(dict.fromkeys(self._resolve(host, port)))
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise HostUnknown(file=name, host=host)
        is_allowed = not self._allowed.isdisjoint(((host, None), (host, port)))
        for each in found:
            self._check(each, host, port, name, is_allowed=is_allowed)
        return Destination(scheme, host, port, target, found)

    def _check(self, text: str, host: str, port: int, name: str, *, is_allowed: bool) -> None:
        address = _read(text)
        if address is not None and is_public(address):
            return
        shown = f"[{host}]" if ":" in host else host
        remedy = f"If that is meant: --allow-private {shown}:{port}"
        if address is None or is_link_local(address):
            remedy = "Such addresses are never asked"
        elif is_allowed:
            return
        raise PrivateAddress(file=name, host=host, address=text, remedy=remedy)


def is_public(address: Address) -> bool:
    """True for an address of the public network that embeds no private one."""
    return all(
        each.is_global and not each.is_multicast and not _is_special(each)
        for each in _embedded_address(address)
    )


def is_link_local(address: Address) -> bool:
    """True for a link-local address, also one embedded in another."""
    return any(each in net for each in _embedded_address(address) for net in _NEVER)


def _embedded_address(address: Address) -> Iterator[Address]:
    """The IPv4 address mapped in ``address``; else itself, and those that it tunnels to."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFF_FFFF)
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _is_special(address: Address) -> bool:
    """True for special addresses that ``is_global`` accepts."""
    if isinstance(address, IPv4Address):
        return address.is_reserved
    return address.is_reserved or address.is_site_local


def _read(text: str) -> Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _parts(url: str, name: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and target of ``url``. Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").lower()
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise AddressRefused(file=name, problem="it is no address") from None
    scheme = parts.scheme.lower()
    if scheme not in PORTS:
        problem = f"“{scheme}” is neither http nor https"
    elif "@" in parts.netloc:
        problem = "it holds a user name"
    elif not _HOST.fullmatch(host) or port == 0:
        problem = "it names no host"
    elif len(url) > _LONGEST:
        problem = f"it has more than {_LONGEST} characters"
    else:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return scheme, host, PORTS[scheme] if port is None else port, quote(target, safe=_SAFE)
    raise AddressRefused(file=name, problem=problem)


def _allowed_host(text: str) -> tuple[str, int | None]:
    """Parses an allowed host with an optional port: ``127.0.0.1:8080``, ``[::1]``."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or (":" in host and not host.endswith("]")):
        host, port = text, ""
    return host.strip("[]").lower(), int(port) if port else None
