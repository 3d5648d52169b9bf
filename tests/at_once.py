"""The same thing done from several windows at the same moment."""

import threading
from collections.abc import Callable

from django.db import connection

from clinic.problems import Refused

AT_ONCE = 6


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Run all jobs at the same moment, each on a connection of its own; return `ok` or the code of the refusal."""
    ready = threading.Barrier(len(jobs))
    answers: list[str] = []

    def run(job: Callable[[], object]) -> None:
        try:
            ready.wait()
            job()
            answers.append("ok")
        except Refused as refused:
            answers.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(jobs), "a window got neither an answer nor a refusal"
    return sorted(answers)
