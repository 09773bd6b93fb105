"""What a zone is and what it answers: pure, without sockets, SQL, event loop or clock."""
