"""A changelog section from what was merged: which commits are a package's, what their titles say, how it looks."""
