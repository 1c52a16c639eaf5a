"""Files that TypeScript and JavaScript write: by the modules of Node, by what uploads are moved and kept with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backwright.core.facts import Expr
from backwright.kit.aside import Serving
from backwright.kit.bodies import Body, Link, bodies, inside, walk
from backwright.kit.chains import argument, name_of, receiver_of
from backwright.kit.index import FactIndex
from backwright.kit.inference import inference

WRITING = (
    "writeFile",
    "writeFileSync",
    "appendFile",
    "appendFileSync",
    "createWriteStream",
    "outputFile",
    "outputFileSync",
    "writeJson",
    "writeJSON",
    "outputJson",
    "mv",
)
REMOVING = frozenset({"unlinkSync", "rm", "rmSync", "removeSync", "rimraf", "unlinkAsync"})
_GONE = REMOVING | {"unlink", "remove"}
_MODULES = re.compile(r"^(node:)?fs(/promises)?\.|^fs-extra\.|^graceful-fs\.")
_PASSING = re.compile(r"te?mp|cache", re.IGNORECASE)
_CHOSEN = re.compile(r"(^|\.)(env|config\w*|settings|options)(\.|$)", re.IGNORECASE)  # it may be a volume
_KEEPING = ("multer", "diskStorage", "FileInterceptor", "FilesInterceptor", "FileFieldsInterceptor")
# Where one of these is imported, what lies on the disk is on its way.
_ELSEWHERE = re.compile(
    r"^(cloudinary|aws-sdk|@aws-sdk/.*|@google-cloud/storage|@azure/.*|minio|firebase-admin.*|multer-.+|@supabase/.*|imagekit|"
    r"@vercel/blob|ipfs.*|@uploadcare/.*|uploadthing.*|@pinata/.*|pdf-parse|csv-parse.*|csv-parser|xlsx|csvtojson|openai)(/.*)?$"
)


def path(index: FactIndex, body: Body, link: Expr) -> Expr | None:
    """The path that a call writes to, None where it writes none or the environment says where."""
    given, receiver = link.positional(), receiver_of(link)
    if not given or any(_CHOSEN.search(e.dotted()) for e in walk(given[0])):
        return None
    if name_of(link) == "mv":  # `req.files.photo.mv(path)`, or of a variable that holds one
        held = [receiver, *(a.value for a in body.targets().get(receiver.dotted(), ()))] if receiver is not None else []
        sent = any(e.dotted().endswith(("req.files", "request.files")) for value in held for e in walk(value))
        return given[0] if sent else None
    origin = inference(index).origin(body.path, link.parts[0].dotted())
    return given[0] if _MODULES.match(origin) else None


def kept(index: FactIndex, serving: Serving) -> Iterator[tuple[Body, Expr, Expr]]:
    """Where uploads are kept on the disk by a library, each with the folder; nothing where they go on from there."""
    files = [p for p in index.files if index.files[p].language == "typescript" and p in serving]
    if any(_ELSEWHERE.match(i.module) for p in files for i in index.imports(p)):
        return
    if any(link.body.path in serving and _removes(index, link) for link in bodies(index).called(_GONE)):
        return
    for link in bodies(index).called(_KEEPING):
        if link.body.path in serving and (folder := _folder(index, link.body, link.expr)) is not None:
            yield link.body, link.expr, folder


def _removes(index: FactIndex, link: Link) -> bool:
    """Whether a call removes a file; rows are `remove`d too."""
    origin = inference(index).origin(link.body.path, link.expr.parts[0].dotted())
    return name_of(link.expr) != "remove" or _MODULES.match(origin) is not None


def _folder(index: FactIndex, body: Body, link: Expr) -> Expr | None:
    """What uploads are kept in: a text, or what the function for it gives to its callback."""
    origin = inference(index).origin(body.path, link.parts[0].dotted()).replace(".default", "")
    if not origin.startswith(("multer", "@nestjs/platform-express.")):
        return None
    folder = argument(link, "destination" if origin == "multer.diskStorage" else "dest")
    if folder is None:
        return None
    inner = (c.expr for b in bodies(index).by_path[body.path].values() for c in b.calls if inside(c.loc, folder.loc))
    said = [e for expr in (folder, *inner) for e in walk(expr)]
    if any(_CHOSEN.search(e.dotted()) for e in said) or any(_PASSING.search(e.text) for e in said):
        return None
    return next((e for e in said if e.kind in {"string", "interpolation"}), None)
