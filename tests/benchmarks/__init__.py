"""Benchmarks: each figure beside its bare limit, measured in the same run. `make bench`; no test asserts a speed."""
