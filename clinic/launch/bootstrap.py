"""Make `.venv` from a hashed lock, once for each content of the lock.

Runs on whatever ``python3`` there is, to say clearly when it is too old; so it keeps to syntax that Python 3.6 reads,
and imports nothing of ours.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOWEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def fail(text: str) -> None:
    """Say what is wrong and stop."""
    sys.stderr.write(text + "\n")
    raise SystemExit(1)


def be_new_enough() -> None:
    """Go on under a Python of the supported age, or say that there is none."""
    if sys.version_info[:2] >= LOWEST:
        return
    for name in NAMES:
        path = shutil.which(name)
        if path:
            os.execv(path, [path, *sys.argv])
    fail(
        f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]} and no newer one was found. "
        "Install one, or name it: make PYTHON=/path/to/python3.11 …"
    )


def have_ensurepip() -> None:
    """Install what Debian leaves out of its Python, when we may; name it otherwise."""
    try:
        import ensurepip  # noqa: F401

        return
    except ImportError:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {package}", flush=True)
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL, check=False)
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0:
            return
    fail(f"This Python cannot make virtual environments. Run: sudo {' '.join(command)}")


def install(lock: str) -> None:
    """Bring `.venv` to the state of the lock; nothing to do when its stamp says so."""
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    stamp = VENV / f".installed-{lock}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        have_ensurepip()
        print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    print(f"Installing the libraries of {lock} (a minute or two the first time)", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / lock)], check=False)
    if done.returncode != 0:
        fail("The libraries could not be installed; what pip says stands above. Run the same command again afterwards.")
    stamp.write_text(wanted)


def main() -> None:
    """Install each lock named on the command line, one caller at a time."""
    be_new_enough()
    if not sys.platform.startswith("linux"):
        fail("`make up` runs on Linux (x86-64 or ARM64). Elsewhere use docker compose: see README.md.")
    folder = os.open(str(ROOT), os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    for lock in sys.argv[1:]:
        install(lock)


if __name__ == "__main__":
    main()
