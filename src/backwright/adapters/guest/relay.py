"""Runs inside a sandbox: ports of its own 127.0.0.1 lead to Unix sockets outside, then a command takes this one's place.

    python -I -S relay.py PORT=SOCKET [PORT=SOCKET ...] -- COMMAND ...

The ports are open before the command starts. What serves them is no child of the command, and holds none of its output.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys
from contextlib import suppress

CHUNK = 65536


def listen(ports: list[tuple[int, str]]) -> dict[socket.socket, str]:
    """A listening socket for each port, and where it leads."""
    found = {}
    for port, place in ports:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(128)
        found[door] = place
    return found


class Relay:
    """Carries bytes both ways, for as many connections as come."""

    def __init__(self, doors: dict[socket.socket, str]) -> None:
        self.selector = selectors.DefaultSelector()
        self.other: dict[socket.socket, socket.socket] = {}
        self.waiting: dict[socket.socket, bytearray] = {}
        self.ended: set[socket.socket] = set()
        for door, place in doors.items():
            door.setblocking(False)
            self.selector.register(door, selectors.EVENT_READ, place)

    def serve(self) -> None:
        """Until it is killed, as everything in the sandbox is when the command has ended."""
        while True:
            for key, events in self.selector.select():
                end = key.fileobj
                assert isinstance(end, socket.socket)
                if key.data is not None:
                    self.accept(end, key.data)
                elif end in self.other:
                    with suppress(BlockingIOError):
                        try:
                            self.carry(end, events)
                        except OSError:
                            self.close(end)

    def accept(self, door: socket.socket, place: str) -> None:
        """A new connection, and its other end outside; refused where nobody listens there."""
        with suppress(OSError):
            near, _ = door.accept()
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                far.connect(place)
            except OSError:
                near.close()
                far.close()
                return
            self.other[near], self.other[far] = far, near
            for end in (near, far):
                end.setblocking(False)
                self.waiting[end] = bytearray()
                self.selector.register(end, selectors.EVENT_READ)

    def carry(self, end: socket.socket, events: int) -> None:
        """Read what came for the other end, or write what waits for this one."""
        if events & selectors.EVENT_WRITE:
            sent = end.send(self.waiting[end])
            del self.waiting[end][:sent]
        if events & selectors.EVENT_READ:
            data = end.recv(CHUNK)
            if data:
                self.waiting[self.other[end]] += data
            else:
                self.ended.add(end)
        for one in (end, self.other[end]):
            if one in self.other:  # not closed meanwhile
                self.watch(one)

    def watch(self, end: socket.socket) -> None:
        """Wait for what this end can do now: nothing is read that its other end is too slow for."""
        other = self.other[end]
        if other in self.ended and not self.waiting[end]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_WR)
            if end in self.ended and not self.waiting[other]:
                self.close(end)
                return
        events = selectors.EVENT_WRITE if self.waiting[end] else 0
        if end not in self.ended and len(self.waiting[other]) < 16 * CHUNK:
            events |= selectors.EVENT_READ
        known = self.selector.get_map()
        if not events:
            if end in known:
                self.selector.unregister(end)
        elif end in known:
            self.selector.modify(end, events)
        else:
            self.selector.register(end, events)

    def close(self, end: socket.socket) -> None:
        """Both ends."""
        for one in (end, self.other[end]):
            if one in self.selector.get_map():
                self.selector.unregister(one)
            one.close()
            del self.other[one], self.waiting[one]
            self.ended.discard(one)


def main(words: list[str]) -> None:
    """Opens the ports, leaves somebody to serve them, becomes the command."""
    at = words.index("--")
    ports = [(int(port), place) for port, _, place in (word.partition("=") for word in words[:at])]
    doors = listen(ports)
    child = os.fork()
    if child == 0:
        if os.fork():
            os._exit(0)
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        Relay(doors).serve()
    os.waitpid(child, 0)
    for door in doors:
        door.close()
    try:
        os.execvp(words[at + 1], words[at + 1 :])  # noqa: S606 (an argv, as it was given)
    except OSError as error:
        sys.stderr.write(f"{words[at + 1]}: {error.strerror}\n")
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


if __name__ == "__main__":
    main(sys.argv[1:])
