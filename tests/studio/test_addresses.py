"""Public addresses as people write them, and the hosts and origins that follow from them."""

import pytest

from scgan.studio.addresses import Addresses, parse_public_url, parse_token, visitor_network
from scgan.utils.errors import UserError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://studio.example.org", "https://studio.example.org/"),
        ("https://Hub.Example.org/user/me/proxy/8765/", "https://hub.example.org/user/me/proxy/8765/"),
        ("gpu7.example.org:8765", "http://gpu7.example.org:8765/"),
        ("http://[2001:db8::1]:80/?x#token=y", "http://[2001:db8::1]:80/"),
    ],
)
def test_public_urls_are_completed(text: str, url: str) -> None:
    assert parse_public_url(text) == url


@pytest.mark.parametrize(
    "text", ["", "http://", "ftp://a.example", "http://[", "a b", "http://me@a.example", "a:99999"]
)
def test_invalid_public_urls_are_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"--public-url .*as the browser shows it"):
        parse_public_url(text)


def test_host_name_of_another_port_is_another_origin() -> None:
    addresses = Addresses(["localhost"], ["https://studio.example.org/"])
    assert addresses.has_host("studio.example.org") and addresses.has_host("STUDIO.example.org:8765")
    assert not addresses.has_host("example.org") and not addresses.has_host("")
    assert addresses.has_origin("https://studio.example.org:443", "localhost:8765")
    assert not addresses.has_origin("http://studio.example.org", "localhost:8765")
    assert addresses.has_origin("http://studio.example.org:8080", "studio.example.org:8080")  # the request's own host
    assert not addresses.has_origin("null", "studio.example.org")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no address", "no address"),
        ("", ""),
    ],
)
def test_visitors_are_recognized_by_their_network(address: str, network: str) -> None:
    assert visitor_network(address) == network


def test_tokens_that_a_browser_cannot_send_are_refused() -> None:
    assert parse_token("open sesame & more") == "open sesame & more"
    for token in ("", " ", "a ", "schlüssel", "a\nb", "💥"):
        with pytest.raises(UserError, match="--token"):
            parse_token(token)
