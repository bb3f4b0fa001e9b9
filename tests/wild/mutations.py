"""Another repository of the same shape: packages, folders, versions and workflow files get other names.

Each change gives the changed repository and a `Renaming`, which says how the answer has to change.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Files = Mapping[str, bytes]
Case = Mapping[str, Any]
Rename = Callable[[str], str]

WORDS = (
    "quillow", "mosstide", "farrowind", "tindrel", "oakspan", "velmora", "bristlow", "cindrake", "dunmarsh",
    "elverstone", "fennwick", "gorsedale", "hollowby", "irongale", "juniperel", "kestrelow", "larkmoor", "merrowyn",
    "nettlebrook", "ospreyth", "pinderick", "ravelock", "sorrelin", "thistlen", "umberfold", "wexcombe",
    "yarrowin", "zephyrel",
)  # fmt: skip
_FLOWS = ".github/workflows/"
_ABOUT = re.compile(r"(change|history|news|release-notes)[^/]*$", re.IGNORECASE)
_OWN = re.compile(
    r'^\[(?:workspace\.)?(?:package|project)\]\n(?:[^\[\n][^\n]*\n)*?version\s*=\s*"(\d+\.\d+[^"]*)"', re.MULTILINE
)
_LITERAL = re.compile(r"^_*version_*(?:: [\w.]+)? = [\"'](\d+\.\d+[^\"']*)", re.MULTILINE | re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\d.])(\d+)\.(\d+)((?:\.\d+)?)(?!\d|\.\d)")
_JOBS = re.compile(r"^jobs:\n((?:(?: .*)?\n)*)", re.MULTILINE)
_IN_TOML = re.compile(
    r'\b(?:path|manifest-path|python-source)\s*=\s*"[^"]*"|^\s*(?:default-)?(?:members|exclude)\s*=\s*\[[^\]]*\]',
    re.MULTILINE,
)
_MORE_MINOR = 20


@dataclass(frozen=True, slots=True)
class Renaming:
    """How words of an answer change."""

    name: Rename = str
    """Names of packages, and tags."""
    path: Rename = str
    """Files and folders."""
    version: Rename = str
    """Versions, and tags."""
    workflow: Rename = str
    """File names of workflows."""


def mapped(case: Case, files: Files, text: Rename, path: Rename) -> tuple[Case, Files]:
    """All that is said of the repository, and its files, each through these."""
    changed = json.loads(text(json.dumps(case, ensure_ascii=False)))
    # the day of a tag is no version of it
    tags = [{**new, "date": old["date"]} for new, old in zip(changed["tags"], case["tags"], strict=True)]
    return {**changed, "tags": tags}, {path(where): _text(content, text) for where, content in files.items()}


def _text(content: bytes, change: Rename) -> bytes:
    try:
        return change(content.decode()).encode()
    except UnicodeDecodeError:
        return content


def other_names(case: Case, files: Files) -> tuple[Case, Files, Renaming]:
    """Packages have other names, and so has everything that is called after them."""
    own = {each["name"] for each in case["expected"]["packages"]}
    own |= {key.partition(":")[2] for key in case["expected"].get("other_packages") or {}}
    roots = sorted(name for name in own if not any(re.match(rf"{re.escape(each)}[-_]", name) for each in own))
    new = {re.sub("[-_]", "-", root): word for root, word in zip(roots, reversed(WORDS[: len(roots)]), strict=True)}
    any_of = "|".join(
        re.sub("[-_]", "[-_]", re.escape(each).replace(r"\-", "-")) for each in sorted(roots, key=len, reverse=True)
    )
    pattern = re.compile(rf"(?<![A-Za-z0-9.])(?:{any_of})(?![A-Za-z0-9])")

    def rename(text: str) -> str:
        return pattern.sub(lambda found: new[found[0].replace("_", "-")], text)

    return *mapped(case, files, rename, rename), Renaming(name=rename, path=rename, workflow=rename)


def other_folders(case: Case, files: Files) -> tuple[Case, Files, Renaming]:
    """The folders of packages that are not called after these have other names."""
    packages = case["expected"]["packages"]
    called = {_plain(each["name"]) for each in packages}
    paths = {each["path"] for each in packages if _plain(posixpath.basename(each["path"])) not in called} - {"."}
    new = {path: posixpath.join(posixpath.dirname(path), f"nook{number}") for number, path in enumerate(sorted(paths))}

    def rename(path: str) -> str:
        for old, other in sorted(new.items(), key=lambda each: -len(each[0])):
            if path == old or path.startswith(f"{old}/"):
                return other + path[len(old) :]
        return path

    def inside(where: str) -> Rename:
        if where.endswith(".toml"):
            return lambda text: _IN_TOML.sub(lambda found: _relative(found[0], posixpath.dirname(where), rename), text)
        scripts = where.startswith(".github/") or where.endswith((".sh", "Makefile", "noxfile.py"))
        return (lambda text: _in_scripts(text, new)) if scripts else str

    changed = {rename(where): _text(content, inside(where)) for where, content in files.items()}
    return case, changed, Renaming(path=rename)


def _plain(name: str) -> str:
    return name.replace("_", "-").lower()


def _relative(said: str, folder: str, rename: Rename) -> str:
    """The same with each quoted path, relative to the folder, as it is called now."""

    def again(found: re.Match[str]) -> str:
        whole = posixpath.normpath(posixpath.join(folder, found[1]))
        other = rename(whole)
        moved = other != whole or rename(folder) != folder
        return f'"{posixpath.relpath(other, rename(folder) or ".")}"' if moved and "*" not in found[1] else found[0]

    return re.sub(r'"([^"]*)"', again, said)


def _in_scripts(text: str, new: Mapping[str, str]) -> str:
    for old, other in sorted(new.items(), key=lambda each: -len(each[0])):
        end = "(?![A-Za-z0-9_-])" if "/" in old else "(?=/)"
        text = re.sub(rf"(?<![\w/.-])((?:\./)?){re.escape(old)}{end}", rf"\g<1>{other}", text)
        text = re.sub(rf"((?:working-directory|package-dir): *(?:\./)?){re.escape(old)}(?=\s)", rf"\g<1>{other}", text)
    return text


def other_versions(case: Case, files: Files) -> tuple[Case, Files, Renaming]:
    """All versions are of a later minor, those of tags and changelogs, too."""
    texts = {
        path: content.decode("utf-8", "replace") for path, content in files.items() if path.endswith((".toml", ".py"))
    }
    now = {said for text in texts.values() for said in (*_OWN.findall(text), *_LITERAL.findall(text))}
    own = {found[0] for said in now if (found := _NUMBERS.match(said.partition("-")[0])) and found[0] != "0.0.0"}

    def later(text: str) -> str:
        return _NUMBERS.sub(lambda found: f"{found[1]}.{int(found[2]) + _MORE_MINOR}{found[3]}", text)

    def own_later(text: str) -> str:
        each = r"(?<![\d.])(?:" + "|".join(map(re.escape, sorted(own, key=len, reverse=True))) + r")(?!\d|\.\d)"
        return re.sub(each, lambda found: later(found[0]), text) if own else text

    def inside(path: str) -> Rename:
        return str if path.startswith(".github/") else later if _ABOUT.search(path) else own_later

    changed = {path: _text(content, inside(path)) for path, content in files.items()}
    tags = [{**tag, "name": later(tag["name"])} for tag in case["tags"]]
    older = [later(tag) for tag in case["older_tags"]]
    asked = {"ask": later(case["ask"]), "tags": tags, "older_tags": older}
    return {**case, **asked}, changed, Renaming(version=later)


def other_workflow_files(case: Case, files: Files) -> tuple[Case, Files, Renaming]:
    """The files of workflows have other names, in the opposite order."""
    names = [path.removeprefix(_FLOWS) for path in sorted(files) if path.startswith(_FLOWS)]
    new = {name: f"flow{len(names) - number:02}{posixpath.splitext(name)[1]}" for number, name in enumerate(names)}
    pattern = re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?![\w.-])")

    def rename(text: str) -> str:
        return pattern.sub(lambda found: new[found[0]], text)

    changed = {
        _FLOWS + new[path.removeprefix(_FLOWS)] if path.startswith(_FLOWS) else path: _text(content, rename)
        for path, content in files.items()
    }
    return case, changed, Renaming(path=rename, workflow=rename)


def other_order_of_jobs(case: Case, files: Files) -> tuple[Case, Files, Renaming]:
    """The jobs of each workflow stand in the opposite order."""
    changed = {
        path: _text(content, lambda text: _JOBS.sub(_backwards, text)) if path.startswith(_FLOWS) else content
        for path, content in files.items()
    }
    return case, changed, Renaming()


def _backwards(jobs: re.Match[str]) -> str:
    each = re.split(r"^(?=  \S)", jobs[1], flags=re.MULTILINE)
    return "jobs:\n" + "".join(part if part.endswith("\n") else f"{part}\n" for part in reversed(each) if part.strip())


CHANGES: Mapping[str, Callable[[Case, Files], tuple[Case, Files, Renaming]]] = {
    change.__name__: change
    for change in (other_names, other_folders, other_versions, other_workflow_files, other_order_of_jobs)
}


def all_changes(case: Case, files: Files) -> Iterator[tuple[Case, Files, Renaming]]:
    """The repository after one change more each time."""
    for change in CHANGES.values():
        case, files, renaming = change(case, files)
        yield case, files, renaming
