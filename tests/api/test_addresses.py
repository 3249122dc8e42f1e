"""Where others reach this machine, and where followers are led."""

from __future__ import annotations

import pytest

from app.addresses import join_origins, lan_addresses, listens_everywhere
from app.settings import Settings


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_followers_are_led_to_the_addresses_of_the_network(host: str) -> None:
    led = join_origins(Settings(host=host, port=8000))
    assert listens_everywhere(host)
    assert not any("127.0.0.1" in each or "0.0.0.0" in each or "[::" in each for each in led)
    assert all(each.startswith("http://") and each.endswith(":8000") for each in led)


def test_a_public_address_stands_first() -> None:
    led = join_origins(Settings(host="0.0.0.0", port=8000, public_url="https://convscope.example/"))
    assert led[0] == "https://convscope.example"
    assert led[1:] == join_origins(Settings(host="0.0.0.0", port=8000))


@pytest.mark.parametrize(
    ("host", "port", "led"),
    [
        ("127.0.0.1", 8000, "http://127.0.0.1:8000"),
        ("192.168.1.20", 80, "http://192.168.1.20"),
        ("fd00::2", 8000, "http://[fd00::2]:8000"),
    ],
)
def test_one_address_leads_to_itself(host: str, port: int, led: str) -> None:
    assert join_origins(Settings(host=host, port=port)) == [led]


def test_without_a_network_only_this_computer_can_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.addresses.lan_addresses", list)
    assert join_origins(Settings(host="0.0.0.0", port=8000)) == ["http://127.0.0.1:8000"]


def test_no_address_of_the_machine_is_of_use_to_itself_alone() -> None:
    for address in lan_addresses():
        assert not address.startswith(("127.", "169.254.", "fe80:"))
        assert address != "::1"
