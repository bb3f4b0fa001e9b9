"""What the registries' facts say of a release, one idea a file; `judge` puts the lines together."""
