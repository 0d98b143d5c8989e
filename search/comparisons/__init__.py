"""What fresh fine-tunes say: of finalists, on sealed problems, from student to student."""
