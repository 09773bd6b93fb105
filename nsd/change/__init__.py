"""The one way by which anything changes, whichever door it came in by."""
