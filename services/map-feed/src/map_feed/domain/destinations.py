"""Where a webhook may be sent: to the internet, and nowhere inside the network that this service stands in.

Whoever has a webhook sent somewhere has this service connect there. Were that an address inside (a database, the
metadata of a cloud, the service's own health port), they would reach what no visitor can. So every address is checked
that a name leads to, and the connection is made to the one that was checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_CHARACTERS = 2000

# IANA's registries of special-purpose addresses, and what clouds answer at though it looks like anybody's. By lists of
# our own, since what `is_global` says has changed from one Python to the next
_NOT_OF_THE_INTERNET = {
    "0.0.0.0/8": "this machine",
    "10.0.0.0/8": "a private network",
    "100.64.0.0/10": "a provider's own network",
    "127.0.0.0/8": "this machine",
    "169.254.0.0/16": "the link, with the metadata of clouds",
    "172.16.0.0/12": "a private network",
    "192.0.0.0/24": "a protocol's own",
    "192.0.2.0/24": "for documentation",
    "192.88.99.0/24": "a relay to IPv6",
    "192.168.0.0/16": "a private network",
    "198.18.0.0/15": "for measurements",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "many at once",
    "240.0.0.0/4": "reserved",
    "168.63.129.16/32": "the host of a cloud's machines",
    # of IPv6 only what lies in 2000::/3 is anybody's; and of that, not these
    "2001::/23": "a protocol's own, tunnels among them",
    "2001:db8::/32": "for documentation",
    "2002::/16": "a tunnel to any IPv4 address",
    "3fff::/20": "for documentation",
}
_REFUSED = [(ip_network(network), what) for network, what in _NOT_OF_THE_INTERNET.items()]
_OF_THE_INTERNET = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
WEB_PORTS = (443, 8443)


class NoDestination(ValueError):
    """Nothing is sent there; the message says why, to the operator."""


@dataclass(frozen=True)
class Target:
    """Where a request goes, as its address says."""

    scheme: str
    host: str
    port: int


def target_of(url: str) -> Target:
    """Reads an address. Raises NoDestination of one that none is sent to, whatever it leads to."""
    if (
        len(url) > MOST_CHARACTERS
        or not url.isascii()
        or not url.isprintable()
        or any(sign in url for sign in ' \\"<>')
    ):
        raise NoDestination("an address has up to 2,000 plain characters; write a name with accents as xn--…")
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        raise NoDestination("this is no address: https://host/path") from None
    if split.scheme not in ("https", "http") or not host:
        raise NoDestination("an address begins with https:// and a host")
    if "@" in split.netloc:
        raise NoDestination("an address holds no name and no password: they would stand in logs")
    if split.fragment:
        raise NoDestination("an address ends before its #")
    return Target(split.scheme, host, port or (443 if split.scheme == "https" else 80))


@dataclass(frozen=True)
class Destinations:
    """Which addresses may be called. `inside`: networks that may be all the same, at any port and without TLS; `never`:
    networks of one's own that look like anybody's."""

    inside: Sequence[Network] = ()
    never: Sequence[Network] = ()
    ports: Sequence[int] = WEB_PORTS

    def check(self, target: Target, addresses: Sequence[Address]) -> None:
        """Raises NoDestination unless each of the addresses that the target's name leads to may be called so."""
        if not addresses:
            raise NoDestination(f"{target.host} leads nowhere")
        for address in map(unwrapped, addresses):
            if self.is_inside(address):
                continue
            if what := self._what_it_is(address):
                raise NoDestination(f"{target.host} leads to {address}, which is {what}")
            if target.scheme != "https":
                raise NoDestination("an address begins with https://: what is sent must not be read on the way")
            if target.port not in self.ports:
                ports = " or ".join(map(str, self.ports))
                raise NoDestination(f"port {target.port} is not one that webhooks are sent to: {ports}")

    def is_inside(self, address: Address) -> bool:
        """Whether it may be called though it is not of the internet."""
        return any(address in network for network in self.inside)

    def _what_it_is(self, address: Address) -> str | None:
        if any(address in network for network in self.never):
            return "a network of our own"
        if isinstance(address, IPv6Address) and address not in _OF_THE_INTERNET:
            return "no address of the internet"
        return next((what for network, what in _REFUSED if address in network), None)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does (::ffff:127.0.0.1, NAT64)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def read_address(text: str) -> Address:
    """An address as the resolver tells it."""
    return ip_address(text.split("%")[0])


def read_networks(text: str) -> list[Network]:
    """« 10.0.3.0/24, fd00::/8 ». Raises ValueError."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
