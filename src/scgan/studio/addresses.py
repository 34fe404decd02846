"""Addresses of the studio: hosts and origins that requests may name."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from scgan.utils.errors import UserError

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_DEFAULT_PORTS = {"http": 80, "https": 443}


class WebOrigin(NamedTuple):
    """Scheme, host and port of a website."""

    scheme: str
    host: str
    port: int


class Addresses:
    """Hosts and origins by which this server is reached.

    Args:
        hosts: names and addresses of this server.
        public_urls: further addresses by which people open the studio, for example of a proxy, as ``parse_public_url``
            returns them.
        any_ip: accept every IP address as host too. DNS rebinding needs a name, so this is safe.
    """

    def __init__(self, hosts: Iterable[str], public_urls: Collection[str] = (), any_ip: bool = False) -> None:
        origins = [_origin(url) for url in public_urls]
        self._origins = frozenset(origins)
        self._hosts = frozenset(map(str.lower, hosts)) | {origin.host for origin in origins if origin}
        self._any_ip = any_ip

    def has_host(self, header: str) -> bool:
        """True if the header ``Host`` names this server."""
        host, _ = split_host(header)
        return bool(host) and (host in self._hosts or (self._any_ip and _is_ip(host)))

    def has_origin(self, header: str, host_header: str) -> bool:
        """True if the header ``Origin`` is this server: the request's own host, or a public address."""
        origin = _origin(header)
        if origin is None:
            return False
        host, port = split_host(host_header)
        return origin in self._origins or (origin.host, origin.port) == (host, port or _DEFAULT_PORTS[origin.scheme])


def parse_public_url(text: str) -> str:
    """Check an address by which people open the studio; without a scheme it gets ``http://``.

    Returns:
        scheme, host, port and path, with a slash at the end.

    Raises:
        UserError: it is not an address.
    """
    url = text if "://" in text else f"http://{text}"
    origin = _origin(url)
    if origin is None or any(character.isspace() for character in url):
        raise UserError(
            f"--public-url {text}: write the address as the browser shows it, for example https://studio.example.org."
        )
    parts = urlsplit(url)
    return f"{origin.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}/"


def parse_token(text: str) -> str:
    """Check a token that the user chose: browsers send printable ASCII characters in headers only.

    Raises:
        UserError: it is empty, or has other characters.
    """
    if not (text.isascii() and text.isprintable() and text == text.strip() and text):
        raise UserError("--token: write letters, digits and signs of ASCII, without spaces at its ends.")
    return text


def split_host(header: str) -> tuple[str, int | None]:
    """Split the header ``Host`` into name and port. The name is empty if the header is invalid."""
    try:
        parts = urlsplit(f"//{header}")
        return (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", None


def visitor_network(address: str) -> str:
    """Return the network by which a visitor is recognized: an IPv4 address, or 64 bits of an IPv6 address.

    One person has all the addresses of such an IPv6 network, and would pass as many visitors.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


def _origin(url: str) -> WebOrigin | None:
    """Origin of an address; None if it is none, for example ``null`` or ``http://[``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        return None
    return WebOrigin(parts.scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[parts.scheme])


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
