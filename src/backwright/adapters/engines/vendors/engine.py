"""Another coding agent as an engine: its command line, headless, in the sandbox, on the private copy."""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from backwright.adapters.engines.keeping import Transcript
from backwright.adapters.engines.proposing import proposed
from backwright.adapters.engines.spending import Meter
from backwright.adapters.engines.vendors.listening import Listener
from backwright.adapters.engines.vendors.profile import Profile
from backwright.adapters.engines.wording import task_of
from backwright.adapters.engines.workplace import Workplace
from backwright.adapters.privatedir import PrivateDir
from backwright.adapters.sandbox import (
    Attendance,
    Broker,
    Completed,
    Exchange,
    Quota,
    Space,
    Upstream,
    open_sandbox,
    places_of_program,
)
from backwright.core.acting import Assignment, Ended, Proposal, Told, Usage
from backwright.core.errors import NeedsPerson, ToolMissing, UsageError

PORT = 8377  # of the sandbox's own 127.0.0.1
_URL = f"http://127.0.0.1:{PORT}"
_UNLIMITED = 100_000  # requests, where the limits name none
_LONGEST = 24 * 3600.0  # seconds, likewise
_SHOWN = 500  # characters of what it complained about


@dataclass(frozen=True)
class VendorEngine:
    """`profile` is what is known of it; `environ` our own variables, default those of this process."""

    name: str
    profile: Profile
    place: Workplace
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def describe(self) -> str:
        """Which agent, and which host it may talk to."""
        return f"{self.profile.title} ({self.profile.program}) in the sandbox, which reaches {self._host()} only"

    def act(self, assignment: Assignment, told: Told) -> Proposal:
        """As `core.acting.Engine`. Raises `ToolMissing` without the command or a sandbox, `NeedsPerson` without a key."""
        meter = Meter(assignment.limits)
        kept = self.place.kept / f"act-{assignment.attempt}.jsonl" if self.place.kept else None
        listener = Listener(self.profile.events, told, Transcript(kept, self.place.redact))
        traffic = _Traffic(meter, told)
        done = self._run(assignment, listener, traffic)
        traffic.take()
        listener.end()
        change, dropped = proposed(self.place.ground, assignment, f"agent:{self.name}")
        ended, why = _ended(done, traffic, meter)
        complaint = listener.error or (done.errors or "").strip()[-_SHOWN:]
        usage = Usage(
            meter.requests, listener.input_tokens, listener.output_tokens, listener.dollars, round(meter.seconds, 3)
        )
        message = why or listener.said or complaint
        if why and complaint:
            message = f"{why}: {complaint}"
        return Proposal(
            ended=ended, change=change, message=message, usage=usage, dropped=dropped, session=listener.session
        )

    def _run(self, assignment: Assignment, listener: Listener, traffic: _Traffic) -> Completed:
        profile, root = self.profile, self.place.ground.copy.root
        sandbox = open_sandbox(self.place.permissions)
        if sandbox.is_external or not sandbox.has_network:
            hint = "install bubblewrap 0.8 or later (apt install bubblewrap)"
            raise ToolMissing(f"{profile.title} runs in bubblewrap only, where it reaches one host", hints=(hint,))
        program = self._program()
        prompt = self.place.redact("\n\n".join(part for part in (assignment.protocol, task_of(assignment)) if part))
        listener.kept.add("prompt", task=prompt)
        limits = assignment.limits
        quota = Quota(requests=limits.requests or _UNLIMITED)
        with (
            PrivateDir("broker") as folder,
            Broker(self._upstream(), folder / "broker.sock", quota=quota, noted=traffic.noted.append) as broker,
        ):
            programs = tuple(place for one in self._programs(program) for place in _places(one))
            space = Space(
                writable=() if assignment.read_only else (root,),
                readable=(*programs, root) if assignment.read_only else programs,
                home={path: self._filled(text).encode() for path, text in profile.home.items()},
                relays={PORT: broker.place},
            )
            return sandbox.call_in(space)(
                [str(program), *self._words(assignment)],
                cwd=root,
                env=self._environment(program),
                timeout=limits.seconds or _LONGEST,
                attended=Attendance(
                    heard=listener.hear, why_stop=traffic.why_stop, apart=True, given=prompt.encode("utf-8", "replace")
                ),
            )

    def _words(self, assignment: Assignment) -> list[str]:
        words = list(self.profile.argv)
        tail = [words.pop()] if words[-1] == "-" else []  # standard input, which comes last
        if assignment.read_only:
            words += self.profile.review
        if self._model():
            words += [self._filled(word) for word in self.profile.model]
        return words + tail

    def _model(self) -> str:
        """The model that the user named for this very agent: `claude:opus`."""
        chosen = self.place.chosen
        return chosen.name if chosen.provider == self.name else ""

    def _filled(self, text: str) -> str:
        return text.replace("{url}", _URL).replace("{model}", self._model())

    def _environment(self, program: Path) -> dict[str, str]:
        folders = [*(str(one.parent) for one in self._programs(program)), "/usr/local/bin", "/usr/bin", "/bin"]
        own = {name: self._filled(text) for name, text in self.profile.environment.items()}
        return {"PATH": os.pathsep.join(dict.fromkeys(folders)), "CI": "1", "NO_COLOR": "1", **own}

    def _programs(self, program: Path) -> list[Path]:
        """The command, and what many such are scripts for."""
        node = shutil.which("node", path=self.environ.get("PATH"))
        return [program, Path(node)] if node else [program]

    def _program(self) -> Path:
        found = shutil.which(self.profile.program, path=self.environ.get("PATH"))
        if found is None:
            raise ToolMissing(f"{self.profile.title} is not installed", hints=(f"no `{self.profile.program}` on PATH",))
        return Path(found)

    def _address(self) -> str:
        known = self.profile.upstream
        return self.environ.get(known.source, "") or known.address

    def _host(self) -> str:
        return urlsplit(self._address()).netloc.rpartition("@")[2] or self._address()

    def _upstream(self) -> Upstream:
        known = self.profile.upstream
        key = next((self.environ[name] for name in known.keys if self.environ.get(name)), "")
        if not key:
            raise NeedsPerson(
                f"{self.profile.title} needs a key, which a broker holds for it: its own login stays out of the sandbox",
                hints=(f"set {' or '.join(known.keys)}",),
            )
        if "{model}" in "".join(self.profile.environment.values()) and not self._model():
            hints = (f"agent.model = {self.name}:MODEL",)
            raise UsageError(
                f"{self.profile.title} has to be told which model to use", where="agent.model", hints=hints
            )
        headers = {name: value.replace("{key}", key) for name, value in known.headers.items()}
        return Upstream(self._address(), headers, known.parameters)


