"""Answers graded: read, judged by the verifier, and diagnosed by evidence where they are wrong; one, or thousands."""
