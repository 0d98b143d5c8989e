"""One student on one benchmark, outside every search."""
