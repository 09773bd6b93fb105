"""DNS messages on the wire; pure: no socket, event loop or clock."""
