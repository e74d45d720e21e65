"""Answers graded: each is read, judged by the verifier, and where it is wrong diagnosed by evidence; one, or thousands."""
