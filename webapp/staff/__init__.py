"""The desk: where agents of the CNC sign in and settle doubts."""
