"""Errors whose message is meant for a person."""


class UserError(Exception):
    """Report something that a person must correct, in one French line that names file, line and field where known."""


class StorageError(UserError):
    """Report a fault of the database that only whoever runs the program can repair; the line names its address."""
