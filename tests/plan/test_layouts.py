"""Five layouts of public repositories, rebuilt by hand: exactly these lines change, and no others in any file."""

import pytest

from bot.plan import discover
from tests.plan.trees import after, bindings, changed_lines, crate, lamp, lock, plan, pyproject, text, tree

WORKSPACE = """[workspace]
resolver = "2"
members = ["crates/*"]

[workspace.package]
version = "0.4.0"
license = "MIT"

[workspace.dependencies]
lamp-core = { path = "crates/core", version = "0.4.0" }
lamp-macros = { path = "crates/macros", version = "=0.4.0", default-features = false }
serde = "0.4.0"
"""
CORE = 'lamp-core = { workspace = true, features = ["std"] }'


def member(name: str, requires: str = "") -> str:
    return (
        f'[package]\nname = "{name}"\nversion.workspace = true\nlicense.workspace = true\ndescription = "Light"\n'
        f"\n[dependencies]\n{requires}\n"
    )


SINGLE = {
    "Cargo.toml": crate(
        more='\n[dependencies]\nserde = { version = "0.4.0", features = ["derive"] }\n\n[[bin]]\nname = "lamp"\n'
    ),
    "Cargo.lock": lock("lamp 0.4.0: serde", "serde 0.4.0 registry"),
    "README.md": 'serde = "0.4.0"\n',
}
INHERITED = {
    "Cargo.toml": WORKSPACE,
    "Cargo.lock": lock(
        "lamp-cli 0.4.0: lamp-core, lamp-macros", "lamp-core 0.4.0: serde", "lamp-macros 0.4.0", "serde 0.4.0 registry"
    ),
    "crates/core/Cargo.toml": member("lamp-core", "serde.workspace = true"),
    "crates/macros/Cargo.toml": member("lamp-macros"),
    "crates/cli/Cargo.toml": member("lamp-cli", f"{CORE}\nlamp-macros.workspace = true"),
}
PYTHON = {
    "pyproject.toml": pyproject("lamp-py", more='dependencies = ["serde>=0.3.0"]\n', backend="hatchling"),
    "src/lamp_py/__init__.py": '"""Light."""\n\n__version__ = "0.3.0"\nSERDE = "0.3.0"\n',
    "uv.lock": 'version = 1\n\n[[package]]\nname = "lamp-py"\nversion = "0.3.0"\nsource = { editable = "." }\n\n'
    '[[package]]\nname = "serde"\nversion = "0.3.0"\nsource = { registry = "https://pypi.org/simple" }\n',
}
APART = {
    "Cargo.toml": crate(more='\n[workspace]\nexclude = ["python"]\n'),
    "Cargo.lock": lock("lamp 0.4.0"),
    "python/Cargo.toml": bindings(
        version="0.4.0", requires='light = { package = "lamp", path = "..", version = "0.4" }\nlamp = "0.3"'
    )
    + "\n[workspace]\n",
    "python/Cargo.lock": lock(
        "lamp 0.3.9 registry", "lamp 0.4.0", "lamp-py 0.4.0: lamp 0.3.9, lamp 0.4.0, serde", "serde 0.4.0 registry"
    ),
    "python/pyproject.toml": pyproject("lamp", None, backend="maturin"),
}
RENAMED = {
    **APART,
    "python/Cargo.toml": bindings(requires='light = { package = "lamp", path = "..", version = "0.4" }')
    + "\n[workspace]\n",
    "python/Cargo.lock": lock("lamp 0.4.0", "lamp-py 0.3.0: lamp, serde", "serde 0.4.0 registry"),
    "python/pyproject.toml": pyproject("lamp", None),
}

VERSION = ('version = "0.4.0"', 'version = "0.5.0"')
BINDINGS = ('version = "0.3.0"', 'version = "0.4.0"')
PATH = ('lamp = { path = "..", version = "0.4.0" }', 'lamp = { path = "..", version = "0.5.0" }')
RENAME = (
    'light = { package = "lamp", path = "..", version = "0.4" }',
    'light = { package = "lamp", path = "..", version = "0.5" }',
)


