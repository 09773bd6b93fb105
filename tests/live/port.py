"""Ports for servers that are told their own."""

import random
import socket


def free_port() -> int:
    """Find a port that is free for UDP and TCP, below those that systems give to clients."""
    for _ in range(100):
        port = random.randrange(10_240, 32_768)
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(("127.0.0.1", port))
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
