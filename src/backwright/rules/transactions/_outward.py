"""Calls that go out of the process and wait for somebody else: other services, mail, models, sleep."""

from __future__ import annotations

import re

from backwright.core.facts import Expr
from backwright.kit.blocking import blocking, is_deferred
from backwright.kit.bodies import Body, Link, bodies
from backwright.kit.callgraph import Hop, Key, Reach, callgraph, shown
from backwright.kit.chains import mark_of, name_of, receiver_of
from backwright.kit.index import Definition, FactIndex
from backwright.kit.inference import inference

_VERBS = ("get", "post", "put", "patch", "delete", "head", "request", "send", "stream", "create", "generate", "parse")
_ASYNC_CLIENTS = frozenset(
    {"httpx.AsyncClient", "aiohttp.ClientSession", "aiohttp.client.ClientSession", "openai.AsyncOpenAI",
     "openai.AsyncAzureOpenAI", "anthropic.AsyncAnthropic"}
)  # fmt: skip
_FUNCTIONS = {
    "asyncio.sleep": "sleeps",
    "aiosmtplib.send": "sends mail",
    "django.core.mail.send_mail": "sends mail",
    "django.core.mail.send_mass_mail": "sends mail",
    "django.core.mail.mail_admins": "sends mail",
    **{f"stripe.{kind}.{verb}": "asks Stripe" for kind in
       ("Charge", "Customer", "PaymentIntent", "Refund", "Subscription", "Invoice", "checkout.Session", "SetupIntent",
        "PaymentMethod", "Price", "Product")
       for verb in ("create", "modify", "retrieve", "delete", "cancel", "confirm", "capture", "list", "create_async")},
}  # fmt: skip
_NEAR = re.compile(
    r"redis|cache|elastic|opensearch|memcache|^socket\.", re.IGNORECASE
)  # as fast as the database itself
_LATER = re.compile(
    r"task|job|actor|on_commit|after_commit|background|cached|cache|lru|retry_later|receiver", re.IGNORECASE
)
_WAITS = {
    "http": "asks another service",
    "service": "asks another service",
    "process": "runs a process",
    "sleep": "sleeps",
}


class Outward:
    """The outward calls of one project by the function they stand in, and which functions lead to one."""

    def __init__(self, index: FactIndex) -> None:
        self.index = index
        self.inference = inference(index)
        self.calls: dict[Key, list[tuple[Expr, Hop]]] = {}
        for key, waits in blocking(index).calls.items():
            for wait in waits:
                if wait.what in _WAITS and not self._is_near(wait.body, wait.link):
                    self._keep(key, wait.body, wait.link, _WAITS[wait.what])
        for link in bodies(index).called({*_VERBS, *(name.rpartition(".")[2] for name in _FUNCTIONS)}):
            what = self._what(link)
            if what and not is_deferred(link.body, link.expr.loc):
                self._keep(link.body.key, link.body, link.expr, what)
        self.reach = Reach(callgraph(index), {k: v[0][1] for k, v in self.calls.items()}, _runs_here)

    def _is_near(self, body: Body, link: Expr) -> bool:
        """Whether it asks what is as fast as the database itself."""
        receiver = receiver_of(link)
        found = self.inference.of(body.path, body.scope, receiver) if receiver is not None else None
        return bool(_NEAR.search(shown(link)) or (found is not None and _NEAR.search(found.origin)))

    def _keep(self, key: Key, body: Body, link: Expr, what: str) -> None:
        hop = Hop(body.path, link.loc, f"`{shown(link)}` {what}")
        self.calls.setdefault(key, []).append((link, hop))

    def _what(self, link: Link) -> str:
        dotted = link.expr.parts[0].dotted()
        origin = self.inference.origin(link.body.path, dotted) if dotted and "()" not in dotted else ""
        if origin in _FUNCTIONS:
            given = link.expr.positional()
            return "" if origin == "asyncio.sleep" and given and given[0].text == "0" else _FUNCTIONS[origin]
        receiver: Expr | None = receiver_of(link.expr) if name_of(link.expr) in _VERBS else None
        while receiver is not None:
            found = self.inference.of(link.body.path, link.body.scope, receiver)
            if found is not None:
                return "asks another service" if found.origin in _ASYNC_CLIENTS and not found.itself else ""
            receiver = receiver.parts[0] if receiver.kind == "attribute" and receiver.parts else None
        return ""


def _runs_here(target: Definition) -> bool:
    """Tasks of a queue and what is decorated to run elsewhere or later are not run by calling them."""
    decorators = {mark_of(d) for d in target.symbol.decorators}
    return not any(_LATER.search(name) for name in decorators)


def outward(index: FactIndex) -> Outward:
    """The outward calls of this project, found once."""
    return index.derived(Outward)
