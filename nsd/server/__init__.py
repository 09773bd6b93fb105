"""DNS on the wire."""
