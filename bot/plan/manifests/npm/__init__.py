"""package.json and package-lock.json of bindings that share a released package's version."""
