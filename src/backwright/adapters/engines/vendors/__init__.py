"""Engines that are other coding agents: `<name>.toml` each, found by lying here."""

from __future__ import annotations

from functools import partial

from backwright.adapters.engines.vendors.engine import VendorEngine
from backwright.adapters.engines.vendors.profile import profiles

ENGINES = {name: partial(VendorEngine, name, profile) for name, profile in profiles().items()}
