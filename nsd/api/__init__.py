"""HTTP: one room for each API dialect."""
