"""Which calls make a thread wait: sleeping, synchronous clients of other services, processes, synchronous databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backwright.core.facts import Expr, Loc
from backwright.kit.bodies import Body, Link, bodies, inside, walk
from backwright.kit.callgraph import Hop, Reach, callgraph, shown
from backwright.kit.chains import mark_of, name_of, receiver_of
from backwright.kit.database import BUILDING, DbCall, database
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import Inference, inference

Waits = Literal["sleep", "http", "process", "database", "service", "file"]

_HTTP = ("get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "urlopen")
_FUNCTIONS: dict[str, Waits] = {
    "time.sleep": "sleep",
    **{f"{package}.{name}": "http" for package in ("requests", "httpx") for name in _HTTP[:8]},
    "urllib.request.urlopen": "http",
    "urllib.request.urlretrieve": "http",
    **dict.fromkeys(
        ("subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "os.system",
         "subprocess.getoutput", "subprocess.getstatusoutput"),
        "process",
    ),
    **{f"socket.{name}": "service" for name in ("create_connection", "gethostbyname", "getaddrinfo", "gethostbyaddr")},
    **{f"shutil.{name}": "file" for name in ("copyfileobj", "copytree", "rmtree", "make_archive", "unpack_archive")},
    **{f"openai.{name}.create": "http" for name in ("ChatCompletion", "Completion", "Embedding", "Image")},
    "psycopg2.connect": "database",
    "pymysql.connect": "database",
    "MySQLdb.connect": "database",
    "mysql.connector.connect": "database",
}  # fmt: skip
_REDIS = (
    *("get", "set", "setex", "setnx", "mget", "mset", "delete", "incr", "incrby", "decr", "expire", "exists", "ttl"),
    *("hget", "hset", "hgetall", "hdel", "hmget", "lpush", "rpush", "lpop", "rpop", "lrange", "sadd", "srem"),
    *("smembers", "sismember", "publish", "ping", "keys", "scan", "zadd", "zrange", "blpop", "brpop", "eval"),
)
_MONGO = (
    *("find_one", "insert_one", "insert_many", "update_one", "update_many", "delete_one", "delete_many"),
    *("aggregate", "count_documents", "replace_one", "find_one_and_update"),
)
_METHODS: dict[str, tuple[Waits, tuple[str, ...]]] = {
    "requests.Session": ("http", _HTTP),
    "requests.sessions.Session": ("http", _HTTP),
    "httpx.Client": ("http", _HTTP),
    "urllib3.PoolManager": ("http", ("request", "urlopen")),
    "redis.Redis": ("service", _REDIS),
    "redis.StrictRedis": ("service", _REDIS),
    "redis.client.Redis": ("service", _REDIS),
    "smtplib.SMTP": ("service", ("sendmail", "send_message", "login", "starttls", "connect")),
    "smtplib.SMTP_SSL": ("service", ("sendmail", "send_message", "login", "connect")),
    "pymongo.collection.Collection": ("database", _MONGO),
}
_AWS = (
    *(
        "put_object",
        "get_object",
        "upload_file",
        "upload_fileobj",
        "download_file",
        "download_fileobj",
        "list_objects_v2",
    ),
    *(
        "list_objects",
        "head_object",
        "delete_object",
        "delete_objects",
        "copy_object",
        "send_message",
        "receive_message",
    ),
    *("publish", "invoke", "invoke_model", "converse", "get_secret_value", "get_parameter", "send_email", "put_item"),
    *("get_item", "scan", "query", "update_item", "delete_item", "batch_write_item", "describe_instances"),
)
# Clients whose calls hang on attributes: `client.chat.completions.create(…)`.
_CLIENTS: dict[str, tuple[Waits, tuple[str, ...]]] = {
    "boto3.client": ("service", _AWS),
    "boto3.resource": ("service", _AWS),
    "openai.OpenAI": ("http", ("create", "generate", "edit", "retrieve", "upload", "parse", "stream")),
    "openai.AzureOpenAI": ("http", ("create", "generate", "edit", "retrieve", "upload", "parse", "stream")),
    "anthropic.Anthropic": ("http", ("create", "stream", "count_tokens")),
    "google.cloud.storage.Client": ("service", ("get_bucket", "list_blobs", "create_bucket")),
    "elasticsearch.Elasticsearch": (
        "service",
        ("search", "index", "get", "delete", "bulk", "update", "count", "create"),
    ),
    "opensearchpy.OpenSearch": ("service", ("search", "index", "get", "delete", "bulk", "update", "count", "create")),
    "paramiko.SSHClient": ("service", ("connect", "exec_command", "open_sftp")),
    "pika.BlockingConnection": ("service", ("channel", "process_data_events")),
    "twilio.rest.Client": ("http", ("create", "fetch", "list")),
    "exa_py.Exa": ("http", ("search", "get_contents", "search_and_contents", "find_similar", "answer")),
    "tavily.TavilyClient": ("http", ("search", "extract", "crawl", "map", "qna_search")),
    "jwt.PyJWKClient": ("http", ("get_signing_key_from_jwt", "get_signing_key", "get_signing_keys", "fetch_data")),
    "slack_sdk.WebClient": (
        "http",
        ("chat_postMessage", "api_call", "users_info", "conversations_list", "files_upload_v2"),
    ),
    "minio.Minio": (
        "service",
        ("put_object", "get_object", "fput_object", "fget_object", "remove_object", "bucket_exists"),
    ),
    "qdrant_client.QdrantClient": ("service", ("search", "query_points", "upsert", "scroll", "retrieve", "delete")),
    "groq.Groq": ("http", ("create",)),
    "cohere.Client": ("http", ("chat", "embed", "rerank", "generate")),
    "docker.from_env": ("service", ("get", "list", "run", "pull", "build", "create", "start", "stop")),
    "docker.DockerClient": ("service", ("get", "list", "run", "pull", "build", "create", "start", "stop")),
}
# Drivers that wait. Those of the same names for coroutines live in other packages.
_DRIVERS = frozenset({"psycopg2", "pymysql", "MySQLdb", "mysql", "sqlite3"})
# These wait only where they are told how long to watch.
_WATCHING = frozenset({"psutil.cpu_percent", "psutil.cpu_times_percent"})
_NAMES = tuple(
    {name.rpartition(".")[2] for name in (*_FUNCTIONS, *_WATCHING)}
    | {n for _, names in (*_METHODS.values(), *_CLIENTS.values()) for n in names}
)


@dataclass(frozen=True)
class Wait:
    """A call that makes its thread wait. `what` says for what."""

    body: Body
    link: Expr
    what: Waits

    @property
    def shown(self) -> str:
        return shown(self.link)

    def hop(self) -> Hop:
        return Hop(self.body.path, self.link.loc, f"`{self.shown}` waits")


class Blocking:
    """The waiting calls of one project by the function they stand in; those in lambdas run elsewhere and are left out."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference: Inference = inference(index)
        self.graph = callgraph(index)
        self.calls: dict[tuple[str, str], list[Wait]] = {}
        self._by_place: dict[tuple[str, int], Waits] = {}
        for link in bodies(index).called(_NAMES):
            what = None if link.call.awaited else self._waits(link)
            if what is not None:
                self._keep(Wait(link.body, link.expr, what))
        for found in database(index).calls.values():
            for call in found:
                if self._is_sync(call):
                    self._keep(Wait(call.body, call.link, "database"))
        self.reach = Reach(self.graph, {k: v[0].hop() for k, v in self.calls.items()}, _runs_at_once)

    def _keep(self, wait: Wait) -> None:
        if not is_deferred(wait.body, wait.link.loc):
            self.calls.setdefault(wait.body.key, []).append(wait)
            self._by_place[wait.body.path, wait.link.loc.start] = wait.what

    def what(self, site: Hop) -> Waits:
        """What the call at the end of a chain waits for."""
        return self._by_place[site.path, site.loc.start]

    def _waits(self, link: Link) -> Waits | None:
        dotted = link.expr.parts[0].dotted()
        origin = self.inference.origin(link.body.path, dotted) if dotted and "()" not in dotted else ""
        if origin in _FUNCTIONS:
            return None if origin == "time.sleep" and _is_zero(link.expr) else _FUNCTIONS[origin]
        if origin in _WATCHING:
            watched = link.expr.keyword("interval") or next(iter(link.expr.positional()), None)
            return "sleep" if watched is not None and watched.text not in {"0", "None"} else None
        receiver = receiver_of(link.expr)
        if receiver is None:
            return None
        if (what := self._by_client(link, receiver)) is not None:
            return what
        found = self.inference.of(link.body.path, link.body.scope, receiver)
        if found is None or found.itself:
            return None
        origins = {found.origin}
        if found.definition is not None:
            origins |= self.index.root_bases(found.definition)
        for name in origins & _METHODS.keys():
            what, methods = _METHODS[name]
            if name_of(link.expr) in methods:
                return what
        return None

    def _by_client(self, link: Link, receiver: Expr) -> Waits | None:
        """A call that hangs on a client made here or held: `self.s3.put_object(…)`, `client.chat.completions.create(…)`."""
        node: Expr | None = receiver
        while node is not None:
            found = self.inference.of(link.body.path, link.body.scope, node)
            if found is not None:
                known = _CLIENTS.get(found.origin)
                return known[0] if known is not None and name_of(link.expr) in known[1] else None
            node = node.parts[0] if node.kind == "attribute" and node.parts else None
        return None

    def _is_sync(self, call: DbCall) -> bool:
        """A statement on a synchronous session or connection, known by its type, or on a manager of Django."""
        if call.call.awaited or call.family == "change" or _is_managed(call):
            return False
        if call.kind == "manager":
            if call.method in BUILDING and call.body.symbol is not None and call.body.symbol.is_async:
                return False  # `async for` walks over it without waiting
            return ".objects." in f"{call.link.parts[0].dotted()}." and not call.method.startswith("a")
        receiver = receiver_of(call.link)
        found = self.inference.of(call.body.path, call.body.scope, receiver) if receiver is not None else None
        if found is None:
            return False
        origins = {found.origin}
        if found.definition is not None:
            origins |= self.index.root_bases(found.definition)
        if any("async" in o.lower() or "aio" in o.lower() for o in origins):
            return False
        return any(
            (o.rpartition(".")[2] == "Session" and o.partition(".")[0] in {"sqlalchemy", "sqlmodel"})
            or o.partition(".")[0] in _DRIVERS
            for o in origins
        )


