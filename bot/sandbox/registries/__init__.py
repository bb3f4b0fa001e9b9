"""The registries of the sandbox: a crates.io and a PyPI on loopback, and the real files that are uploaded to them."""
