"""GitHub Actions: runs, jobs and steps, what they publish, print and wait for, and how a rehearsal makes them fail."""
