"""The language server, driven by a real client library over standard streams."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

SAMPLE = Path(__file__).parents[2] / "repos" / "shop_layered"
_WAITING = """

async def wait(name: str) -> None:
    time.sleep(1)
"""
_QUERY = """

async def found(session: AsyncSession, name: str) -> object:
    return await session.execute(text(f"SELECT * FROM categories WHERE name = '{name}'"))
"""
_BEFORE = "import time\n\nfrom sqlalchemy import text\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository whose resident ends with the test."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    root = tmp_path / "shop"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns(".venv", "__pycache__"))
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(root))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "shop")):
        subprocess.run([*git, *command], check=True)
    yield root
    shutil.rmtree(root)  # the resident looks, and goes


class Editor:
    """What an editor does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("editor", "1")
        self.said: dict[str, list[types.Diagnostic]] = {}
        self.news = asyncio.Event()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def told(params: types.PublishDiagnosticsParams) -> None:
            self.said[params.uri] = list(params.diagnostics)
            self.news.set()

    async def begin(self) -> None:
        argv = ["-m", "backwright.surfaces.cli", "-C", str(self.root), "serve", "lsp"]
        await self.client.start_io(sys.executable, *argv, env=dict(os.environ))
        capabilities = types.ClientCapabilities()
        params = types.InitializeParams(capabilities, process_id=os.getpid(), root_uri=self.root.as_uri())
        answer = await self.client.initialize_async(params)
        assert answer.server_info is not None
        assert answer.server_info.name == "backwright"
        self.client.initialized(types.InitializedParams())

    async def end(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()  # type: ignore[no-untyped-call]

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(path), "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def write(self, path: str, text: str, version: int) -> None:
        where = types.VersionedTextDocumentIdentifier(version, self.uri(path))
        changes: list[Any] = [types.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(where, changes))

    async def until(self, path: str, holds: Callable[[set[str]], bool]) -> list[types.Diagnostic]:
        """The diagnostics of a file once their codes are as wanted."""
        async with asyncio.timeout(60):
            while (
                not holds({str(d.code) for d in self.said.get(self.uri(path), [])}) or self.uri(path) not in self.said
            ):
                self.news.clear()
                await self.news.wait()
        return self.said[self.uri(path)]


def driven(root: Path, steps: Callable[[Editor], Awaitable[None]]) -> None:
    async def whole() -> None:
        editor = Editor(root)
        await editor.begin()
        try:
            await steps(editor)
        finally:
            await editor.end()

    asyncio.run(whole())


def test_a_text_is_looked_at_while_it_is_written(shop: Path) -> None:
    """Open, edit, diagnostics, code action: nothing of it is saved."""
    path = "app/services/category.py"
    text = (shop / path).read_text()
    broken = _BEFORE + text + _WAITING + _QUERY

    async def steps(editor: Editor) -> None:
        editor.open(path, text)
        assert await editor.until(path, lambda codes: True) == []
        editor.write(path, broken, 2)
        said = await editor.until(path, lambda codes: {"BW601", "BW301"} <= codes)
        query = next(d for d in said if d.code == "BW301")
        assert query.severity == types.DiagnosticSeverity.Error
        lines = broken.splitlines()
        assert "session.execute" in lines[query.range.start.line]

        where = types.TextDocumentIdentifier(editor.uri(path))
        params = types.CodeActionParams(where, query.range, types.CodeActionContext([query]))
        offered = await editor.client.text_document_code_action_async(params) or []
        fix = next(a for a in offered if isinstance(a, types.CodeAction) and "Ignore" not in a.title)
        made = await editor.client.code_action_resolve_async(fix)
        assert made.edit is not None
        assert made.edit.changes is not None
        (change,) = made.edit.changes[editor.uri(path)]
        fixed = _applied(broken, change)
        assert ":name" in fixed
        assert 'f"SELECT' not in fixed
        editor.write(path, fixed, 3)
        await editor.until(path, lambda codes: "BW301" not in codes and "BW601" in codes)

        silence = next(a for a in offered if isinstance(a, types.CodeAction) and "Ignore" in a.title)
        editor.write(path, broken, 4)
        await editor.until(path, lambda codes: "BW301" in codes)
        made = await editor.client.code_action_resolve_async(silence)
        assert made.edit is not None
        assert made.edit.changes is not None
        (change,) = made.edit.changes[editor.uri(path)]
        assert "# bw: ignore[BW301]" in _applied(broken, change)

        editor.write(path, text, 5)
        assert await editor.until(path, lambda codes: not codes) == []

    driven(shop, steps)
    assert (shop / path).read_text() == text


def test_a_rule_is_explained_where_it_speaks(shop: Path) -> None:
    path = "app/services/category.py"
    text = "import time\n" + (shop / path).read_text() + _WAITING

    async def steps(editor: Editor) -> None:
        editor.open(path, text)
        said = await editor.until(path, lambda codes: "BW601" in codes)
        where = types.TextDocumentIdentifier(editor.uri(path))
        hover = await editor.client.text_document_hover_async(types.HoverParams(where, said[0].range.start))
        assert hover is not None
        assert isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.value.startswith("# BW601 blocking-call-in-async")
        nowhere = await editor.client.text_document_hover_async(types.HoverParams(where, types.Position(0, 0)))
        assert nowhere is None

    driven(shop, steps)


def test_routes_say_where_they_lead(shop: Path) -> None:
    path = "app/api/routes/categories.py"

    async def steps(editor: Editor) -> None:
        editor.open(path, (shop / path).read_text())
        params = types.CodeLensParams(types.TextDocumentIdentifier(editor.uri(path)))
        found = await editor.client.text_document_code_lens_async(params) or []
        titles = [lens.command.title for lens in found if lens.command is not None]
        assert any(
            title.startswith("GET ")
            and "→ CategoryService.list_page → CategoryRepository.list_page → categories" in title
            for title in titles
        ), titles
        assert all("statement" in title for title in titles)

    driven(shop, steps)


def test_what_is_no_source_is_left_alone(shop: Path, tmp_path: Path) -> None:
    outside = tmp_path / "alone.py"
    outside.write_text("import time\n" + _WAITING)

    async def steps(editor: Editor) -> None:
        editor.open("README.md", "# Shop")
        assert await editor.until("README.md", lambda codes: True) == []
        item = types.TextDocumentItem("untitled:Untitled-1", "python", 1, _WAITING)
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        editor.open(str(outside), outside.read_text())
        params = types.CodeLensParams(types.TextDocumentIdentifier(outside.as_uri()))
        assert not await editor.client.text_document_code_lens_async(params)

    driven(shop, steps)


def _applied(text: str, change: Any) -> str:
    lines = text.splitlines(keepends=True)
    first, last = change.range.start, change.range.end
    before = "".join(lines[: first.line]) + (lines[first.line][: first.character] if first.line < len(lines) else "")
    after = (lines[last.line][last.character :] if last.line < len(lines) else "") + "".join(lines[last.line + 1 :])
    return before + str(change.new_text) + after
