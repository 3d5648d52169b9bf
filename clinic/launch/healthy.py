"""Health check of a container: status 0 when the address answers 200.

Asks with a host the pages answer to, and as if by HTTPS; else the answer would be a redirect.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def main(url: str) -> int:
    """Ask once; return the exit status."""
    parts = urlsplit(url)
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=4)
    try:
        connection.request("GET", parts.path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        print(error)
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
