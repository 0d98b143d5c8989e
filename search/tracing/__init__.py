"""From a problem that a student lost back to the data it learnt from."""
