"""At the end of `make bench`: one table of all figures, and the same as JSON."""

import pytest

from tests.benchmarks.report import FIGURES, FILE, table, write


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table once every benchmark is done."""
    if FIGURES:
        write(FIGURES)
        terminalreporter.section("figures")
        terminalreporter.write_line(table(FIGURES))
        terminalreporter.write_line(f"\nAlso in {FILE}")
