"""Free ports and the addresses of this machine."""

import errno
import json
import secrets
import shutil
import socket
import subprocess
from ipaddress import ip_address

TRIED = 200


class NoFreePort(Exception):
    """No port of the tried range is free."""


def is_free(port: int, hosts: tuple[str, ...]) -> bool:
    """Say whether nobody listens on the port at any of the hosts."""
    for host in hosts:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                probe.listen(1)
        except OSError as error:
            # A machine without IPv6 has no such address: nobody can listen there.
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
    return True


def next_free(
    wanted: int, *, taken: frozenset[int] = frozenset(), hosts: tuple[str, ...] = ("127.0.0.1", "::1")
) -> int:
    """Return the wanted port or the next free one above it; raise NoFreePort after 200."""
    for port in range(wanted, min(wanted + TRIED, 65536)):
        if port not in taken and is_free(port, hosts):
            return port
    raise NoFreePort(f"no free port from {wanted} to {wanted + TRIED - 1}")


def any_free() -> int:
    """Return a free port nobody needs to remember; raise NoFreePort when 200 drawn ones were in use.

    Drawn, because two systems that start together and count upwards would choose the same; below the range from which
    the kernel takes the ports of outgoing connections, because a server that is started again needs its port back.
    """
    for _ in range(TRIED):
        port = 10_000 + secrets.randbelow(20_000)
        if is_free(port, ("127.0.0.1", "::1")):
            return port
    raise NoFreePort("no free port among 200 drawn from 10000 to 29999")


def lan_addresses() -> list[str]:
    """List the IPv4 addresses other machines can reach this one under, the main one first."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only asks the routing table.
            probe.connect(("192.0.2.1", 9))
            found.append(str(probe.getsockname()[0]))
        except OSError:
            pass
    if shutil.which("ip"):
        listing = subprocess.run(["ip", "-json", "-4", "addr"], capture_output=True, text=True, check=False)
        for link in json.loads(listing.stdout or "[]"):
            if not link.get("ifname", "").startswith(("lo", "docker", "br-", "veth", "virbr")):
                found += [entry["local"] for entry in link.get("addr_info", [])]
    return [address for address in dict.fromkeys(found) if not ip_address(address).is_loopback]
