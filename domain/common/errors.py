"""The one error that is meant for a person."""


class UserError(Exception):
    """Something a person must mend; its text is one French line naming file, line and field where known."""


class StorageError(UserError):
    """What only whoever runs the program can mend: the database refuses. The line names its address."""
