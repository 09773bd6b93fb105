"""The differential campaign: generated zones asked of NSD, Knot, BIND and ours.

`world` says what is generated and asked, `strategies` generates it, `peers` runs the real
servers, `ours` the one under test, `asker` asks, `reply` makes answers comparable, `classes`
names each known difference with the document that decides it, `run` puts them together.
"""
