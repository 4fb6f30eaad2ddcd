"""What a report means: dataclasses without I/O."""
