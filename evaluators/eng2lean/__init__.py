"""The final task: an English docstring in, a Lean definition out, judged by Lean."""