@dataclass
class _Traffic:
    """What goes through the broker: counted, told, and ended when the time has come.

    The broker notes in threads of its own; what is told is told in ours, which may write to a journal.
    """

    meter: Meter
    told: Told
    last: int = 0  # status of the last answer
    refused: int = 0  # requests above the limit
    noted: deque[Exchange] = field(default_factory=deque)

    def why_stop(self) -> str:
        """Asked many times a second while the agent works."""
        self.take()
        return "it asked for more than it may" if self.refused else ""

    def take(self) -> None:
        """Count and tell what was noted."""
        while self.noted:
            exchange = self.noted.popleft()
            if exchange.method != "POST":
                continue
            self.last = int(exchange.status)
            if self.meter.limits.requests and self.meter.requests >= self.meter.limits.requests:
                self.refused += 1
                continue
            self.meter.requests += 1
            self.told("request", {"number": self.meter.requests, "status": self.last})


def _ended(done: Completed, traffic: _Traffic, meter: Meter) -> tuple[Ended, str]:
    """How it ended, and why where it did not just end. The exit code says nothing: they are 0 after errors too."""
    if done.exit_code is None:
        return "refused", f"it cannot be started: {done.output[-_SHOWN:]}"
    if done.timed_out:
        return "limit", f"the limit of {meter.limits.seconds:g} seconds is reached"
    if traffic.refused:
        return "limit", f"the limit of {meter.limits.requests} requests is reached"
    if done.stopped:
        return "limit", done.stopped
    if traffic.last == 429:
        return "quota", "the provider asks for patience"
    if traffic.last >= 500:
        return "unreachable", f"the provider answers {traffic.last}"
    if traffic.last >= 400:
        return "refused", f"the provider refuses the request ({traffic.last})"
    if not meter.requests and done.exit_code:
        return "refused", f"it ended with {done.exit_code} before it asked anything"
    return "finished", ""


def _places(program: Path) -> list[Path]:
    """The folders that it needs; a package of npm has parts in the packages beside it."""
    modules = [parent for parent in program.resolve().parents if parent.name == "node_modules"]
    return [*places_of_program(program), *modules[-1:]]
