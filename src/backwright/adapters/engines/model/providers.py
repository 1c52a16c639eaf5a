"""From `provider:name` to a model that can be asked; the library that knows the providers is imported here first."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from backwright.adapters.engines.workplace import Chosen
from backwright.core.errors import NeedsPerson, ToolMissing, UsageError

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.providers import Provider

_EXTRA = "pip install 'backwright[model]'"
# Servers that speak OpenAI's protocol on the user's own machine, where the library knows no default address.
_LOCAL = {"llamacpp": "http://127.0.0.1:8080/v1", "ollama": "http://127.0.0.1:11434/v1"}
_OPENAI = ("openai", "openai-chat")
_COMPATIBLE = ("llamacpp", "compatible")
_KEY = "BACKWRIGHT_API_KEY"  # for servers that have no variable of their own: a provider's key is not sent to others


def open_model(chosen: Chosen) -> Model:
    """The model, not yet asked. Its key is what the provider's own environment variable holds.

    Raises `ToolMissing` without the extra `model`, `UsageError` for a name that nobody knows, `NeedsPerson` without a key.
    """
    if not chosen.provider or not chosen.name:
        hints = ("for example anthropic:NAME, openai:NAME, google:NAME, ollama:NAME, llamacpp:NAME",)
        raise UsageError(f"`{chosen.model}` does not name a provider and a model", where="agent.model", hints=hints)
    try:
        from openai import OpenAIError
        from pydantic_ai.exceptions import UserError
        from pydantic_ai.models import infer_model
    except ImportError as error:
        raise ToolMissing("talking to a model needs the extra `model`", hints=(_EXTRA,)) from error
    base_url = chosen.base_url or _LOCAL.get(chosen.provider, "")
    if chosen.provider in _COMPATIBLE and not base_url:
        raise NeedsPerson("which server is meant?", where=chosen.model, hints=("set agent.base-url",))
    try:
        if chosen.provider in _COMPATIBLE:
            return infer_model(f"openai-chat:{chosen.name}", lambda _: _compatible(base_url))
        if base_url:  # behind an address of one's own there is the protocol that all servers speak
            kind = "openai-chat" if chosen.provider in _OPENAI else chosen.provider
            return infer_model(f"{kind}:{chosen.name}", lambda provider: _at(provider, base_url))
        return infer_model(chosen.model)
    except ImportError as error:
        raise ToolMissing(f"{chosen.provider} needs another package: {_first(error)}", hints=(_EXTRA,)) from error
    except UserError as error:
        if "nknown" in str(error):
            raise UsageError(_first(error), where="agent.model") from error
        raise NeedsPerson(_first(error), where="agent.model") from error
    except (ValueError, TypeError) as error:
        raise UsageError(f"{chosen.model}: {_first(error)}", where="agent.model") from error
    except OpenAIError as error:  # so says OpenAI's own library that a key is there and empty
        raise NeedsPerson(_first(error), where="agent.model") from error


def host_of(model: Model) -> str:
    """The host that the model is asked at, with its port where it says one."""
    return urlsplit(model.base_url or "").netloc.rpartition("@")[2] or "an address that its library chooses"


def _at(provider: str, base_url: str) -> Provider[Any]:
    from pydantic_ai.providers import infer_provider_class

    kind: Any = infer_provider_class(provider)
    made: Provider[Any] = kind(base_url=base_url)
    return made


def _compatible(base_url: str) -> Provider[Any]:
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    return OpenAICompatibleProvider("compatible", base_url=base_url, api_key=os.environ.get(_KEY))


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
