"""What the tree promises of a package besides its version: what its registry must say of it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.plan.manifests.cargo import Crates
from bot.plan.manifests.toml import table
from bot.plan.model import Package, Promises
from bot.plan.repository import Source
from bot.workflows.building.promises import Expected

_REPOSITORY_LABELS = ("repository", "source", "sourcecode", "github", "code")


def promises(source: Source, crates: Crates, expected: Expected) -> Promises:
    """What the manifests say; what they leave to a tool is not known."""
    found = _of_python(source) if source.project is not None else _of_crate(source, crates)
    return _with(found, expected)


def with_expected(package: Package, expected: Expected) -> Package:
    """The package with the files that its publish workflow promises."""
    return replace(package, files=expected.files, promises=_with(package.promises, expected))


def _with(promises: Promises, expected: Expected) -> Promises:
    return replace(
        promises,
        may_fail=expected.may_fail,
        pythons=expected.pythons,
        guessed=expected.guessed,
        partial=bool(expected.files and expected.unknown),
    )


def _of_crate(source: Source, crates: Crates) -> Promises:
    crate = source.crate
    if crate is None:
        return Promises()
    readme = crates.inherited(crate, "readme")
    return Promises(
        rust_version=_text(crates.inherited(crate, "rust-version")),
        license=_text(crates.inherited(crate, "license")),
        repository=_text(crates.inherited(crate, "repository")),
        # Without a word, cargo takes README.md if there is one.
        readme=False if readme is False else True if readme is True or _text(readme) else None,
    )


def _of_python(source: Source) -> Promises:
    if source.project is None:
        return Promises()
    data = source.project.file.data
    project, poetry = table(data, "project"), table(data, "tool", "poetry")
    license = project.get("license", poetry.get("license"))
    urls = table(project.get("urls")) or table(poetry.get("urls"))
    return Promises(
        requires_python=_text(project.get("requires-python")),
        license=_text(license) or _text(table(license).get("text")),
        repository=_repository(urls.items()) or _text(poetry.get("repository")),
        readme=True if project.get("readme") or poetry.get("readme") else None,
    )


def _repository(urls: Iterable[tuple[str, Any]]) -> str | None:
    """The address that is labelled as the repository, by the rules for well-known labels."""
    known = {"".join(c for c in label.lower() if c.isalnum()): _text(url) for label, url in urls}
    return next((known[label] for label in _REPOSITORY_LABELS if known.get(label)), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
