"""One student on one benchmark by hand, outside every search."""
