"""What an editor asks, answered by the process that has the repository in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from backwright.app.residing import answered, root_of
from backwright.surfaces.lsp.spelling import diagnostics, edit, lens, range_of

SETTLING = 0.3  # seconds without a keystroke before a text is looked at
_KINDS = [types.CodeActionKind.QuickFix]


class Server(LanguageServer):
    """The language server of one workspace. Texts that are not saved go with each question."""

    def __init__(self, root: Path, version: str) -> None:
        super().__init__("backwright", version, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.root = root
        self.waiting: dict[str, asyncio.Task[None]] = {}

    def place(self, uri: str) -> tuple[Path, str] | None:
        """The repository of a document and its path in it; None for what is no file of one."""
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        file = Path(unquote(parts.path))
        top = Path(root_of(str(file.parent)) or self.root)
        try:
            return top, (file.parent.resolve() / file.name).relative_to(top.resolve()).as_posix()
        except (ValueError, OSError):
            return None

    def unsaved(self, root: Path) -> dict[str, str]:
        """The texts of the open documents of a repository."""
        out = {}
        for uri, document in self.workspace.text_documents.items():
            found = self.place(uri)
            if found is not None and found[0] == root:
                out[found[1]] = document.source
        return out

    async def asked(self, uri: str, question: str, **more: object) -> dict[str, Any]:
        """The answer about a document; nothing for what is no file of a repository. A problem is told in the log."""
        found = self.place(uri)
        if found is None:
            return {}
        root, path = found
        whole = {"ask": question, "path": path, "unsaved": self.unsaved(root), **more}
        answer = await asyncio.to_thread(answered, str(root), whole)
        if "problem" in answer:
            self.log(str(answer["problem"]))
            return {}
        return answer

    def log(self, text: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Warning, f"Backwright: {text}"))

    def document(self, uri: str) -> TextDocument:
        return self.workspace.get_text_document(uri)

    def look(self, uri: str, *, after: float = 0.0) -> None:
        """Look at a document in a moment, once however often that is asked meanwhile."""
        if (before := self.waiting.pop(uri, None)) is not None:
            before.cancel()
        self.waiting[uri] = asyncio.get_running_loop().create_task(self._look(uri, after))

    async def _look(self, uri: str, after: float) -> None:
        await asyncio.sleep(after)
        found, version = self.place(uri), self.document(uri).version
        answer = await self.asked(uri, "findings")
        if found is None or uri not in self.workspace.text_documents or self.document(uri).version != version:
            return  # closed, or written on: somebody looks again
        lines = self.document(uri).lines
        said = diagnostics(answer.get("findings", ()), found[0], lines, self.workspace.position_codec)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, said, version))


def build(root: Path, version: str) -> Server:
    """The server with all that it answers."""
    server = Server(root, version)
    _texts(server)
    _actions(server)
    _reading(server)
    return server


def _texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.look(params.text_document.uri, after=SETTLING)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(_: types.DidSaveTextDocumentParams) -> None:
        for uri in server.workspace.text_documents:  # what one file says of another may be new in both
            server.look(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if (waiting := server.waiting.pop(uri, None)) is not None:
            waiting.cancel()
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _actions(server: Server) -> None:
    options = types.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        out = []
        for said in params.context.diagnostics:
            data = said.data if isinstance(said.data, dict) else None
            if said.source != "backwright" or data is None:
                continue
            asked = {"uri": uri, "fingerprint": data.get("fingerprint"), "line": data.get("line")}
            if data.get("title"):
                safe = bool(data.get("safe"))
                words = str(data["title"]) if safe else f"{data['title']} (look at what it changes)"
                out.append(
                    types.CodeAction(words, types.CodeActionKind.QuickFix, [said], is_preferred=safe, data=asked)
                )
            ignoring = f"Ignore {said.code} here; write the reason behind it"
            out.append(types.CodeAction(ignoring, types.CodeActionKind.QuickFix, [said], data=asked | {"ignore": True}))
        return out

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolved(action: types.CodeAction) -> types.CodeAction:
        asked = action.data if isinstance(action.data, dict) else {}
        uri = str(asked.get("uri", ""))
        found = server.place(uri)
        more = {name: asked.get(name) for name in ("fingerprint", "line", "ignore")}
        answer = await server.asked(uri, "fix", **more)
        for reason in answer.get("refused", ()):
            server.log(f"not fixed: {reason}")
        if found is not None and answer.get("texts"):
            action.edit = types.WorkspaceEdit(changes=_changes(server, found[0], answer["texts"]))
        return action


def _changes(server: Server, root: Path, texts: dict[str, str]) -> dict[str, list[types.TextEdit]]:
    codec = server.workspace.position_codec
    out = {}
    for path, text in texts.items():
        uri = (root / path).as_uri()
        out[uri] = [edit(server.document(uri).source, text, codec)]
    return out


def _reading(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        uri = params.text_document.uri
        lines, codec = server.document(uri).lines, server.workspace.position_codec
        units = codec.position_from_client_units(lines, params.position)
        at = types.Position(units.line, units.character)
        answer = await server.asked(uri, "findings")
        here = [f for f in answer.get("findings", ()) if _is_in(at, range_of(f["span"]))]
        pages = [await server.asked(uri, "rule", rule=rule) for rule in dict.fromkeys(f["rule"] for f in here)]
        text = "\n\n---\n\n".join(str(page["markdown"]) for page in pages if "markdown" in page)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        found = server.place(uri)
        answer = await server.asked(uri, "routes")
        return [lens(way, found[0], found[1]) for way in answer.get("routes", ())] if found is not None else []


def _is_in(at: types.Position, where: types.Range) -> bool:
    return (where.start.line, where.start.character) <= (at.line, at.character) <= (where.end.line, where.end.character)
