"""Rate limit per client: a token bucket for each address, also behind trusted proxies."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: Most clients in memory, about 2 MB; the least recently active are dropped first.
MOST_CLIENTS = 10_000
_LONGEST_NAME = 64


class RateLimiter:
    """Token buckets by client, each of ``per_minute`` tokens; 0 allows everything. Thread-safe.

    A bucket is full at first and refilled evenly, so bursts of ``per_minute`` requests are allowed.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        most_clients: int = MOST_CLIENTS,
    ) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._most = most_clients
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Takes a token of ``client``; returns 0, or seconds until there is one."""
        if not self._per_minute:
            return 0.0
        now, rate = self._clock(), self._per_minute / 60
        with self._lock:
            tokens, seen = self._buckets.pop(client, (float(self._per_minute), now))
            tokens = min(self._per_minute, tokens + (now - seen) * rate)
            allowed = tokens >= 1
            self._buckets[client] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / rate


def client_name(address: str, forwarded_for: str, trusted_proxies: int) -> str:
    """Identifies the client by ``address``, or by X-Forwarded-For of the outermost trusted proxy.

    Entries before that of ``trusted_proxies`` are not trusted, because the client can write them.
    IPv6 addresses are truncated to their /64 network, which belongs to one household.
    """
    entries = [each.strip() for each in forwarded_for.split(",") if each.strip()]
    named = address
    if trusted_proxies and len(entries) >= trusted_proxies:
        named = entries[-trusted_proxies]
    try:
        found = ipaddress.ip_address(named.strip("[]"))
    except ValueError:
        return named[:_LONGEST_NAME]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
