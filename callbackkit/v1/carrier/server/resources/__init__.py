"""The carrier's side of each REST resource: a function for each operation that is declared."""
