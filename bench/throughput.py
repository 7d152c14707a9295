"""Compare answers a second of film and search pages with a Flask page that says hello: `python -m bench.throughput`.

The demonstration (bench.site) and hello, each in a process of its own under the same waitress settings, asked in turn, one
after the other, in each round, by wrk (Debian's package `wrk`; 8 connections kept open). Rows: `first`, each address asked
once; `again`, the same addresses over and over; `conditional`, the same with the ETag that a browser keeps. Films: those on
offer; searches: titles of films. What is compared is one round's answers a second with the same round's hello.
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from urllib.parse import quote

from sqlmodel import col, select

from bench.alone import run_alone
from bench.site import build_site, serve_database
from domain.db.engine import create_db_engine, read_session
from domain.models.film import Film
from domain.offers.availability import is_available

_CONNECTIONS, _MAX_FILMS = 8, 200
_AIMS = {("film", "first"): 0.45, ("film", "again"): 0.45, ("film", "conditional"): 0.8}
# wrk makes its threads one at a time: here one thread asks, and `turn` never gives an address twice in a row of `first`.
_SCRIPT = """
local addresses, marks, fresh, tag, at = %s, %s, %s, "%s", 0
request = function()
  at = at + 1
  local place = (at - 1) %% #addresses + 1
  local path = addresses[place]
  if fresh then path = path .. (path:find("?", 1, true) and "&" or "?") .. "essai=" .. tag .. at end
  return wrk.format("GET", path, {["Accept-Encoding"] = "gzip", ["If-None-Match"] = marks[place]})
end
"""
_RATE, _FAULTS = re.compile(r"Requests/sec:\s+([0-9.]+)"), re.compile(r"Non-2xx|Socket errors")


@dataclass(frozen=True)
class Row:
    """Represent what is asked: the kind of page, how, and the addresses.

    `first` marks each address so that no two are the same; `once` takes them as they are, and none must come twice.
    """

    page: str
    mode: str
    addresses: list[str]


def list_rows(database: Path) -> list[Row]:
    """List the rows of the table."""
    engine = create_db_engine(f"sqlite:///{database}")
    with read_session(engine) as session:
        films = session.exec(select(Film).where(is_available(datetime.now(UTC))).order_by(col(Film.id)).limit(_MAX_FILMS)).all()
    engine.dispose()
    film_pages = [f"/films/{film.id}-{film.slug}" for film in films]
    search_pages = [f"/recherche?q={quote(film.title)}" for film in films]
    rows = []
    for mode in ("first", "again", "conditional"):
        rows += [Row("film", mode, film_pages), Row("search", mode, search_pages)]
    return sorted(rows, key=attrgetter("page"))


def measure_rate(origin: str, row: Row | None, tag: str, seconds: int, folder: Path) -> float:
    """Return answers a second; no row asks for hello. Stop the bench when an answer is wrong."""
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "-H", "Accept-Encoding: gzip"]
    if row:
        script = folder / "ask.lua"
        etags = list(_fetch_etags(origin, row)) if row.mode in ("again", "conditional") else []
        sent_etags = etags if row.mode == "conditional" else []
        is_fresh = str(row.mode == "first").lower()
        script.write_text(_SCRIPT % (_to_lua_table(row.addresses), _to_lua_table(sent_etags), is_fresh, tag), "utf-8")
        command += ["-s", str(script)]
    output = subprocess.run([*command, f"{origin}/"], capture_output=True, text=True, check=True).stdout
    if _FAULTS.search(output):
        raise SystemExit(output)
    return float(_RATE.findall(output)[0])


def _to_lua_table(words: list[str]) -> str:
    return f"{{{', '.join(map(json.dumps, words))}}}"


def _fetch_etags(origin: str, row: Row) -> Iterator[str]:
    """Yield the ETag of each address, which has then been asked once."""
    for address in row.addresses:
        request = urllib.request.Request(origin + address, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as answer:
            yield answer.headers.get("ETag", "")


def _format_row(row: Row, rates: list[float], bare: list[float]) -> str:
    ratios = [rate / hello for rate, hello in zip(rates, bare, strict=True)]
    aim = _AIMS.get((row.page, row.mode))
    median, spread = statistics.median(ratios), f"{min(ratios):.2f} to {max(ratios):.2f}"
    row_text = f"{row.page:8} {row.mode:12} {statistics.median(rates):9.0f} {median:8.2f}  {spread:14}"
    return f"{row_text} {f'aim {aim}' if aim else ''}".rstrip()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    args = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("bench.throughput needs wrk (on Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run_alone(build_site, folder / "site.db")
        rows, hello_rates = list_rows(folder / "site.db"), list[float]()
        rates: dict[int, list[float]] = {index: [] for index in range(len(rows))}
        with serve_database(folder / "site.db") as site, serve_database(None) as hello:
            for turn in range(args.rounds):
                hello_rates.append(measure_rate(hello, None, "", args.seconds, folder))
                for index, row in enumerate(rows):
                    rates[index].append(measure_rate(site, row, f"{turn}-", args.seconds, folder))
    heading = f"{args.rounds} rounds of {args.seconds} s a row, {len(rows[0].addresses)} addresses"
    print(f"{heading}; hello {statistics.median(hello_rates):.0f} answers/s")
    print("page     asked          answers/s  ratio  over rounds")
    for index, row in enumerate(rows):
        print(_format_row(row, rates[index], hello_rates))


if __name__ == "__main__":
    main()
