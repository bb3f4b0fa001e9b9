"""What is not right yet in real repositories, and why; whoever mends it takes the line away, or the test fails."""

_RELEASE = "what waits for a published GitHub Release is refused"
_SETUP = "a project that leaves its version to setup.py is not found, so its robot is not named"
_GROUP = "what moves together under one tag of the repository is not known to"
_REST = "so the packages besides the primary one get a tag of their own that nothing hears"
_RST = "a changelog that is not Markdown is not looked at"
_DOCS = "a changelog below docs/ is not looked at"

WRONG: dict[tuple[str, str], str] = {
    ("ast-grep", "packages"): _GROUP,
    ("ast-grep", "tags"): _REST,
    ("ast-grep", "workflow"): f"{_REST}; the workflow of another package is taken for the primary one's",
    ("ast-grep", "changelog"): _REST,
    ("ast-grep", "verdict"): _GROUP,
    ("attrs", "packages"): _RELEASE,
    ("attrs", "verdict"): _RELEASE,
    ("bat", "packages"): "a fixture that is no manifest refuses everything",
    ("bat", "verdict"): "a fixture that is no manifest refuses everything",
    ("bcrypt", "changelog"): _RST,
    ("cargo-dist", "changelog"): "a changelog that is no longer kept beside the package beats the kept one at the root",
    ("clap", "tags"): _GROUP,
    ("clap", "changelog"): _GROUP,
    ("kornia-rs", "packages"): "refused for an open comment in the changelog; the crates of a script are not read",
    ("kornia-rs", "verdict"): "refused for an open comment in the changelog",
    ("msgspec", "packages"): _RELEASE,
    ("msgspec", "changelog"): _DOCS,
    ("msgspec", "verdict"): _RELEASE,
    ("oxigraph", "packages"): _RELEASE,
    ("oxigraph", "changelog"): "a development version in the tree hides the changelog",
    ("oxigraph", "verdict"): _RELEASE,
    ("packaging", "changelog"): _RST,
    ("pyo3", "packages"): _GROUP,
    ("pyo3", "tags"): _REST,
    ("pyo3", "workflow"): _REST,
    ("pyo3", "changelog"): _REST,
    ("pyo3", "verdict"): _GROUP,
    ("safetensors", "tags"): "a format that died years ago and is exact beats the frequent one",
    ("safetensors", "verdict"): "a format that died years ago and is exact beats the frequent one",
    ("tantivy-py", "packages"): _RELEASE,
    ("tantivy-py", "verdict"): _RELEASE,
    ("tiktoken", "packages"): "a crate without licence or description is taken for the package",
    ("tiktoken", "tags"): "the crate of the bindings has the repository's tag, and the package none",
    ("typer", "packages"): _RELEASE,
    ("typer", "changelog"): _DOCS,
    ("typer", "verdict"): _RELEASE,
    ("uvloop", "packages"): _SETUP,
    ("uvloop", "tags"): _SETUP,
    ("uvloop", "workflow"): _SETUP,
    ("uvloop", "files"): _SETUP,
    ("uvloop", "changelog"): _SETUP,
    ("uvloop", "verdict"): _SETUP,
}
"""By the repository's folder and the fact."""
