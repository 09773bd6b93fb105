"""ALIAS: targets are resolved in the background, and their addresses written into zones.

`keeper` knows every ALIAS and brings its addresses up to date; `own` follows targets through the
zones in memory; `target` decides about what stands outside, and `resolver` asks for it.
"""
