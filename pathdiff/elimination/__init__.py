"""Vertex elimination: orders, what each costs, the cheapest that can be found, and an elimination step by step."""
