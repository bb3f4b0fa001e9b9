"""What a step of cibuildwheel builds, from its selectors: `CIBW_BUILD`, `CIBW_SKIP`, `CIBW_ARCHS` and pyproject.toml.

Options: https://cibuildwheel.pypa.io/en/stable/options/. Which interpreters it builds for by itself depends on its
version, so they are told only where the selectors name each of them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.packaging.platforms import Keys, keys_of, of_cibuildwheel
from bot.packaging.runners import Host
from bot.workflows.commands import action_of, commands
from bot.workflows.files import RunStep
from bot.workflows.runs import RunJob
from bot.workflows.scripts.shell import below
from bot.workflows.scripts.tasks import read_table

_ACTION = "pypa/cibuildwheel"
_RUN = re.compile(r"(?:^|[\s;&|])(?:python3?\s+-m\s+|pipx\s+run\s+|uvx\s+)?cibuildwheel\b(?!==)", re.MULTILINE)
_INTERPRETERS = (*(f"cp3{minor}" for minor in range(6, 16)), "cp313t", "cp314t", "cp315t")
_NAMED = re.compile(r"(?:cp|pp|gp)\d+t?")
_FIRST = {"ios": 13, "android": 13, "pyodide": 12}
"""Platforms besides the runners' own, with the first CPython 3 that is built for on them."""
_MOST_PATTERNS = 200
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Built:
    """What one step builds."""

    keys: Keys | None = None
    """None when only the run tells; empty when the selectors leave nothing."""
    interpreters: tuple[str, ...] = ()
    """Those that each key gets a wheel for; empty when the selectors do not name them."""


def is_cibuildwheel(step: RunStep) -> bool:
    """Whether the step runs cibuildwheel, as an action or as a command."""
    if action_of(step) == _ACTION:
        return True
    return any(_RUN.search(line) and "install" not in line for line in step.run[:_LONGEST].splitlines())


def folder_of(step: RunStep) -> str:
    """Where the project is: input `package-dir`, or the command's argument."""
    if action_of(step) == _ACTION:
        return below(".", step.inputs.get("package-dir", ""))
    found = (command for command in commands(step) if command.words[0] == "cibuildwheel")
    command = next(found, None)
    if command is None:
        return step.folder or "."
    valued = ("--output-dir", "--platform", "--archs", "--config-file", "--only", "--enable")
    words = [
        word
        for at, word in enumerate(command.words[1:], 1)
        if not word.startswith("-") and command.words[at - 1] not in valued
    ]
    return below(command.folder, words[0] if words else "")


def _said(step: RunStep, name: str) -> str:
    """An input of the action, else an option of the command."""
    found = (command.option(f"--{name}") for command in commands(step) if command.words[0] == "cibuildwheel")
    return step.inputs.get(name) or next(filter(None, found), None) or ""


def built_by_cibuildwheel(
    step: RunStep, job: RunJob, pyproject: Mapping[str, Any], configs: Mapping[str, bytes]
) -> Built:
    """The wheels of one step in one combination of its job's matrix."""
    if only := _said(step, "only"):
        interpreter, _, platform = only.partition("-")
        keys = _keys_of(platform, interpreter) if "$" not in only else ()
        return Built(keys or None, (interpreter,) if keys and interpreter.startswith("cp") else ())
    options = _Options(step, pyproject, configs)
    system = _system(options, job.host)
    builds, skips = _patterns(options.value("build")) or ["*"], _patterns(options.value("skip"))
    native = job.host.architecture if job.host else None
    architectures = list(_architectures(options.archs(system or ""), native, system or "", _major(step)))
    if system is None or options.is_computed or None in architectures:
        return Built()
    found: dict[str, set[str]] = {}
    for platform in _platforms(system, architectures):
        for interpreter in (each for each in _INTERPRETERS if _minor(each) >= _FIRST.get(system, 0)):
            identifier = f"{interpreter}-{platform}"
            if _matches(identifier, builds) and not _matches(identifier, skips):
                for key in _keys_of(platform, interpreter):
                    found.setdefault(key, set()).add(interpreter)
    named = all(_NAMED.fullmatch(pattern.partition("-")[0]) for pattern in builds)
    shared = set.intersection(*found.values()) if found and named else set()
    return Built(tuple(found), tuple(name for name in _INTERPRETERS if name in shared))


