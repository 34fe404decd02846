"""Socket of the studio: invalid addresses, and its options."""

import socket

import pytest

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.studio.sockets import listen
from scgan.utils.errors import UserError


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("127.0.0.1", 99999, "from 0 to 65535"),
        ("127.0.0.1", -1, "from 0 to 65535"),
        ("203.0.113.7", 0, r"cannot listen on 203\.0\.113\.7"),
        ("no host", 0, "cannot listen on no host"),
        (f"{'a' * 70}.example", 0, "cannot listen on a"),
    ],
)
def test_invalid_addresses_are_refused(host: str, port: int, words: str) -> None:
    with pytest.raises(UserError, match=words):
        listen(host, port)


def test_port_in_use_is_refused_before_the_model_is_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["studio", "no/such/model", "--port", str(port), "--no-browser"]) == 2
    error = capsys.readouterr().err
    assert f"port {port}" in error and "--port" in error and "loading" not in error
    assert main(["studio", "no/such/model", "--port", "0", "--public-url", "ftp://x", "--no-browser"]) == 2
    assert "--public-url ftp://x" in capsys.readouterr().err


def test_accepted_sockets_have_tcp_nodelay() -> None:
    with (
        listen("127.0.0.1", 0) as server_socket,
        socket.create_connection(server_socket.getsockname(), timeout=MAX_SECONDS),
        server_socket.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
