"""What the program knows beforehand: forms, 科目, and the user's own overrides."""
