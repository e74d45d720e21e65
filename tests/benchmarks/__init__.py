"""Benchmarks. They run when named, `pytest tests/benchmarks`, and need the extra `bench`; no time is asserted."""
