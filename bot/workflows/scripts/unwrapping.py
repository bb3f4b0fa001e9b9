"""What only stands before a command: `sudo`, `A=b`, `uv run --with x`, `python -m`, `docker run IMAGE`."""

import re
from collections.abc import Collection
from posixpath import basename

_PLAIN = frozenset(
    (
        *(
            "if",
            "then",
            "else",
            "elif",
            "do",
            "while",
            "!",
            "(",
            "{",
            "sudo",
            "time",
            "exec",
            "env",
            "command",
            "nohup",
        ),
        *("xvfb-run", "npx", "bunx", "retry"),
    )
)
"""Words that stand alone before a command."""
_PROGRAMS = frozenset(
    (
        *("python", "pip", "cargo", "maturin", "twine", "uv", "flit", "hatch", "poetry", "pdm", "nox", "tox"),
        *("pyproject-build", "cibuildwheel", "just", "make", "bash", "sh", "semantic-release", "release-plz"),
    )
)
"""Programs that are known also by a path, such as `.venv/bin/twine`."""
_RUNNERS = frozenset(("uv", "poetry", "hatch", "pipx", "pdm", "rye", "pixi", "conda", "micromamba", "mamba"))
"""Programs of which `run` runs another one.

https://docs.astral.sh/uv/reference/cli/#uv-run, https://python-poetry.org/docs/cli/#run, https://pdm-project.org.
"""
_VALUED = frozenset(
    (
        *(
            "--with",
            "--with-requirements",
            "--with-editable",
            "--from",
            "--spec",
            "--python",
            "-p",
            "--group",
            "--extra",
        ),
        *("--directory", "--project", "--index-url", "--env-file", "-w", "-e", "--environment", "-n", "--name", "-s"),
        *(
            "--only-group",
            "--no-group",
            "--package",
            "--manifest-path",
            "--frozen-lockfile",
            "--index",
            "-C",
            "--config",
        ),
        *("--color", "-Z", "--python-platform", "--default-index", "--prefix"),
    )
)
"""Their options that take a word with them.

https://docs.astral.sh/uv/reference/cli/#uv-run, https://pipx.pypa.io/stable/docs/
"""
_FOR_DOCKER = frozenset(
    (
        *("-v", "--volume", "-e", "--env", "-w", "--workdir", "--platform", "--name", "-u", "--user", "--mount"),
        *("--entrypoint", "--network", "--env-file", "-p", "--memory", "--cpus", "--shm-size", "-m"),
    )
)
"""https://docs.docker.com/reference/cli/docker/container/run/"""
_CARGO_OPTIONS = frozenset(("--config", "-Z", "--color", "-C"))
"""https://doc.rust-lang.org/cargo/commands/cargo.html"""
_DEEPEST = 8


def unwrapped(words: tuple[str, ...]) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """The command itself, the container image that it runs in, and the variables that are set for it."""
    image = ""
    env: dict[str, str] = {}
    for _ in range(_DEEPEST):
        while words and re.fullmatch(r"[A-Za-z_]\w*=.*", words[0], re.DOTALL):
            name, _, value = words[0].partition("=")
            env[name] = value
            words = words[1:]
        before = words
        words, found = _step(words)
        image = found or image
        if words == before:
            break
    return _normal(words), image, env


def _step(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Without the outermost wrapper."""
    name, verb = (*(_name(word) for word in words[:1]), "", "")[0], (*words[1:2], "")[0]
    rest = words[1:]
    if name in _PLAIN:
        return rest, ""
    if name == "uvx" or (name == "uv" and words[1:3] == ("tool", "run")):
        return _versionless(_after_options(words[1 if name == "uvx" else 3 :], _VALUED)), ""
    if name in _RUNNERS and verb == "run":
        return _versionless(_after_options(words[2:], _VALUED)), ""
    if name == "python" and verb.startswith("-m"):
        return ((verb[2:], *words[2:]) if len(verb) > 2 else words[2:]), ""
    if name == "python" and verb in ("-I", "-u", "-B", "-E", "-s"):
        return (words[0], *words[2:]), ""
    if name in ("docker", "podman") and verb == "run":
        inner = _after_options(words[2:], _FOR_DOCKER)
        return inner[1:], (inner[0] if inner else "")
    return words, ""


def _normal(words: tuple[str, ...]) -> tuple[str, ...]:
    """With the plain name of a program, and without what stands before cargo's own command."""
    if not words:
        return ()
    if "/" in words[0] and _name(words[0]) not in _PROGRAMS:
        return words  # a script of the repository
    words = (_name(words[0]), *words[1:])
    if words[0] == "cargo":
        rest = [word for word in words[1:] if not word.startswith("+")]
        verb = next((at for at, word in enumerate(rest) if _is_verb(rest, at)), None)
        if verb is not None:
            return ("cargo", rest[verb], *rest[:verb], *rest[verb + 1 :])
        return ("cargo", *rest)
    return words


def _is_verb(words: list[str], at: int) -> bool:
    return not words[at].startswith("-") and (at == 0 or words[at - 1] not in _CARGO_OPTIONS)


def _after_options(words: tuple[str, ...], valued: Collection[str]) -> tuple[str, ...]:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "--":
            return words[at + 1 :]
        at += 2 if words[at] in valued else 1
    return words[at:]


def _versionless(words: tuple[str, ...]) -> tuple[str, ...]:
    """`maturin` of `maturin@1.9` and of `maturin==1.9`."""
    return (re.split(r"@|==|>=|~=|\[", words[0])[0] or words[0], *words[1:]) if words else ()


def _name(word: str) -> str:
    name = re.sub(r"^\$(?:\{\w*\}|\(\w*\)|\{\{\}\}|\w+)?(?=[a-z])", "", basename(word)).removesuffix(".exe")
    if re.fullmatch(r"(?:python|pypy|graalpy)[\d.]*t?|py", name) or re.fullmatch(r"\$\{?PYTHON\w*\}?", name):
        return "python"
    return "pip" if re.fullmatch(r"pip[\d.]+", name) else name
