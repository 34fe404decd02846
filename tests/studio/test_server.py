"""Studio on a real socket: concurrent clients, disconnects, and invalid addresses."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from running_studio import Studio

from patience import MAX_SECONDS
from scgan.studio.server import Server, load_models, server_config
from scgan.studio.workers import Workers


def ask(studio: Studio, route: str, body: Any, client: str | None = None) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", studio.port, timeout=MAX_SECONDS)
    headers = {"content-type": "application/json", **({} if client is None else {"studio-client": client})}
    connection.request("POST", f"/api/models/faces/{route}", json.dumps(body), headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@pytest.fixture(scope="module")
def mask(studio: Studio) -> str:
    with urllib.request.urlopen(f"{studio.url}api/models/faces/examples", timeout=MAX_SECONDS) as answer:
        segmentation: str = json.load(answer)[0]["segmentation"]
    return segmentation


def test_eight_concurrent_clients_take_turns(studio: Studio, mask: str) -> None:
    order: list[str] = []

    def person(name: str) -> list[int]:
        statuses = []
        for seed in range(10):
            statuses.append(ask(studio, "image", {"segmentation": mask, "latent": {"seed": seed}}, name)[0])
            order.append(name)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(person, "abcdefgh"))
    assert statuses == [[200] * 10] * 8
    # When the first client is done, every client has at least one image. test_queue.py checks the exact order.
    first_done = next(count for count in range(1, len(order)) if order[:count].count(order[count - 1]) == 10)
    assert set(order[:first_done]) == set("abcdefgh")


def test_long_video_does_not_delay_others_and_stops_when_its_client_disconnects(studio: Studio, mask: str) -> None:
    animation = {"start": {"segmentation": mask}, "end": {"segmentation": mask, "latent": {"seed": 9}}, "frames": 96}
    connection = HTTPConnection("127.0.0.1", studio.port, timeout=MAX_SECONDS)
    connection.request("POST", "/api/models/faces/video", json.dumps(animation), {"content-type": "application/json"})
    assert ask(studio, "image", {"segmentation": mask}, "other")[0] == 200
    connection.close()  # without reading the answer
    for seed in range(3):
        assert ask(studio, "image", {"segmentation": mask, "latent": {"seed": seed}}, "other")[0] == 200


def test_idle_connection_does_not_delay_others(studio: Studio, mask: str) -> None:
    with socket.create_connection(("127.0.0.1", studio.port)) as idle:
        idle.sendall(b"POST /api/models/faces/image HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        assert ask(studio, "image", {"segmentation": mask})[0] == 200


def test_model_ids_are_unique_and_valid_in_paths(figure_model: Path, tmp_path: Path) -> None:
    odd = tmp_path / "my model (2)"
    odd.symlink_to(figure_model)
    other = tmp_path / "figures"
    other.symlink_to(figure_model)
    models = load_models([figure_model, figure_model, tmp_path / ".." / tmp_path.name / "figures"], "cpu")
    assert [model.id for model in models] == ["figures", "figures-2", "figures-3"]
    copy = tmp_path / "a ö b"
    copy.mkdir()
    for file in figure_model.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    assert [(model.id, model.name) for model in load_models([copy], "cpu")] == [("a-b", "a ö b")]


def test_command_prints_its_address_and_requires_a_token_for_other_machines(figure_model: Path) -> None:
    command = [sys.executable, "-m", "scgan", "studio", str(figure_model), "--host", "0.0.0.0", "--port", "0"]
    process = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address, token = process.stdout.readline().strip().split("#token=")
        port = int(address.rstrip("/").rpartition(":")[2])
        connection = HTTPConnection("127.0.0.1", port, timeout=MAX_SECONDS)
        connection.request("GET", "/api/models")
        answer = connection.getresponse()
        assert answer.status == 401
        answer.read()
        connection.request("GET", "/api/models", headers={"authorization": f"Bearer {token}"})
        assert json.load(connection.getresponse())[0]["id"] == "figures"
        connection.close()
    finally:
        process.terminate()
        _, warning = process.communicate(timeout=MAX_SECONDS)
    assert "everyone who can reach this machine" in warning


def test_open_streams_end_quietly_when_the_studio_is_stopped(face_model: Path, mask: str) -> None:
    command = [sys.executable, "-m", "scgan", "studio", str(face_model), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    connections = []
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        end = {"segmentation": mask, "latent": {"seed": 9}}
        body = json.dumps({"start": {"segmentation": mask}, "end": end, "frames": 96})
        for route in ("animation", "animation", "video"):
            connection = HTTPConnection("127.0.0.1", port, timeout=MAX_SECONDS)
            connection.request("POST", f"/api/models/faces/{route}", body, {"content-type": "application/json"})
            connections.append(connection)
        assert json.loads(connections[0].getresponse().readline())["image"]
        slow = socket.create_connection(("127.0.0.1", port))
        slow.sendall(b"POST /api/models/faces/image HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{")
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=MAX_SECONDS)[1]
        slow.close()
    finally:
        process.kill()
        for connection in connections:
            connection.close()
    assert "Traceback" not in output and "Exception" not in output


def test_connection_of_a_client_that_does_not_read_is_closed_with_the_server() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(50_000_000)})

    server = Server(server_config(app), Workers())  # type: ignore[arg-type]
    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    with socket.create_connection(listening.getsockname()) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        client.recv(10)
        server.should_exit = True
        thread.join()
        assert not server.server_state.connections
