"""Who may do what: the App's key, installation tokens, permissions and roles."""
