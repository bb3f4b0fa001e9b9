"""Every sentence Shipmate says, as functions from a release to Markdown. Pure."""
