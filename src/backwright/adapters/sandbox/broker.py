"""Stands between an agent in the sandbox and the one host it may talk to: holds the key, which the agent never sees.

Inside, a port of 127.0.0.1 leads to the broker's Unix socket (`Space.relays`). A request that comes in loses whatever
credentials it has, gets the real ones, and goes to the host that was named, and to no other.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from types import TracebackType
from urllib.parse import parse_qsl, urlencode, urlsplit

from backwright.core.errors import MachineError, UsageError

_LABEL = re.compile(
    r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
)  # letters, digits, hyphen: nothing that two readers read differently
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_CHUNK = 65536
_DROPPED = frozenset({
    "authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie", "proxy-authorization", "host", "connection",
    "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "forwarded", "content-length", "expect",
})  # fmt: skip
_NOT_PASSED_BACK = frozenset({"connection", "keep-alive", "transfer-encoding", "set-cookie", "trailer", "upgrade"})


@dataclass(frozen=True)
class Upstream:
    """The host that may be talked to: `https://api.example.com/v1`, and what is added to each request.

    `paths` are beginnings of paths below the address; `parameters` are added to the query (where a key goes there).
    """

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ("/",)


@dataclass(frozen=True)
class Quota:
    """What may go through a broker. Sizes in bytes, times in seconds."""

    requests: int = 1000
    sent: int = 16 << 20  # of one request
    received: int = 64 << 20  # of one answer
    seconds: float = 600.0  # of one exchange without a byte


@dataclass(frozen=True)
class Exchange:
    """A request that came, and what became of it: without its text and without its headers."""

    method: str
    path: str
    status: int
    sent: int
    received: int
    seconds: float


Noted = Callable[[Exchange], None]


class Broker:
    """`with Broker(upstream, folder / "broker.sock") as broker`: serves at `broker.place` until the end of the context.

    The folder must be private. `noted` is called for each exchange, in a thread of its own. Raises `UsageError` for an
    address that is none, `MachineError` where the host has no address or the socket cannot be made.
    """

    def __init__(
        self, upstream: Upstream, place: Path, *, quota: Quota = Quota(), noted: Noted = lambda _: None
    ) -> None:
        self.place = place
        self.upstream = upstream
        self.quota = quota
        self.noted = noted
        self.scheme, self.host, self.port, self.prefix = _split(upstream.address)
        self._left = quota.requests
        self._lock = threading.Lock()
        self._server: _Server | None = None

    def __enter__(self) -> Broker:
        try:
            # Asked once: the address that was found is the one that is called.
            self._found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            self._server = _Server(self)
        except OSError as error:
            raise MachineError(
                f"{self.host} cannot be reached through a broker: {error.strerror}", where=str(self.place)
            ) from error
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        with suppress(OSError):
            self.place.unlink()

    def take(self) -> bool:
        """Whether one more request may be made."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the address that was found."""
        family, kind, protocol, _, address = self._found
        raw = socket.socket(family, kind, protocol)
        raw.settimeout(self.quota.seconds)
        try:
            raw.connect(address)
            if self.scheme == "https":
                raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.quota.seconds)
        connection.sock = raw
        return connection

    def target(self, asked: str) -> str:
        """The path of the host for a path that was asked for; `""` where it may not be asked for."""
        path, _, query = asked.partition("?")
        if not _PATH.fullmatch(asked) or "//" in path or ".." in path or "%" in path:
            return ""
        if not any(path.startswith(beginning) for beginning in self.upstream.paths):
            return ""
        given = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "key"]
        parameters = urlencode([*given, *self.upstream.parameters.items()])
        return f"{self.prefix}{path}" + (f"?{parameters}" if parameters else "")


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        super().__init__(str(broker.place), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """An agent that hangs up is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 600

    def answer(self) -> None:
        """One request there, and the answer back as it comes."""
        broker, started = self.server.broker, time.monotonic()
        self.close_connection = True
        status, sent, received = HTTPStatus.BAD_GATEWAY, 0, 0
        target = broker.target(self.path)
        body = self._body(broker.quota.sent)
        if not target:
            status = self._refuse(HTTPStatus.FORBIDDEN, "this path may not be asked for")
        elif body is None:
            status = self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        elif not broker.take():
            status = self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "no more requests are allowed in this run")
        else:
            sent = len(body)
            try:
                status, received = self._exchange(broker, target, body)
            except (OSError, http.client.HTTPException) as error:
                status = self._refuse(HTTPStatus.BAD_GATEWAY, f"{broker.host}: {type(error).__name__}")
        broker.noted(
            Exchange(self.command, self.path.partition("?")[0], status, sent, received, time.monotonic() - started)
        )

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer  # noqa: N815 (as the library calls them)

    def _exchange(self, broker: Broker, target: str, body: bytes) -> tuple[HTTPStatus, int]:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _DROPPED}
        replaced = {name.lower() for name in broker.upstream.headers}
        kept = {name: value for name, value in kept.items() if name.lower() not in replaced}
        connection = broker.connect()
        try:
            connection.request(
                self.command, target, body or None, {**kept, **broker.upstream.headers, "Connection": "close"}
            )
            response = connection.getresponse()
            self.send_response(response.status, response.reason)
            for name, value in response.getheaders():
                if name.lower() not in _NOT_PASSED_BACK:
                    self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            received = 0
            while chunk := response.read1(_CHUNK):
                received += len(chunk)
                if received > broker.quota.received:
                    break
                self.wfile.write(chunk)
            return HTTPStatus(response.status), received
        finally:
            connection.close()

    def _body(self, most: int) -> bytes | None:
        """What was sent; None where it is more than may be."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts: list[bytes] = []
            while size := int(self.rfile.readline(64).split(b";")[0] or b"0", 16):
                if sum(map(len, parts)) + size > most:
                    return None
                parts.append(self.rfile.read(size))
                self.rfile.readline(64)
            return b"".join(parts)
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > most:
            left = min(int(length), 4 * most) if length.isdecimal() else 0
            while left > 0 and (chunk := self.rfile.read(min(left, _CHUNK))):  # or the answer would not be heard
                left -= len(chunk)
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: HTTPStatus, why: str) -> HTTPStatus:
        body = f'{{"error": {{"type": "backwright_broker", "message": "{why}"}}}}'.encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        return status

    def address_string(self) -> str:
        return "sandbox"

    def log_message(self, format: str, *arguments: object) -> None:
        """Exchanges are told to whoever wants to know; nothing is printed."""


def _split(address: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path. Raises `UsageError`."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in ("http", "https") or parts.username is not None or parts.query or not is_host(host):
        raise UsageError("is not the address of a host, like https://api.example.com/v1", where=address[:200])
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/")


def is_host(name: str) -> bool:
    """Whether a name of a host (or an address) is plain: letters, digits, hyphens and dots, or an IPv6 address."""
    if ":" in name:
        try:
            socket.inet_pton(socket.AF_INET6, name)
        except OSError:
            return False
        return True
    return 0 < len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.rstrip(".").split("."))
