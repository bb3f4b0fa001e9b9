"""GitHub Actions' workflow files: what starts them, which jobs a run has, what these build and publish. Pure."""
