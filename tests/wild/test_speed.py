"""A large workspace on one long changelog is planned in little processor time.

The repositories themselves are measured in test_repositories.py.
"""

import time
from datetime import date

from bot.plan import discover, histories_needed, make_plan
from bot.plan.model import Plan, Wanted

CRATES = 94
CHANGELOG = 432_000
SECONDS = 2
HEADER = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Burns longer.\n"


def workspace() -> tuple[dict[str, bytes], list[str]]:
    """Crates that inherit one version and need up to four others each, and the tags of its changelog's versions."""
    names = [f"lamp-{number}" for number in range(CRATES)]
    required = "".join(f'{name} = {{ path = "crates/{name}", version = "0.90.3" }}\n' for name in names)
    root = '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n[workspace.package]\nversion = "0.90.3"\n'
    files = {"Cargo.toml": f"{root}[workspace.dependencies]\n{required}"}
    for number, name in enumerate(names):
        needs = "".join(f"{other}.workspace = true\n" for other in names[max(0, number - 4) : number])
        about = 'version.workspace = true\nedition = "2021"\ndescription = "x"\nlicense = "MIT"\n'
        files[f"crates/{name}/Cargo.toml"] = f'[package]\nname = "{name}"\n{about}[dependencies]\n{needs}'
    files["Cargo.lock"] = "version = 4\n" + "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "0.90.3"\n' for name in names
    )
    versions = [f"0.{minor}.{patch}" for minor in range(90, 0, -1) for patch in (3, 2, 1, 0)]
    entries = (CHANGELOG // len(versions) - 50) // 80
    section = "".join(f"- The wick burns in another way, see [#{entry}](https://example.org/pull/{entry}).\n"
                      for entry in range(1000, 1000 + entries))  # fmt: skip
    sections = (f"\n## [{version}] - 2025-01-02\n\n### Changed\n\n{section}" for version in versions)
    files["CHANGELOG.md"] = (HEADER + "".join(sections)).ljust(CHANGELOG, "\n")
    return {path: text.encode() for path, text in files.items()}, [f"v{version}" for version in versions]


def test_a_large_workspace_on_one_long_changelog():
    files, tags = workspace()
    began = time.process_time()
    discovery, wanted = discover(files, tags), [Wanted("lamp-0", "0.91.0")]
    histories_needed(files, discovery, wanted)
    plan = make_plan(files, discovery, wanted, date=date(2026, 11, 29), changes={})
    seconds = time.process_time() - began
    assert isinstance(plan, Plan)
    assert len(plan.bumps) == CRATES
    assert "CHANGELOG.md" in {edit.path for edit in plan.edits}
    assert seconds <= SECONDS


def test_it_is_as_large_as_it_says():
    files, tags = workspace()
    assert CHANGELOG <= len(files["CHANGELOG.md"]) <= CHANGELOG * 1.1
    assert len(discover(files, tags).packages) == CRATES
