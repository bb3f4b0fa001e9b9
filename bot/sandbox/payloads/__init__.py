"""GitHub's JSON of each record: one form for REST answers and webhooks, valid against GitHub's descriptions of both."""
