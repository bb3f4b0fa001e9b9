"""What a step of cibuildwheel builds, from its selectors: `CIBW_BUILD`, `CIBW_SKIP`, `CIBW_ARCHS` and pyproject.toml.

Options: https://cibuildwheel.pypa.io/en/stable/options/. Which interpreters it builds for by itself depends on its
version, so they are told only where the selectors name each of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.packaging.platforms import keys_of, of_cibuildwheel
from bot.packaging.runners import Host
from bot.plan.manifests.toml import table
from bot.plan.matrix import substituted
from bot.plan.workflows import action_of, inputs_of

_ACTION = "pypa/cibuildwheel"
_RUN = re.compile(r"(?:^|[\s;&|])(?:python3?\s+-m\s+|pipx\s+run\s+|uvx\s+)?cibuildwheel\b(?!==)", re.MULTILINE)
_INTERPRETERS = (*(f"cp3{minor}" for minor in range(6, 16)), "cp313t", "cp314t", "cp315t")
_NAMED = re.compile(r"(?:cp|pp|gp)\d+t?")
_MOST_PATTERNS = 200
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Built:
    """What one step builds."""

    keys: frozenset[str] = frozenset()
    interpreters: frozenset[str] = frozenset()
    """Those that each key gets a wheel for; empty when the selectors do not name them."""


def is_cibuildwheel(step: Mapping[str, Any]) -> bool:
    """Whether the step runs cibuildwheel, as an action or as a command."""
    if action_of(step) == _ACTION:
        return True
    return any(_RUN.search(line) and "install" not in line for line in str(step.get("run") or "").splitlines())


def built_by_cibuildwheel(
    workflow: Mapping[str, Any],
    job: Mapping[str, Any],
    step: Mapping[str, Any],
    host: Host | None,
    matrix: Mapping[str, Any],
    pyproject: Mapping[str, Any],
) -> Built:
    """The wheels of one step in one combination of its matrix; nothing when something in it is computed."""
    options = _Options(workflow, job, step, matrix, pyproject)
    only = substituted(str(inputs_of(step).get("only", "")), matrix)
    if only:
        interpreter, _, platform = only.partition("-")
        keys = frozenset(of_cibuildwheel(platform) or ())
        return Built(keys, frozenset({interpreter}) if keys and interpreter.startswith("cp") else frozenset())
    system = _system(options, host)
    builds, skips = _patterns(options.value("build")) or ["*"], _patterns(options.value("skip"))
    native = host.architecture if host else None
    architectures = list(_architectures(options.archs(system or ""), native, system or "", _major(step)))
    if system is None or options.is_computed or None in architectures:
        return Built()
    found: dict[str, set[str]] = {}
    for platform in _platforms(system, architectures):
        for interpreter in _INTERPRETERS:
            identifier = f"{interpreter}-{platform}"
            if _matches(identifier, builds) and not _matches(identifier, skips):
                for key in of_cibuildwheel(platform) or ():
                    found.setdefault(key, set()).add(interpreter)
    named = all(_NAMED.fullmatch(pattern.partition("-")[0]) for pattern in builds)
    shared = frozenset.intersection(*map(frozenset, found.values())) if found and named else frozenset()
    return Built(frozenset(found), shared)


class _Options:
    """cibuildwheel's options: the environment wins over pyproject.toml, the step's over the job's."""

    def __init__(
        self,
        workflow: Mapping[str, Any],
        job: Mapping[str, Any],
        step: Mapping[str, Any],
        matrix: Mapping[str, Any],
        pyproject: Mapping[str, Any],
    ) -> None:
        self._env = {**table(workflow.get("env")), **table(job.get("env")), **table(step.get("env"))}
        self._matrix = matrix
        self._file = table(pyproject, "tool", "cibuildwheel")
        self.is_computed = False
        """Whether an option that was asked for is an expression that only a run can tell."""

    def value(self, name: str) -> str:
        """An option for every platform."""
        return self._said(f"CIBW_{name.upper()}") or _text(self._file.get(name))

    def archs(self, system: str) -> str:
        """The architectures for one system."""
        named = self._said(f"CIBW_ARCHS_{system.upper()}") or self._said("CIBW_ARCHS")
        return named or _text(table(self._file, system).get("archs")) or _text(self._file.get("archs")) or "auto"

    def _said(self, name: str) -> str:
        text = substituted(str(self._env.get(name, "")), self._matrix)[:_LONGEST]
        self.is_computed |= "${{" in text
        return text.strip()


def _text(value: Any) -> str:
    """An option of pyproject.toml, which may be a list."""
    return " ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")


def _system(options: _Options, host: Host | None) -> str | None:
    """None for a platform that is named and not known here, such as `ios` or `pyodide`, and for an unknown runner."""
    named = options.value("platform")
    if named in ("", "auto"):
        return host.system if host else None
    return named if named in ("linux", "macos", "windows") else None


def _major(step: Mapping[str, Any]) -> int:
    """The action's major version; the newest rules where it does not tell."""
    found = re.search(r"@v?(\d+)", str(step.get("uses") or ""))
    return int(found[1]) if found and int(found[1]) < 100 else 3


def _architectures(text: str, native: str | None, system: str, major: int) -> Iterator[str | None]:
    """In any of their names; None for the runner's own, where its labels do not tell it."""
    for word in re.split(r"[\s,]+", text.lower()):
        if word in ("auto", "auto64", "native"):
            yield native
            if word == "auto" and native == "x86_64" and (system == "windows" or (system == "linux" and major < 3)):
                yield "i686"
        elif word == "auto32":
            yield from (("i686",) if native == "x86_64" and system != "macos" else ())
        elif word == "all":
            yield from {
                "linux": ("x86_64", "i686", "aarch64", "ppc64le", "s390x", "armv7l"),
                "macos": ("x86_64", "arm64"),
                "windows": ("x86_64", "i686", "arm64"),
            }.get(system, ())
        elif word:
            yield word


def _platforms(system: str, architectures: list[str | None]) -> Iterator[str]:
    """The second half of cibuildwheel's build identifiers."""
    for architecture in dict.fromkeys(filter(None, architectures)):
        if architecture == "universal2" and system == "macos":
            yield "macosx_universal2"
        for key in (keys_of(system, architecture) or ()) if architecture != "universal2" else ():
            name = key.partition("-")[2]
            if system == "linux":
                yield from (f"manylinux_{name}", f"musllinux_{name}")
            elif system == "macos":
                yield f"macosx_{name}"
            else:
                yield {"x86_64": "win_amd64", "i686": "win32", "arm64": "win_arm64"}.get(name, f"win_{name}")


def _patterns(text: str) -> list[str]:
    patterns = [expanded for word in text.split() for expanded in _expanded(word)]
    return patterns[:_MOST_PATTERNS]


def _expanded(word: str) -> list[str]:
    """`cp{39,310}-*` as two patterns."""
    words = [word]
    for _ in range(4):
        found = [re.match(r"(.*?)\{([^{}]*)\}(.*)", each) for each in words]
        if not any(found):
            break
        words = [
            expanded
            for each, match in zip(words, found, strict=True)
            for expanded in ([f"{match[1]}{part}{match[3]}" for part in match[2].split(",")] if match else [each])
        ][:_MOST_PATTERNS]
    return words


def _matches(identifier: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(identifier, pattern) for pattern in patterns)
