"""List the exit codes of our child processes."""

EXIT_ORPHANED = 1
EXIT_STALLED = 3
EXIT_TIMED_OUT = 4
