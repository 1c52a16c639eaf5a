"""Which folders outside the system's own hold a program, and which must never be shown to a command."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from backwright.core.errors import UsageError

# Of somebody's home: keys, tokens, sessions, mail, and what other programs would run later.
SECRET = (
    ".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".config/gcloud", ".config/gh", ".config/hub", ".netrc",
    ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".git-credentials", ".cargo/credentials", ".cargo/credentials.toml",
    ".gem/credentials", ".composer/auth.json", ".config/composer/auth.json", ".m2/settings.xml", ".gradle/gradle.properties",
    ".terraform.d", ".vault-token", ".password-store", ".local/share/keyrings", ".mozilla", ".thunderbird",
    ".config/chromium", ".config/google-chrome", ".claude", ".claude.json", ".codex", ".gemini", ".qwen",
    ".config/opencode", ".local/share/opencode", ".cursor", ".bash_history", ".zsh_history", ".local/state/backwright",
    ".config/backwright",
)  # fmt: skip
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
_REFUSED = (
    "/",
    "/etc",
    "/home",
    "/root",
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var",
    "/boot",
    "/mnt",
    "/media",
    "/tmp",  # noqa: S108
    "/opt",
)
_LIBRARIES = (
    "lib",
    "lib64",
    "libexec",
)  # beside `bin`, they show that the folder above holds one program and what it needs


def why_secret(place: Path, home: Path | None = None) -> str:
    """Why a folder (or file) must not be shown; `""` where nothing speaks against it."""
    home = (home or Path.home()).resolve()
    real = place.resolve()
    if str(real) in _REFUSED or str(place) in _REFUSED:
        return f"{place} is far more than one folder"
    if home.is_relative_to(real):
        return f"{place} holds the home directory"
    for name in SECRET:
        secret = home / name
        if real.is_relative_to(secret) or (secret.is_relative_to(real) and secret.exists()):
            return (
                f"{place} {'is' if real == secret else 'holds' if secret.is_relative_to(real) else 'lies in'} ~/{name}"
            )
    return ""


def refuse_secrets(places: Iterable[str]) -> None:
    """Raises `UsageError` for the first folder that a command may not read, whoever asks for it."""
    for place in places:
        why = why_secret(Path(place)) or ("" if Path(place).is_absolute() else f"{place} is no absolute path")
        if why:
            raise UsageError(f"a sandbox cannot be given this to read: {why}", where=f"read={place}")


def covering(places: Iterable[Path]) -> list[Path]:
    """Those that lie in no other one and are none of the system's, which are there anyway."""
    kept: list[Path] = []
    for place in sorted(set(places), key=lambda path: len(path.parts)):
        if not any(place.is_relative_to(other) for other in (*kept, *map(Path, _SYSTEM))):
            kept.append(place)
    return kept


def places_of_program(program: Path) -> list[Path]:
    """The folders that a program needs to start: each place that its links lead through, with the libraries beside it."""
    found: list[Path] = []
    for place in _steps(program):
        found += _with_libraries(place.parent)
    return covering(p for p in found if not why_secret(p))


def places_on(path: str) -> list[Path]:
    """The folders that the programs on a PATH need, as far as they lie outside the system's."""
    found: list[Path] = []
    for entry in path.split(os.pathsep):
        folder = Path(entry)
        if folder.is_absolute() and folder.is_dir():
            found += _with_libraries(folder)
    return covering(p for p in found if not why_secret(p))


def _with_libraries(folder: Path) -> Iterator[Path]:
    """The folder of a program, or the whole that it belongs to: an interpreter, a version of Node, a version manager."""
    above = folder.parent
    whole = folder.name == "shims" or (folder.name == "bin" and any((above / name).is_dir() for name in _LIBRARIES))
    chosen = above if whole and not why_secret(above) and not _is_top_of_home(above) else folder
    yield chosen
    if chosen.resolve() != chosen:
        yield chosen.resolve()


def _is_top_of_home(place: Path) -> bool:
    """`~/.local` is everything that a user has installed and much that belongs to no program."""
    return place.resolve() == Path.home().resolve() / ".local"


def _steps(program: Path) -> Iterator[Path]:
    """The program, and where its links lead, each as it is written."""
    for _ in range(40):
        yield program
        if not program.is_symlink():
            break
        program = program.parent / os.readlink(program)  # noqa: PTH115 (one step, as it is written)
    yield program.resolve()
