"""The study file as frozen data: every section, how it is read, what changed in it."""
