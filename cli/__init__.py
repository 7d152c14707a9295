"""The `ouvoir` command: one file for each noun, loaded only when one of its verbs runs."""
