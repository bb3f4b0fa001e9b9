"""What the registries' facts say of a release, one idea a file; `bot.release.verify` puts the lines together."""
