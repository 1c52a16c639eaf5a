"""The broker: an agent in the sandbox talks to one host, with a key that it never sees."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from backwright.adapters.sandbox import Broker, Exchange, Permissions, Quota, Sandbox, Space, Upstream
from backwright.adapters.sandbox.broker import is_host
from backwright.adapters.sandbox.probing import find_tier
from backwright.core.errors import MachineError, UsageError

KEY = "sk-canary-key-of-ours"
AGENT = """
import json, os, urllib.request
request = urllib.request.Request("http://127.0.0.1:8377/messages", data=b'{"prompt": "hello"}', headers={"X-Api-Key": "dummy"})
print(urllib.request.urlopen(request).read().decode())
print(sorted(os.environ.values()))
"""


class Provider(BaseHTTPRequestHandler):
    """Says what it was sent."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = {
            "path": self.path,
            "body": body.decode(),
            "key": self.headers.get("x-api-key"),
            "host": self.headers["Host"],
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    do_GET = do_POST  # noqa: N815 (as the library calls it)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def ask(place: Path, path: str, body: bytes = b"{}", method: str = "POST", **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("anything")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(place))
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def test_the_key_is_added_outside_and_whatever_was_sent_is_not_passed_on(provider: str, tmp_path: Path) -> None:
    noted: list[Exchange] = []
    upstream = Upstream(provider, {"x-api-key": KEY}, parameters={"version": "1"})
    with Broker(upstream, tmp_path / "broker.sock", noted=noted.append) as broker:
        status, answer = ask(
            broker.place, "/messages?a=b&key=theirs", b'{"x": 1}', **{"X-Api-Key": "stolen", "Host": "evil.example"}
        )
    assert (status, answer["key"], answer["path"]) == (200, KEY, "/v1/messages?a=b&version=1")
    assert answer["host"].startswith("127.0.0.1:")
    assert [(e.path, e.status, e.sent) for e in noted] == [("/messages", 200, 8)]
    assert not broker.place.exists()


@pytest.mark.parametrize(
    "path",
    [
        "http://evil.example/messages",
        "//evil.example/x",
        "/../admin",
        "/messages/%2e%2e/admin",
        "/other",
        "evil.example:443",
    ],
)
def test_no_other_path_and_no_other_host(provider: str, tmp_path: Path, path: str) -> None:
    with Broker(Upstream(provider, {"x-api-key": KEY}, paths=("/messages",)), tmp_path / "b.sock") as broker:
        assert ask(broker.place, path)[0] == 403


def test_requests_and_their_size_are_limited(provider: str, tmp_path: Path) -> None:
    with Broker(Upstream(provider), tmp_path / "b.sock", quota=Quota(requests=2, sent=100)) as broker:
        assert ask(broker.place, "/a", b"x" * 200)[0] == 413
        assert [ask(broker.place, "/a")[0] for _ in range(3)] == [200, 200, 429]


def test_a_host_that_is_down_is_an_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with Broker(Upstream(f"http://127.0.0.1:{port}"), tmp_path / "b.sock") as broker:
        assert ask(broker.place, "/a")[0] == 502
    with pytest.raises(MachineError), Broker(Upstream("http://name.invalid"), tmp_path / "b.sock"):
        pass


@pytest.mark.parametrize(
    "address", ["", "ftp://a.example", "http://user:pass@a.example",
     "http://a.example\0.evil", "http://a_b.example", "http://ех.example", "http://-a", "http://a..b"]
)  # fmt: skip
def test_an_address_is_plain(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Broker(Upstream(address), tmp_path / "b.sock")


def test_names_of_hosts() -> None:
    assert all(map(is_host, ("localhost", "api.example.com", "127.0.0.1", "::1", "xn--e1afmkfd.example")))
    assert not any(map(is_host, ("", "a\0b", "a b", "a%00", "a/b", "a" * 64, "[::1")))


def test_an_agent_in_the_sandbox_reaches_the_host_and_never_sees_the_key(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tier = find_tier()
    if tier.name != "bubblewrap":
        assert not os.environ.get("CI"), tier.because
        pytest.skip(f"no bubblewrap here: {tier.because}")
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    copy = tmp_path / "copy"
    copy.mkdir()
    with Broker(Upstream(provider, {"x-api-key": KEY}), tmp_path / "broker.sock") as broker:
        space = Space(writable=(copy,), relays={8377: broker.place})
        call = Sandbox(tier, Permissions()).call_in(space)
        done = call(("/usr/bin/python3", "-c", AGENT), cwd=copy, env={"EXAMPLE_API_KEY": "dummy"}, timeout=30)
    answer, environment = done.output.splitlines()
    assert json.loads(answer)["body"] == '{"prompt": "hello"}'
    assert json.loads(answer)["key"] == KEY  # the provider got it
    assert KEY not in environment
