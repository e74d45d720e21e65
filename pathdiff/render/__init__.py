"""Renderings of an explanation. Each takes the same derivation and computes nothing of its own."""
