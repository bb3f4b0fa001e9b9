"""The names of packages: which a registry takes, and when two are one."""

import re

from packaging.utils import canonicalize_name

from bot.packaging.registry import Registry

_LONGEST_CRATE = 64
_CRATE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PYTHON = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def mistake_in_name(registry: Registry, name: str) -> str | None:
    """Why the registry takes no package of this name, in words that follow it; None when it does.

    Sources: `validate_crate_name` in https://github.com/rust-lang/crates.io/blob/main/src/models/krate.rs, with
    https://doc.rust-lang.org/cargo/reference/manifest.html#the-name-field; and
    https://packaging.python.org/en/latest/specifications/name-normalization/#name-format for Python.
    """
    if registry is Registry.CRATES_IO:
        if len(name) > _LONGEST_CRATE:
            return f"is longer than the {_LONGEST_CRATE} characters that crates.io allows"
        fits = _CRATE.fullmatch(name)
        return None if fits else "must begin with a letter and hold nothing but ASCII letters, digits, `-` and `_`"
    fits = _PYTHON.fullmatch(name)
    return None if fits else "must hold nothing but ASCII letters, digits, `.`, `-` and `_`, and begin and end without"


def canonical(registry: Registry, name: str) -> str:
    """The form in which the registry compares names.

    crates.io takes `-` for `_` and capitals for small letters (`canon_crate_name` in the database of its server);
    PyPI takes every run of `-`, `_` and `.` for one `-`, too (PEP 503).
    """
    return name.lower().replace("_", "-") if registry is Registry.CRATES_IO else str(canonicalize_name(name))


def same_name(registry: Registry, one: str, other: str) -> bool:
    """Whether the registry takes two names for one."""
    return canonical(registry, one) == canonical(registry, other)
