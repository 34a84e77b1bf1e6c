"""How often an address may try something, counted in the cache that all processes share.

So many places, each taken for some time: taking one is a single ``add``, of which only one of several at once
succeeds, on every cache there is. No lock, and no moment at which everybody's count starts again.
"""

import ipaddress
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac

NETWORK = 64
"""Bits of an IPv6 address that tell one line from another."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``tries`` within ``seconds``, for each address."""

    name: str
    tries: int
    seconds: int

    def take(self, address: str) -> str:
        """A place for one try, to be given back if it need not count; "" when all are taken."""
        line = salted_hmac("rollout.limits", line_of(address), algorithm="sha256").hexdigest()[:24]
        places = [f"limit:{self.name}:{line}:{number}" for number in range(self.tries)]
        taken = cache.get_many(places)
        for place in places:
            if place not in taken and cache.add(place, 1, self.seconds):
                return place
        return ""


def give_back(place: str) -> None:
    """That try does not count."""
    cache.delete(place)


def line_of(address: str) -> str:
    """The address itself, of IPv6 its network: whoever has one address there has all of them."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address):
        known = known.ipv4_mapped or ipaddress.IPv6Network((known, NETWORK), strict=False).network_address
    return str(known)
