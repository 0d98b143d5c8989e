"""Lean verdicts over HTTP: the server of `outerloop lean serve`, and the client that asks it."""
