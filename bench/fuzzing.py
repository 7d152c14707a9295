"""Read and map damaged documents of every format: `python -m bench.fuzzing --documents 10000`.

Each must be read, or refused in one French line; anything else is unhandled, printed with the number that plays it again.
"""

import argparse
import random
import sys
import time
import traceback
from dataclasses import dataclass, field

from bench.fuzz_formats import Format, list_formats
from bench.mangling import mangle_document
from domain.common.errors import UserError

_SHOWN = 5


@dataclass
class Tally:
    """Count what became of the documents of a format: read, with their rows, refused, unhandled; and the slowest, in seconds."""

    read: int = 0
    rows: int = 0
    refused: int = 0
    slowest: float = 0.0
    unhandled: list[str] = field(default_factory=list)


def fuzz_format(name: str, document_format: Format, documents: int, first: int = 0) -> Tally:
    """Read so many damaged documents of a format, numbered from `first`: the same number gives the same document."""
    tally = Tally()
    for document_id in range(first, first + documents):
        chance = random.Random(f"{name} {document_id}")
        data = mangle_document(chance.choice(document_format.samples), chance)
        started = time.perf_counter()
        try:
            tally.rows += document_format.read_rows(data)
            tally.read += 1
        except UserError as refusal:
            tally.refused += 1
            if "\n" in str(refusal):
                tally.unhandled.append(f"{name} {document_id}: a refusal of several lines")
        except Exception:
            tally.unhandled.append(f"{name} {document_id}: {traceback.format_exc(limit=-3)}")
        tally.slowest = max(tally.slowest, time.perf_counter() - started)
    return tally


def main() -> int:
    """Print a row for each format; return 1 when something was unhandled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="of each format")
    parser.add_argument("--first", type=int, default=0, help="number of the first document")
    parser.add_argument("--formats", nargs="*", help="all by default")
    args = parser.parse_args()
    print(f"{'format':<15}{'documents':>10}{'read':>8}{'refused':>9}{'unhandled':>11}{'rows':>9}{'slowest':>10}{'seconds':>9}")
    traces = []
    for name, document_format in list_formats().items():
        if args.formats and name not in args.formats:
            continue
        started = time.perf_counter()
        tally = fuzz_format(name, document_format, args.documents, args.first)
        figures = f"{tally.read:>8}{tally.refused:>9}{len(tally.unhandled):>11}{tally.rows:>9}{1000 * tally.slowest:>7.0f} ms"
        print(f"{name:<15}{args.documents:>10}{figures}{time.perf_counter() - started:>9.1f}", flush=True)
        traces += tally.unhandled
    for trace in traces[:_SHOWN]:
        print(trace, file=sys.stderr)
    return 1 if traces else 0


if __name__ == "__main__":
    sys.exit(main())