@pytest.mark.parametrize(
    ("files", "asked", "expected"),
    [
        pytest.param(SINGLE, ["0.5.0"], {"Cargo.toml": [VERSION], "Cargo.lock": [VERSION]}, id="a single crate"),
        pytest.param(
            lamp(),
            ["0.5.0"],
            {
                "Cargo.toml": [VERSION],
                "Cargo.lock": [VERSION],
                "lamp-py/Cargo.toml": [PATH],
            },
            id="a crate with bindings that stay",
        ),
        pytest.param(
            lamp(),
            ["0.5.0", "lamp-py 0.4.0"],
            {
                "Cargo.toml": [VERSION],
                "Cargo.lock": [VERSION, BINDINGS],
                "lamp-py/Cargo.toml": [BINDINGS, PATH],
                "lamp-py/pyproject.toml": [BINDINGS],
            },
            id="a crate and bindings at versions of their own",
        ),
        pytest.param(
            INHERITED,
            ["0.5.0"],
            {
                "Cargo.toml": [
                    VERSION,
                    tuple(f'lamp-core = {{ path = "crates/core", version = "{v}" }}' for v in ("0.4.0", "0.5.0")),
                    tuple(
                        f'lamp-macros = {{ path = "crates/macros", version = "={v}", default-features = false }}'
                        for v in ("0.4.0", "0.5.0")
                    ),
                ],
                "Cargo.lock": [VERSION] * 3,
            },
            id="a workspace with one inherited version",
        ),
        pytest.param(
            PYTHON,
            ["0.4.0"],
            {
                "pyproject.toml": [BINDINGS],
                "src/lamp_py/__init__.py": [('__version__ = "0.3.0"', '__version__ = "0.4.0"')],
                "uv.lock": [BINDINGS],
            },
            id="only Python",
        ),
        pytest.param(
            RENAMED,
            ["crates.io:lamp 0.5.0"],
            {
                "Cargo.toml": [VERSION],
                "Cargo.lock": [VERSION],
                "python/Cargo.toml": [RENAME],
                "python/Cargo.lock": [VERSION],
            },
            id="bindings in a workspace of their own that rename the crate",
        ),
        pytest.param(
            RENAMED,
            ["pypi:lamp 0.4.0"],
            {"python/Cargo.toml": [BINDINGS], "python/Cargo.lock": [BINDINGS]},
            id="only the bindings in a workspace of their own",
        ),
        pytest.param(
            APART,
            ["crates.io:lamp 0.5.0"],
            {
                "Cargo.toml": [VERSION],
                "Cargo.lock": [VERSION],
                "python/Cargo.toml": [RENAME],
                "python/Cargo.lock": [VERSION, (' "lamp 0.4.0",', ' "lamp 0.5.0",')],
            },
            id="a renamed crate beside its older self from the registry",
        ),
    ],
)
def test_each_layout_changes_exactly_these_lines(files, asked, expected):
    before = tree({path: content for path, content in files.items() if not path.endswith("CHANGELOG.md")})
    assert discover(before).problems == ()
    made = plan(before, *asked)
    planned = after(before, made)
    assert set(planned) == set(before)
    changed = {
        path: [(old.strip("\n"), new.strip("\n")) for old, new in changed_lines(before[path], planned[path])]
        for path in before
        if planned[path] != before[path]
    }
    assert changed == expected
    assert {edit.path for edit in made.edits} == set(expected)


def test_the_entries_of_others_stay_at_the_version_that_ours_had():
    planned = after(tree(SINGLE), plan(tree(SINGLE), "0.5.0"))
    assert 'serde = { version = "0.4.0"' in text(planned, "Cargo.toml")
    assert 'name = "serde"\nversion = "0.4.0"' in text(planned, "Cargo.lock")
    assert text(planned, "README.md") == SINGLE["README.md"]
