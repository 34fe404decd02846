"""Open a page to paint masks, drag facial points, choose attributes and see the generated image.

The studio needs no internet connection. Photos and masks stay on this machine.
"""

from __future__ import annotations

from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import MODEL, add_detector, add_device, add_engine
from scgan.utils.optional import require_packages
from scgan.utils.progress import say


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("models", nargs="+", help=f"each {MODEL}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 accepts other machines")
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free port")
    parser.add_argument(
        "--public-url",
        action="append",
        default=[],
        metavar="URL",
        help="address by which people open the studio, if it is another one: of a proxy, a forwarded port, or a full "
        "host name; may be given several times",
    )
    parser.add_argument("--token", help="clients must send it; generated if other machines can reach the studio")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    add_detector(parser)
    add_device(parser)
    add_engine(parser)


def run(arguments: Namespace) -> None:
    """Serve until Ctrl-C."""
    require_packages("the studio", "studio", "fastapi", "uvicorn")
    from scgan.faces.detector import choose_detector
    from scgan.studio.addresses import parse_public_url, parse_token
    from scgan.studio.sockets import listen
    from scgan.utils.memory import keep_little_memory

    keep_little_memory()
    public_urls = [parse_public_url(url) for url in arguments.public_url]
    token = None if arguments.token is None else parse_token(arguments.token)
    if arguments.detector:
        choose_detector(arguments.detector)
    with listen(arguments.host, arguments.port) as server_socket:
        say("loading the studio …")  # torch and the web server take seconds, on a busy machine half a minute
        from scgan.studio.server import load_models, serve

        models = load_models([Path(model) for model in arguments.models], arguments.device, arguments.engine)
        serve(
            models,
            server_socket,
            arguments.host,
            public_urls=public_urls,
            token=token,
            browser=not arguments.no_browser,
            detector=arguments.detector or "auto",
        )
