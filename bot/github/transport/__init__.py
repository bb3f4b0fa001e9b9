"""The way to GitHub: HTTP, credentials, and errors."""
