"""One study for each of several students, and how far a recipe carries from one to another."""
