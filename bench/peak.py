"""Run a command and print, after its output, the peak of memory of its processes: `python -m bench.peak COMMAND…`.

The peak that the system tells of a process starts from that of the one it was forked from: this one is small.
"""

import resource
import subprocess
import sys


def main() -> None:
    """Run the command, print the peak, and exit with the command's status."""
    result = subprocess.run(sys.argv[1:], check=False)
    print(f"peak_mb={resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}", flush=True)
    raise SystemExit(result.returncode)


if __name__ == "__main__":
    main()