class _Options:
    """cibuildwheel's options: the environment wins over pyproject.toml."""

    def __init__(self, step: RunStep, pyproject: Mapping[str, Any], configs: Mapping[str, bytes]) -> None:
        self._env = step.env
        self._given = {name: _said(step, name) for name in ("platform", "archs")}
        named = _said(step, "config-file") or self._env.get("CIBW_CONFIG_FILE") or ""
        path = below(".", named.replace("{package}", folder_of(step)).replace("{project}", ".")) if named else ""
        self._file = _table(read_table(configs[path]) if path in configs else {} if named else pyproject)
        self.is_computed = bool(named) and path not in configs
        """Whether an option that was asked for is one that only a run can tell, or stands in another file."""

    def value(self, name: str) -> str:
        """An option for every platform."""
        return self._given.get(name) or self._said(f"CIBW_{name.upper()}") or _text(self._file.get(name))

    def archs(self, system: str) -> str:
        """The architectures for one system."""
        named = self._said(f"CIBW_ARCHS_{system.upper()}") or self._said("CIBW_ARCHS")
        own = self._file.get(system)
        of_system = _text(own.get("archs")) if isinstance(own, dict) else ""
        return self._given["archs"] or named or of_system or _text(self._file.get("archs")) or "auto"

    def _said(self, name: str) -> str:
        text = self._env.get(name, "")[:_LONGEST]
        self.is_computed |= "${{" in text
        return text.strip()


def _table(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """`[tool.cibuildwheel]`."""
    tool = data.get("tool")
    found = tool.get("cibuildwheel") if isinstance(tool, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    """An option of pyproject.toml, which may be a list."""
    words = value if isinstance(value, list) else [value]
    return " ".join(word for word in words if isinstance(word, str))


def _system(options: _Options, host: Host | None) -> str | None:
    """None for a platform that is named and not known here, and for an unknown runner."""
    named = options.value("platform")
    if named in ("", "auto"):
        return host.system if host else None
    return named if named in ("linux", "macos", "windows", *_FIRST) else None


def _major(step: RunStep) -> int:
    """The action's major version; the newest rules where it does not tell."""
    found = re.search(r"@v?(\d+)", step.uses)
    return int(found[1]) if found and int(found[1]) < 100 else 4


def _architectures(text: str, native: str | None, system: str, major: int) -> Iterator[str | None]:
    """In any of their names; None for the runner's own, where its labels do not tell it."""
    for word in re.split(r"[\s,]+", text.lower()):
        if system in _FIRST and word in ("auto", "auto64", "native", "all"):
            yield from _elsewhere(system, native, everything=word == "all")
        elif word in ("auto", "auto64", "native"):
            yield native
            if word == "auto" and native == "x86_64" and (system == "windows" or (system == "linux" and major < 3)):
                yield "i686"
        elif word == "auto32":
            yield from (("i686",) if native == "x86_64" and system != "macos" else ())
        elif word == "all":
            yield from {
                "linux": ("x86_64", "i686", "aarch64", "ppc64le", "s390x", "armv7l", *(("riscv64",) * (major > 3))),
                "macos": ("x86_64", "arm64"),
                "windows": ("x86_64", "i686", "arm64"),
            }.get(system, ())
        elif word:
            yield word


def _elsewhere(system: str, native: str | None, *, everything: bool) -> Iterator[str | None]:
    """The architectures of a platform that is no runner's: https://cibuildwheel.pypa.io/en/stable/options/#archs."""
    if system == "pyodide":
        yield "wasm32"
    elif system == "android":
        yield from ("arm64_v8a", "x86_64") if everything else ("arm64_v8a" if native == "aarch64" else native,)
    elif everything:
        yield from ("arm64_iphoneos", "arm64_iphonesimulator", "x86_64_iphonesimulator")
    elif native == "aarch64":
        yield from ("arm64_iphoneos", "arm64_iphonesimulator")
    else:
        yield "x86_64_iphonesimulator" if native else None


def _keys_of(platform: str, interpreter: str) -> Keys:
    """The keys of a build identifier; none for a wheel that PyPI does not take.

    Of Pyodide's it takes those of PEP 783, which are made for CPython 3.14 and later.
    """
    if platform == "pyodide_wasm32":
        return of_cibuildwheel("pyemscripten_wasm32") or () if _minor(interpreter) >= 14 else ()
    return of_cibuildwheel(platform) or ()


def _minor(interpreter: str) -> int:
    digits = re.fullmatch(r"[a-z]+3(\d+)t?", interpreter)
    return int(digits[1]) if digits else 0


def _platforms(system: str, architectures: list[str | None]) -> Iterator[str]:
    """The second half of cibuildwheel's build identifiers."""
    for architecture in dict.fromkeys(filter(None, architectures)):
        if system in _FIRST:
            yield f"{system}_{architecture}"
            continue
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
