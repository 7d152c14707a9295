"""Run a scanner of web faults on a site: `python -m bench.scanning`.

The demonstration is built and served, then wapiti goes over the public pages, and over the agents' pages with an
administrator's session; what it finds is printed whole. It comes from PyPI into an environment of its own, var/wapiti, the
first time: it wants an older SQLAlchemy than ours. About eight minutes.

Its module `csrf` is left out: it sends Content-Type twice, so that every form of the agents refuses it with the right token as
with a wrong one, and it takes that for a fault; tests/webapp/staff/test_authorisation.py tries all forms instead. On public
pages it names one form, /editeurs/, which no session opens: the key is typed by hand.
"""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.site import build_site, serve_database
from domain.accounts.agents import add_agent
from domain.common.enums import Role
from domain.common.environment import ROOT
from domain.db.engine import create_db_engine, write_session
from webapp.staff.auth import SESSION_COOKIE

_HOME = ROOT / "var" / "wapiti"
_SCANNER = "wapiti3==3.2.3"
_MODULES = "xss,permanentxss,sql,timesql,crlf,redirect,exec,file,ssrf,xxe,upload,http_headers,csp,cookieflags,htaccess,backup"
_LIMITS = (
    "--max-scan-time",
    "150",
    "--max-attack-time",
    "40",
    "--max-files-per-dir",
    "4",
    "--max-links-per-page",
    "60",
    "-d",
    "4",
)
_PASSWORD = "un mot de passe d’essai"


def ensure_environment() -> Path:
    """Return the scanner, installed the first time."""
    if not (_HOME / "filled").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(_HOME)], check=True)
        pip = [str(_HOME / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
        subprocess.run([*pip, _SCANNER], check=True)
        (_HOME / "filled").touch()
    return _HOME / "bin" / "wapiti"


def scan_site(scanner: Path, address: str, *options: str) -> None:
    """Print how many pages were tried, and each finding."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [
            str(scanner),
            "-u",
            address,
            "--scope",
            "folder",
            "-m",
            _MODULES,
            *_LIMITS,
            "--no-bugreport",
            "--flush-session",
        ]
        command += ["--store-session", scratch, "--store-config", scratch, "-f", "json", "-o", str(report), *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        content = json.loads(report.read_text("utf-8"))
    findings = [
        f"{kind}: {finding['method']} {finding['path']} {finding['parameter'] or ''}: {finding['info']}"
        for part in ("vulnerabilities", "anomalies", "additionals")
        for kind, entries in content[part].items()
        for finding in entries
    ]
    print(f"{address}: {content['infos']['crawled_pages_nbr']} pages and forms tried, {len(findings)} findings")
    print("".join(f"  {finding}\n" for finding in findings), end="", flush=True)


def sign_in(site: str, database: Path) -> str:
    """Return the session of an administrator, who has a colleague to be meddled with."""
    engine = create_db_engine(f"sqlite:///{database}")
    with write_session(engine) as session:
        for login in ("essai", "collegue"):
            add_agent(session, login, login.title(), _PASSWORD, datetime.now(UTC), Role.ADMIN)
    engine.dispose()
    answer = httpx.post(f"{site}/agents/connexion", data={"login": "essai", "password": _PASSWORD})
    return answer.cookies[SESSION_COOKIE]


def main() -> None:
    """Build, serve, scan."""
    scanner = ensure_environment()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"OUVOIR_VAR": scratch, "OUVOIR_OPEN_DATA": str(Path(scratch) / "opendata")}
        database = Path(scratch) / "site.db"
        build_site(database)
        with serve_database(database) as site:
            scan_site(scanner, f"{site}/")
            token = sign_in(site, database)
            outside = [f"{site}/agents/deconnexion", f"{site}/agents/comptes/1/*"]  # what would end the session itself
            scan_site(
                scanner,
                f"{site}/agents/",
                "-C",
                f"{SESSION_COOKIE}={token}",
                *(part for address in outside for part in ("-x", address)),
            )
            history = httpx.get(f"{site}/agents/historique", cookies={SESSION_COOKIE: token})
            is_open = history.status_code == httpx.codes.OK
            print("the session is still open" if is_open else "the session was lost: the agents' pages were not tried")


if __name__ == "__main__":
    main()
