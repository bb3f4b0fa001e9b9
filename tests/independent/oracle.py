"""The independent GitHub of the shared data, loaded from where it is and given the running loop's clock.

Its code is neither copied nor changed: only the names by which its modules ask what time it is are patched, and what
each GitHub reads anew is read once for each process.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import jwt.api_jwt
import yaml

from tests.virtual_time import VirtualClock

WITH_A_CLOCK = ("git_http", "minigithub", "rest", "graph")


class _EveryDatetime(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class LoopDatetime(metaclass=_EveryDatetime):
    """Stands for `datetime` in PyJWT, which asks it whether a token has begun and not yet ended."""

    @staticmethod
    def now(tz: tzinfo | None = None) -> datetime:
        return VirtualClock().now().astimezone(tz)


class _Os:
    """Stands for `os` where git is run: commits are made at the loop's time."""

    @property
    def environ(self) -> dict[str, str]:
        stamp = VirtualClock().now().isoformat(timespec="seconds")
        return {**os.environ, "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}


@cache
def load(shared: Path) -> ModuleType:
    """The module `minigithub`; its siblings are imported by plain names, as it does itself."""
    folder = str(shared / "oracle")
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module("minigithub")
        graph: Any = importlib.import_module("graph")
        workflows: Any = importlib.import_module("workflows")
    finally:
        sys.path.remove(folder)
    # One and a half megabytes, the same each time; and a dozen files, read at each push.
    graph.build_schema = cache(graph.build_schema)
    workflows.yaml = SimpleNamespace(safe_load=cache(yaml.safe_load), YAMLError=yaml.YAMLError)
    return module


@contextmanager
def in_virtual_time() -> Iterator[None]:
    """As long as this lasts, the oracle tells the running loop's time."""
    now, stamp = (lambda: VirtualClock().now().replace(microsecond=0)), (lambda: VirtualClock().now().timestamp())
    patches: list[Any] = [patch.object(sys.modules[name], "now", now) for name in WITH_A_CLOCK]
    patches += [patch.object(sys.modules[name], "time", SimpleNamespace(time=stamp)) for name in ("minigithub", "rest")]
    patches.append(patch.object(sys.modules["git_http"], "os", _Os()))
    patches.append(patch.object(jwt.api_jwt, "datetime", LoopDatetime))
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()
