"""What the manifest and the resources of a project say: versions, libraries, migrations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from posixpath import basename, dirname

from backwright.core.errors import Unsupported
from backwright.kit.index import FactIndex
from backwright.stacks.spring.style import Build, Migrations

_DRIVERS = (
    ("postgresql", r"org\.postgresql|postgresql"),
    ("mysql", r"mysql-connector|mariadb-java-client|flyway-mysql"),
    ("oracle", r"ojdbc"),
    ("sqlserver", r"mssql-jdbc"),
    ("sqlite", r"sqlite-jdbc"),
    ("h2", r"com\.h2database|\bh2\b"),
    ("h2", r"hsqldb|derby"),
)
_MANIFESTS = ("pom.xml", "build.gradle", "build.gradle.kts")
_SETTINGS = re.compile(r"(^|/)src/main/resources/(?:config/)?application[^/]*\.(?:properties|ya?ml)$")
_DDL = re.compile(r"(?:ddl-auto|hbm2ddl\.auto|ddlAuto)\s*[:=]\s*['\"]?([\w-]+)")
_MAKING = ("update", "create", "create-drop", "create-only")
_FILE = re.compile(r"V(\d+(?:[._]\d+)*)__([^/]+)\.sql$")


def manifests_of(index: FactIndex) -> Iterator[str]:
    """The manifest of the project and those of the folders above it, nearest first."""
    folder = index.root
    while True:
        yield from (path for name in _MANIFESTS if (path := f"{folder}/{name}".lstrip("/")) in index.paths)
        if not folder:
            return
        folder = dirname(folder)


def build_of(index: FactIndex, read: Callable[[str], str]) -> Build:
    """Versions and libraries. Catalogues of versions of Gradle are read too."""
    found = list(manifests_of(index))
    catalogues = [p for p in index.paths if p.endswith("libs.versions.toml")] if found else []
    text = "\n".join(read(path) for path in [*found, *catalogues])
    boot = re.search(
        r"<artifactId>spring-boot-(?:starter-parent|dependencies)</artifactId>\s*<version>(\d+)\.(\d+)"
        r"|org\.springframework\.boot['\"]?\)?\s*version\s*['\"](\d+)\.(\d+)"
        r"|spring-?boot(?:\.version|Version)?\s*(?:=|>)\s*['\"]?(\d+)\.(\d+)",
        text,
    )
    parts = [int(p) for p in boot.groups() if p is not None] if boot is not None else [0, 0]
    java = re.search(
        r"<(?:java\.version|maven\.compiler\.(?:release|source))>\s*(?:1\.)?(\d+)"
        r"|JavaLanguageVersion\.of\((\d+)\)|(?:source|target)Compatibility\s*=\s*\D*?(?:1[._])?(\d+)",
        text,
    )
    imported = {i.module for p in index.files for i in index.imports(p)}
    return Build(
        boot=(parts[0], parts[1]),
        java=next((int(g) for g in java.groups() if g), 17) if java is not None else 17,
        jakarta=any(m.startswith("jakarta.persistence") for m in imported),
        database=next((name for name, pattern in _DRIVERS if re.search(pattern, text)), ""),
        validation=bool(re.search(r"starter-validation|hibernate-validator|validation-api", text))
        or any(".validation" in m and m.startswith(("jakarta.", "javax.")) for m in imported),
        security=bool(re.search(r"spring-boot-starter-(?:security|oauth2)|spring-security", text)),
        security_test="spring-security-test" in text or "security-test" in text,
        manifest=found[0] if found else "",
        tool="maven" if found and found[0].endswith("pom.xml") else "gradle" if found else "",
    )


def tables_made_by(index: FactIndex, read: Callable[[str], str]) -> tuple[str, str]:
    """What makes the tables of this project that we cannot write for, and where it is; empty where there is no such thing."""
    liquibase = next((p for p in index.paths if re.search(r"(^|/)src/main/resources/.*changelog", p)), "")
    own = [p for p in index.paths if _FILE.search(p) and "/test/" not in p]
    if liquibase and not own:
        return (
            "the migrations of this project are Liquibase's: on Spring Boot only Flyway's can be written yet",
            liquibase,
        )
    if not own:
        return _made_by_hibernate(index, read)
    folders = sorted({dirname(p) for p in own})
    if len(folders) > 1:
        return (
            "there are several folders of migrations, one for each database, which cannot be kept alike yet",
            folders[1],
        )
    return "", ""


def _made_by_hibernate(index: FactIndex, read: Callable[[str], str]) -> tuple[str, str]:
    """Nothing where Hibernate makes the tables itself: it is told to, or the database is one in memory."""
    under = f"{index.root}/".lstrip("/")
    settings = [p for p in index.paths if _SETTINGS.search(p) and p.startswith(under)]
    told = [(p, found[1]) for p in settings if (found := _DDL.search(read(p))) is not None]
    if any(value in _MAKING for _, value in told):
        return "", ""
    embedded = any(re.search(r"jdbc:(h2|hsqldb|derby)", read(p)) for p in settings)
    if not told and (embedded or not any("jdbc:" in read(p) for p in settings)):
        return "", ""
    where = told[0][0] if told else next(iter(settings), "")
    return "this project has no migrations, and its tables are not made by Hibernate either (ddl-auto)", where


def migrations_of(index: FactIndex, read: Callable[[str], str]) -> Migrations | None:
    """Flyway's folder and the version that comes next; None where there are no migrations in SQL."""
    under = f"{index.root}/".lstrip("/")
    files = [p for p in index.paths if _FILE.search(p) and p.startswith(under) and "/test/" not in p]
    if not files:
        return None
    versions = {path: found[1] for path in files if (found := _FILE.search(basename(path))) is not None}
    last = max(versions.values(), key=_number)
    text = "\n".join(read(path) for path in files)
    lower = len(re.findall(r"\bcreate table\b", text)) > len(re.findall(r"\bCREATE TABLE\b", text))
    ordered = tuple(sorted(files, key=lambda p: _number(versions.get(p, "0"))))
    return Migrations(dirname(files[0]), _next(last), lower, ordered)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.split(r"[._]", version))


def _next(last: str) -> str:
    """The version after the last: of moments, now; else the last part one higher, as wide as it was."""
    if re.fullmatch(r"20\d{12}|20\d{10}", last):
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")[: len(last)]
        return max(now, str(int(last) + 1))
    head = re.match(r"(.*?)(\d+)$", last)
    if head is None:
        raise Unsupported(f"the version {last} of the last migration cannot be counted on")
    if "." in last or "_" in last:
        first = re.match(r"\d+", last)
        minor = re.fullmatch(r"\d+[._]\d+(?:[._]\d+)?", last) is not None
        return f"{head[1]}{int(head[2]) + 1}" if minor and first is not None else str(_number(last)[0] + 1)
    return f"{int(last) + 1:0{len(last)}d}"
