"""Weaving emitted pieces and insertions into the files of a project: new files whole, existing ones surgically."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from backwright.core.change import Edit
from backwright.core.errors import Unsupported
from backwright.core.facts import Import
from backwright.core.ports import Formatter
from backwright.engine.documenting import document
from backwright.engine.splicing import indented, is_deep, kept_in_order, member_of, spliced
from backwright.kit.artifacts import Emission, Insertion, Piece, Splice
from backwright.kit.edits import (
    add_imports,
    add_to_all,
    add_typing_import,
    append,
    insert_after_statement,
    insert_import_beside,
    insert_in_class,
)
from backwright.kit.house import Manner
from backwright.kit.index import FactIndex
from backwright.kit.modules import module_of
from backwright.languages.python.extract import extract

_TYPING = "TYPE:"
_MEMBER = "backwright_member_"
_STATEMENT = "backwright_statement_"
_BELOW = "backwright_below_"


@dataclass(frozen=True)
class Words:
    """What docstrings say: of classes and functions by name, of whole files by role."""

    names: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _File:
    """One file while it is being woven."""

    path: str
    before: str | None
    pieces: list[Piece] = field(default_factory=list)
    insertions: list[Insertion] = field(default_factory=list)
    splices: list[Splice] = field(default_factory=list)


class Weaver:
    """Turns emissions into edits. `read` gives a file's text, None when it does not exist."""

    def __init__(
        self,
        index: FactIndex,
        house: Manner,
        read: Callable[[str], str | None],
        formatter: Formatter,
        words: Words | None = None,
    ) -> None:
        self.words = words or Words()
        self.index = index
        self.house = house
        self.read = read
        self.formatter = formatter
        self.members: dict[int, str] = {}
        self.statements: dict[int, str] = {}
        self.below: dict[int, str] = {}

    def weave(self, emissions: Sequence[Emission]) -> tuple[Edit, ...]:
        """One edit a file, in the order in which the files were first mentioned."""
        files: dict[str, _File] = {}
        for emission in emissions:
            file = files.setdefault(emission.path, _File(emission.path, self.read(emission.path)))
            if isinstance(emission, Piece):
                file.pieces.append(emission)
            elif isinstance(emission, Splice):
                file.splices.append(emission)
            else:
                file.insertions.append(emission)
        drafts = {f.path: self._draft(f) for f in files.values() if f.pieces}
        members = [i for f in files.values() for i in f.insertions if i.anchor == "class"]
        drafts |= {f"{_MEMBER}{n}.py": f"class Member:\n    {i.text}\n" for n, i in enumerate(members)}
        below = [s for f in files.values() for s in f.splices if s.anchor in {"below", "define"}]
        deep = {id(s) for f in files.values() for s in f.splices if is_deep(f.before or "", s)}
        drafts |= {
            f"{_BELOW}{n}.py": f"class Member:\n{indented(s.text)}\n" if id(s) in deep else f"{s.text}\n"
            for n, s in enumerate(below)
        }
        statements = [i for f in files.values() for i in f.insertions if i.anchor == "line"]
        drafts |= {f"{_STATEMENT}{n}.py": f"{i.text}\n" for n, i in enumerate(statements)}
        formatted = self._format(drafts)
        self.statements = {id(i): formatted[f"{_STATEMENT}{n}.py"].strip() for n, i in enumerate(statements)}
        self.below = {
            id(s): member_of(formatted[f"{_BELOW}{n}.py"]) if id(s) in deep else formatted[f"{_BELOW}{n}.py"].strip()
            for n, s in enumerate(below)
        }
        self.members = {id(i): member_of(formatted[f"{_MEMBER}{n}.py"]) for n, i in enumerate(members)}
        after = {}
        for file in files.values():
            if file.before is None:
                after[file.path] = formatted.get(file.path, "")
            else:
                after[file.path] = self._into(file, file.before, formatted.get(file.path))
        after = self._sorted({f.path: f.before for f in files.values() if f.before is not None}, after)
        cut = {f.path: f.before for f in files.values() if f.before is not None and f.splices}
        after = kept_in_order(self.formatter, self.house, cut, after)
        return tuple(self._edit(f, after[f.path]) for f in files.values() if after[f.path] != f.before)

    def packages(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """`__init__.py` for new folders, where the folders around them have one."""
        have = set(self.index.paths) | {e.path for e in edits}
        out = []
        for edit in edits:
            if edit.before is not None or not edit.path.endswith(".py"):
                continue
            folder = edit.path.rpartition("/")[0]
            while folder and not any(p.startswith(folder + "/") for p in self.index.paths):
                parent, _, own = folder.rpartition("/")
                grandparent = parent.rpartition("/")[0]  # app/users/tests/ is a neighbour of app/orders/tests/
                siblings = [
                    p
                    for p in self.index.paths
                    if re.fullmatch(rf"{re.escape(parent)}/[^/]+/__init__\.py" if parent else r"[^/]+/__init__\.py", p)
                    or re.fullmatch(rf"{re.escape(grandparent)}/[^/]+/{re.escape(own)}/__init__\.py", p)
                ]
                name = f"{folder}/__init__.py"
                if (siblings or f"{parent}/__init__.py" in self.index.paths) and name not in have:
                    have.add(name)
                    out.append(Edit(name, None, "", "a package like its neighbours"))
                folder = parent
        return tuple(out)

    # -- drafts ----------------------------------------------------------------------------------------------------
    def _draft(self, file: _File) -> str:
        """All pieces of a file as one module of its own, with more imports than it needs."""
        own = module_of(file.path, self.index)
        plain: list[str] = []
        typing: list[str] = []
        for piece in file.pieces:
            for line in piece.imports:
                target = typing if line.startswith(_TYPING) else plain
                bare = line.removeprefix(_TYPING)
                if bare and not (own and bare.startswith(f"from {own} import ")) and bare not in target:
                    target.append(bare)
        plain = self._agreed(file.path, plain)
        plain, typing = ([self._spelled(file.path, line) for line in lines] for lines in (plain, typing))
        typing = [t for t in typing if t not in plain]
        if typing:
            plain.append("from typing import TYPE_CHECKING")
        header = "\n".join(plain)
        guarded = "if TYPE_CHECKING:\n" + "\n".join(f"    {t}" for t in typing) + "\n" if typing else ""
        bodies = "\n\n\n".join(p.body.strip("\n") for p in file.pieces)
        draft = f"{header}\n\n{guarded}\n\n{bodies}\n" if header else bodies + "\n"
        whole = self.words.modules.get(file.pieces[0].role, "") if file.before is None else ""
        is_test = any(p.role in {"test", "unit"} for p in file.pieces)
        width = self.house.line_length
        return document(draft, self.house.documentation, self.words.names, module=whole, is_test=is_test, width=width)

    def _agreed(self, path: str, lines: list[str]) -> list[str]:
        """One import for each name: as the file has it already, else as what was said last, the exemplar, has it."""
        chosen: dict[str, str] = {}
        for line in (single for given in lines for single in singles(given)):
            name = line.split()[-1] if line.startswith("from ") else line
            if name not in chosen or not self._bound(path, chosen[name]):
                chosen[name] = line
        return list(chosen.values())

    def _format(self, drafts: dict[str, str]) -> dict[str, str]:
        if not drafts:
            return {}
        # A draft for an `__init__.py` would keep its unused imports: it is formatted under another name.
        names = {p: re.sub(r"__init__\.py$", "init_draft.py", p) for p in drafts}
        done = self.formatter.format(
            {names[p]: t for p, t in drafts.items()},
            line_length=self.house.line_length,
            first_party=self.house.first_party,
            target=self.house.target,
        )
        return {p: done[names[p]] for p in drafts}

    # -- existing files --------------------------------------------------------------------------------------------
    def _into(self, file: _File, before: str, draft: str | None) -> str:
        text = spliced(before, file.splices, self.below)
        for insertion in sorted(file.insertions, key=lambda i: -i.line):
            text = self._insert(text, file, insertion)
        if draft is not None:
            plain, typing, body = split(draft)
            text = append(text, body)
            for line in typing:
                text = add_typing_import(text, line)
            text = self._import(file.path, text, [*plain, *(["from typing import TYPE_CHECKING"] if typing else [])])
        for splice in file.splices:
            typed = [line for line in splice.imports if line.startswith(_TYPING)]
            for line in (x.removeprefix(_TYPING) for x in typed if not self._bound(file.path, x.removeprefix(_TYPING))):
                text = self._import(file.path, add_typing_import(text, line), ["from typing import TYPE_CHECKING"])
            wanted = [s for x in splice.imports if x not in typed for s in singles(x) if _used(s, text, before)]
            text = self._import(file.path, text, [w for w in wanted if not self.index.origin(file.path, w.split()[-1])])
        for insertion in file.insertions:
            wanted = [s for line in insertion.imports for s in singles(line) if _used(s, text, before)]
            for line in insertion.typing_imports:
                text = add_typing_import(text, line)
            text = self._import(
                file.path, text, [*wanted, *(["from typing import TYPE_CHECKING"] if insertion.typing_imports else [])]
            )
        return text

    def _import(self, path: str, text: str, lines: list[str]) -> str:
        lines = [self._spelled(path, line) for line in lines if not self._bound(path, line)]
        if not lines:
            return text
        facts = extract("", text.encode(), "").facts
        return add_imports(text, lines, [f for f in facts if isinstance(f, Import)])

    def _bound(self, path: str, line: str) -> bool:
        """Whether the file imports the very thing already, in whatever way: `from .database import get_db`."""
        found = re.match(r"from\s+(\.*)(\S*)\s+import\s+(\w+)$", line)
        if found is None:
            return False
        dots, module, name = found.groups()
        if dots:
            module = ".".join(
                p for p in (*self._package(path)[: len(self._package(path)) - len(dots) + 1], module) if p
            )
        return self.index.origin(path, name) == f"{module}.{name}"

    def _spelled(self, path: str, line: str) -> str:
        """An import as the house writes it: with dots, where it does so for modules of its own package."""
        found = re.match(r"from\s+([\w.]+)\s+(import\s.+)$", line) if self.house.relative else None
        package = self._package(path)
        if found is None or found.group(1).startswith(".") or not package or package[0] not in self.house.first_party:
            return line
        wanted = found.group(1).split(".")
        shared = next((n for n, (own, other) in enumerate(zip_longest(package, wanted)) if own != other), len(package))
        if not shared:
            return line
        return f"from {'.' * (len(package) - shared + 1)}{'.'.join(wanted[shared:])} {found.group(2)}"

    def _package(self, path: str) -> list[str]:
        """The package that dots in this file count from."""
        module = module_of(path, self.index).removesuffix(".__init__").split(".")
        return [p for p in (module if path.endswith("/__init__.py") else module[:-1]) if p]

    def _insert(self, text: str, file: _File, insertion: Insertion) -> str:
        match insertion.anchor:
            case "class":
                symbol = self.index.symbols(file.path).get(insertion.after)
                if symbol is None or text != file.before:
                    return self._insert_by_name(text, insertion)
                return insert_in_class(text, symbol, self.members[id(insertion)])
            case "line":
                try:
                    return insert_after_statement(text, insertion.after, insertion.line, self.statements[id(insertion)])
                except ValueError:
                    raise Unsupported(
                        f"the statement to imitate is not in {file.path} any more",
                        where=f"{file.path}:{insertion.line}",
                    ) from None
            case "replace":
                lines = text.splitlines(keepends=True)
                start = sum(map(len, lines[: max(0, insertion.line - 1)]))
                return text[:start] + text[start:].replace(insertion.after, insertion.text, 1)
            case "import":
                text = insert_import_beside(text, insertion.after, insertion.line, insertion.text)
                for name in insertion.exported.split():
                    text = add_to_all(text, name)
                return text
            case _:
                return text

    def _insert_by_name(self, text: str, insertion: Insertion) -> str:
        """For a second insertion into one file: the class is found again in the text as it is now."""
        facts = extract(insertion.path, text.encode(), "")
        index = FactIndex({insertion.path: facts})
        symbol = index.symbols(insertion.path).get(insertion.after)
        if symbol is None:
            raise Unsupported(f"the class {insertion.after} is not in {insertion.path} any more", where=insertion.path)
        return insert_in_class(text, symbol, self.members[id(insertion)])

    def _sorted(self, before: dict[str, str], after: dict[str, str]) -> dict[str, str]:
        """Imports sorted again in the files whose imports were sorted before: nobody else's disorder is touched."""
        options = {
            "line_length": self.house.line_length,
            "first_party": self.house.first_party,
            "target": self.house.target,
        }
        changed = {p: t for p, t in before.items() if after[p] != t and p.endswith(".py")}
        if not changed:
            return after
        states = {f"before/{p}": t for p, t in changed.items()} | {f"after/{p}": after[p] for p in changed}
        done = self.formatter.sort_imports(states, **options)  # type: ignore[arg-type]  # keywords of the port
        return {**after, **{p: done[f"after/{p}"] for p, t in changed.items() if done[f"before/{p}"] == t}}

    def _edit(self, file: _File, after: str) -> Edit:
        because = "; ".join(
            dict.fromkeys(
                [p.because for p in file.pieces]
                + [s.because for s in file.splices]
                + [i.because for i in file.insertions]
            )
        )
        summary = "; ".join(p.summary for p in file.pieces if p.summary)
        if file.before is not None:
            added = len(after.splitlines()) - len(file.before.splitlines())
            lines = "line" if abs(added) == 1 else "lines"
            summary = f"{added:+d} {lines}"
        like = next((p.like for p in file.pieces if p.like), "")
        return Edit(file.path, file.before, after, because, like if like != file.path else "", summary)


def split(draft: str) -> tuple[list[str], list[str], str]:
    """A formatted draft into its plain imports, its typing-only imports (one name a line) and the rest."""
    try:
        tree = ast.parse(draft)
    except SyntaxError as error:
        raise Unsupported(f"the new code is newer Python than this one reads: {error.msg}") from error
    plain: list[str] = []
    typing: list[str] = []
    end = 0
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            plain += singles(ast.unparse(node))
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            typing += [line for inner in node.body for line in singles(ast.unparse(inner))]
        else:
            break
        end = node.end_lineno or end
    plain = [p for p in plain if p != "from typing import TYPE_CHECKING" or not typing]
    return plain, typing, "\n".join(draft.splitlines()[end:]).strip("\n")


def singles(line: str) -> list[str]:
    """`from a import b, c` as two statements; anything else as it is."""
    found = re.match(r"from\s+(\S+)\s+import\s+(.+)", line)
    if not found or "#" in line:
        return [line]
    return [
        f"from {found.group(1)} import {name.strip()}" for name in found.group(2).strip("()").split(",") if name.strip()
    ]


def _used(line: str, text: str, before: str) -> bool:
    """Whether the new text needs what the import brings, and did not before."""
    name = line.rpartition(" ")[2].split(".")[-1]
    count = len(re.findall(rf"(?<![\w.]){re.escape(name)}(?!\w)", text))
    return count > len(re.findall(rf"(?<![\w.]){re.escape(name)}(?!\w)", before))
