"""The files from which BIND9 serves our zones."""
