"""The composition root: from settings to one running server, and back."""
