"""Resolves every name below localhost to this machine, as RFC 6761 asks and glibc does not.

On PYTHONPATH of the clients, so that tenants can be reached by sub-domain without /etc/hosts.
"""

import socket

_original = socket.getaddrinfo


def _getaddrinfo(host, *arguments, **options):
    if isinstance(host, str) and host.endswith(".localhost"):
        host = "127.0.0.1"
    return _original(host, *arguments, **options)


socket.getaddrinfo = _getaddrinfo
