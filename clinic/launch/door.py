"""The door of the system: its addresses, what Caddy is told, and whether it answers."""

import contextlib
import hashlib
import http.client
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.launch.paths import State
from clinic.launch.ports import lan_addresses, next_free
from clinic.launch.supervisor import Failed

FIRST_PORTS = {"site": 8000, "secure site": 8443}
SIGN_IN = "/sign-in/"
CADDYFILE = Path(__file__).with_name("Caddyfile")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the system is reached."""

    port: int
    hosts: tuple[str, ...]
    lan: bool

    @property
    def addresses(self) -> list[str]:
        """Every address, the one to print first."""
        scheme = "https" if self.lan else "http"
        return [f"{scheme}://{host}:{self.port}" for host in self.hosts]


def choose_door(lan: bool) -> Door:
    """Choose address and port: this machine alone, or with *lan* every address of it."""
    if not lan:
        wanted = int(os.environ.get("PORT", FIRST_PORTS["site"]))
        return Door(next_free(wanted), ("localhost", "127.0.0.1"), lan=False)
    wanted = int(os.environ.get("PORT", FIRST_PORTS["secure site"]))
    port = next_free(wanted, hosts=("0.0.0.0", "::"))  # noqa: S104
    name = socket.gethostname().lower()
    hosts = (*lan_addresses(), *([name, f"{name}.local"] if name and "." not in name else [name]), "localhost")
    return Door(port, tuple(dict.fromkeys(hosts)), lan=True)


def site_environment(door: Door, ports: Mapping[str, int], state: State) -> dict[str, str]:
    """Return what the Caddyfile takes from the environment."""
    # A browser that remembers HSTS for a year would refuse everything else on localhost, and any click past a warning.
    extra = "tls internal\n\theader {\n\t\t-Strict-Transport-Security\n\t\tdefer\n\t}" if door.lan else ""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(state.caddy),
        "XDG_DATA_HOME": str(state.caddy),
        "XDG_CONFIG_HOME": str(state.caddy),
        "SITE_ADDRESS": ", ".join(door.addresses),
        "SITE_BIND": "0.0.0.0" if door.lan else "127.0.0.1 ::1",  # noqa: S104
        "SITE_OPTIONS": "auto_https disable_redirects",
        "SITE_TLS": extra,
        "SITE_SNI": door.hosts[0],
        "STATIC_ROOT": str(state.static),
        "AUTHORITY_FOLDER": str(state.caddy / "caddy" / "pki" / "authorities" / "local"),
        "WEB_UPSTREAM": f"127.0.0.1:{ports['web']}",
        "LIVE_UPSTREAM": f"127.0.0.1:{ports['live']}",
    }


def authority(state: State) -> Path:
    """Return the path of the root certificate of Caddy's own authority."""
    return state.caddy / "caddy" / "pki" / "authorities" / "local" / "root.crt"


def answer(door: Door, state: State, path: str) -> int:
    """Return the status a request through the door is answered with, 0 when it is not answered."""
    connection: http.client.HTTPConnection
    host = door.hosts[0]
    try:
        if door.lan:
            if not authority(state).exists():
                return 0
            context = ssl.create_default_context(cafile=str(authority(state)))
            connection = http.client.HTTPSConnection(host, door.port, timeout=5, context=context)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path, headers={"Host": f"{host}:{door.port}"})
            response = connection.getresponse()
            response.read()
            return response.status
    except (OSError, http.client.HTTPException):
        return 0


def page_is_there(door: Door, state: State) -> Callable[[], bool]:
    """Return a question to ask again and again: is the sign-in page answered? Raises Failed when it is broken."""
    broken = 0
    next_time = 0.0

    def ask() -> bool:
        nonlocal broken, next_time
        if time.monotonic() < next_time:
            return False
        status = answer(door, state, SIGN_IN)
        next_time = time.monotonic() + (0.05 if status == 0 else 0.5)
        broken += status not in (0, 200, 502, 503, 504)
        if broken > 5:
            raise Failed(f"the sign-in page is answered with {status}; see {state.logs / 'web.log'}")
        return status == 200

    return ask


def listens(port: int) -> bool:
    """Say whether something accepts connections on the loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.5):
        return True
    return False


def fingerprint_of(certificate: Path) -> str:
    """Return the SHA-256 fingerprint of a certificate as people compare it."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest().upper()
    return ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))
