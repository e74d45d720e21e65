"""Somebody's answer, `dp/dx1 = ...`, from text to data: plain or LaTeX, with derivatives as factors."""
