"""Which commands a person has allowed, kept outside every repository, so that no repository can allow its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from backwright.adapters.state import machine_error
from backwright.core.verdict import Contract

_FILE_LIMIT = 16_384  # bytes; a path has at most 4096


class TrustStore:
    """One small file for each list of commands allowed in one repository.

    `root` is the repository. The key covers its real path, every command with its arguments, folder and environment, and
    what they are granted: whatever of it changes is asked again.
    """

    def __init__(self, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self._folder = state_home(os.environ if environ is None else environ) / "backwright" / "trust"

    def key(self, contract: Contract) -> str:
        """The sha256 of what is allowed."""
        steps = [[s.name, list(s.argv), s.builtin, s.cwd, sorted(s.env.items())] for s in contract.steps]
        grants = [contract.grants] if contract.grants else []
        canonical = json.dumps([str(self.root), steps, *grants], ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def allows(self, contract: Contract) -> bool:
        """Whether exactly these commands were allowed here. What could be forged or cannot be read does not count."""
        key = self.key(contract)
        if self._inside():
            return False
        try:
            descriptor = os.open(self._folder / key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
                return False
            entry = json.loads(os.read(descriptor, _FILE_LIMIT))
        except (OSError, ValueError):
            return False
        finally:
            os.close(descriptor)
        return isinstance(entry, dict) and entry.get("key") == key

    def allow(self, contract: Contract) -> bool:
        """Remember that these commands may run here. False where the memory would be inside the repository.

        Raises `MachineError` when it cannot be written.
        """
        if self._inside():
            return False
        key = self.key(contract)
        entry = {"key": key, "root": str(self.root), "at": datetime.now(UTC).isoformat(timespec="seconds")}
        temporary = self._folder / f".{key}.{os.getpid()}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(entry).encode())
            temporary.replace(self._folder / key)
        except OSError as cause:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise machine_error("remember what was allowed", cause, where=str(self._folder)) from cause
        return True

    def _inside(self) -> bool:
        return self._folder.resolve().is_relative_to(self.root)


def state_home(environ: Mapping[str, str]) -> Path:
    """`XDG_STATE_HOME`, which counts only where it is absolute."""
    named = Path(environ.get("XDG_STATE_HOME", ""))
    return named if named.is_absolute() else Path(environ.get("HOME") or Path.home()) / ".local" / "state"


def key_of(shown: str) -> str:
    """For a yes that holds for commands exactly as they were shown, whatever the repository says by then."""
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()
