"""What the settings of a repository would refuse later, judged before anything is changed."""
