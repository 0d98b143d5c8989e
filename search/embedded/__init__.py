"""The embedded world: a grammar of small functions and the tiny models made from it."""