def _is_managed(call: DbCall) -> bool:
    """`async with session.begin()`, `async for row in connection.execute(…)`: what enters or walks it awaits it."""
    return call.method in {"begin", "stream", "stream_scalars"}


def _is_zero(link: Expr) -> bool:
    return [p.text for p in link.positional()] == ["0"]


def _runs_at_once(target: Definition) -> bool:
    """Calling a coroutine or a generator function runs nothing of it; what is decorated may run elsewhere."""
    decorators = {mark_of(d) for d in target.symbol.decorators}
    return not target.symbol.is_async and decorators <= {"staticmethod", "classmethod", "override", "overload", "wraps"}


def is_deferred(body: Body, loc: Loc) -> bool:
    """Whether a place is inside a `lambda`: it runs when and where that is called."""
    for top in body.expressions():
        if inside(loc, top.loc):
            return any(e.kind == "lambda" and inside(loc, e.loc) and e.loc != loc for e in walk(top))
    return False


def waits_of(blocking: Blocking, body: Body) -> Iterator[tuple[Wait | None, Expr, tuple[Hop, ...]]]:
    """The waiting calls of a body, then its calls that lead to one through functions that run at once."""
    own = blocking.calls.get(body.key, [])
    yield from ((wait, wait.link, ()) for wait in own)
    for call in body.calls:
        if call.awaited or call.expr.parts[0].kind not in {"name", "attribute"}:
            continue
        way = blocking.reach.through(body, call.expr)
        if way is not None and not is_deferred(body, call.loc):
            yield None, call.expr, way


def blocking(index: FactIndex) -> Blocking:
    """The waiting calls of this project, found once."""
    return index.derived(Blocking)
