"""What the registries' facts say of a release, one idea a file; `bot.release.verification.judge` puts the lines together."""
