"""Free loopback ports that stay ours while their owner is away."""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def is_free(port: int) -> bool:
    """Whether something could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something listens on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex((LOOPBACK, port)) == 0


def free_ports(count: int) -> list[int]:
    """`count` different free loopback ports, picked at random so that two machines starting together do not meet.

    They lie below the range from which the kernel takes ports for outgoing connections: a client that keeps calling a
    dead broker on a port of that range ends up connected to itself, and the broker cannot come back.
    """
    below = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32768
    candidates = range(10000, below) if below > 12000 else range(61000, 65536)
    chosen: list[int] = []
    for port in random.sample(candidates, len(candidates)):
        if len(chosen) == count:
            break
        if is_free(port):
            chosen.append(port)
    return chosen
