"""What is not right yet in real repositories, and why; whoever mends it takes the line away, or the test fails."""

WRONG: dict[tuple[str, str], str] = {
    ("attrs", "packages"): "fragments with a template of their own are refused, with the command to run first",
    ("attrs", "verdict"): "a tag starts it, but its publishing job only runs for a GitHub Release",
    ("cargo-dist", "changelog"): "a changelog that is no longer kept beside the package beats the kept one at the root",
    ("kornia-rs", "packages"): "refused for an open comment in the changelog; the crates of a script are not read",
    ("kornia-rs", "verdict"): "refused for an open comment in the changelog",
    ("oxigraph", "packages"): "what waits for a published GitHub Release is refused",
    ("oxigraph", "changelog"): "a development version in the tree hides the changelog",
    ("pyo3", "packages"): "fragments with a template of their own are refused, with the command to run first",
    ("pyo3", "verdict"): "fragments with a template of their own are refused, with the command to run first",
    ("uvloop", "packages"): "another robot that tags and publishes is not known for one",
    ("uvloop", "tags"): "another robot that tags and publishes is not known for one",
    ("uvloop", "workflow"): "another robot that tags and publishes is not known for one",
    ("uvloop", "files"): "another robot that tags and publishes is not known for one",
    ("uvloop", "changelog"): "another robot that tags and publishes is not known for one",
    ("uvloop", "verdict"): "another robot that tags and publishes is not known for one",
}
"""By the repository's folder and the fact."""
