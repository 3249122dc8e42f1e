"""Where this machine can be reached, found without asking any other one: a hall may have no internet."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator

from app.settings import Settings

_FAR_AWAY = ("10.255.255.255", "192.168.255.255", "172.31.255.255", "2001:db8::1")
"""Addresses in networks of all kinds, none of them anybody's."""

_OF_CONTAINERS = ("docker", "br-", "veth", "virbr", "lxc", "cni", "podman")
"""What the names of interfaces begin with that lead into this machine and not out of it."""

_SIOCGIFADDR = {"linux": 0x8915, "darwin": 0xC0206921}
"""Asks the system for an interface's address; the names of hosts would be asked of a server of names."""


def lan_addresses() -> list[str]:
    """The addresses under which others reach this machine, those of the default route first, IPv6 last.

    Returns:
        Texts such as ``"192.168.1.20"``; none where there is no network.
    """
    found = dict.fromkeys([*_routed(), *_of_interfaces()])
    return sorted(filter(_is_reachable, found), key=lambda address: ":" in address)


def origin(scheme: str, address: str, port: int) -> str:
    """An address as a browser takes it.

    >>> origin("http", "192.168.1.20", 8000), origin("https", "fd00::2", 443)
    ('http://192.168.1.20:8000', 'https://[fd00::2]')
    """
    host = f"[{address}]" if ":" in address else address
    return f"{scheme}://{host}" if port == {"http": 80, "https": 443}[scheme] else f"{scheme}://{host}:{port}"


def listens_everywhere(host: str) -> bool:
    """Whether this host to listen at means all addresses of the machine."""
    return host in ("0.0.0.0", "::")


def origins(scheme: str, host: str, port: int) -> list[str]:
    """The origins that lead to a listener from anywhere it can be reached from.

    Args:
        scheme: ``http`` or ``https``.
        host: what it listens at; of all addresses those of the network are meant, IPv6 only under ``::``.
        port: the one it listens at, not 0.
    """
    if not listens_everywhere(host):
        return [origin(scheme, host, port)]
    addresses = [address for address in lan_addresses() if host == "::" or ":" not in address]
    return [origin(scheme, address, port) for address in addresses]


def join_origins(settings: Settings) -> list[str]:
    """The origins that lead followers here, the best one first; over plain HTTP, which warns nobody.

    Args:
        settings: with the port in force. ``public_url`` stands before what this machine knows of itself;
            where only this computer can follow, or there is no network, that is the loopback address.

    >>> join_origins(Settings(host="192.168.1.20", port=8000, public_url="https://convscope.example/"))
    ['https://convscope.example', 'http://192.168.1.20:8000']
    """
    public = [] if settings.public_url is None else [settings.public_url.rstrip("/")]
    own = origins("http", settings.host, settings.port) or [origin("http", "127.0.0.1", settings.port)]
    return list(dict.fromkeys(public + own))


def _routed() -> Iterator[str]:
    """Which of our addresses would be the sender's; a datagram's ``connect`` sends nothing."""
    for far_away in _FAR_AWAY:
        family = socket.AF_INET6 if ":" in far_away else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)  # one may be our own network's
            asked.connect((far_away, 9))
            yield str(asked.getsockname()[0])


def _of_interfaces() -> Iterator[str]:
    """Those without a route to elsewhere too, such as that of a hotspot which this machine itself is."""
    get_address = _SIOCGIFADDR.get(sys.platform)
    if get_address is None:
        return
    import fcntl  # not there on every system

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            if not name.startswith(_OF_CONTAINERS):
                with contextlib.suppress(OSError):  # it has no address
                    told = fcntl.ioctl(asked, get_address, struct.pack("256s", name.encode()))
                    yield socket.inet_ntoa(told[20:24])


def _is_reachable(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    return not (address.is_loopback or address.is_link_local or address.is_unspecified)
