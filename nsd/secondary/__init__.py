"""What ns1 and ns2 need."""
