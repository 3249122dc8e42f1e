"""What the server tells of itself."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.metrics import Metrics
from app.settings import ROOT
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi


def told(api: Api) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every number by its name and the values of its labels, in the alphabetical order of these."""
    text = api.get("/metrics").text
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_not_by_address(api: Api) -> None:
    for name in ("chelsea", "coffee", "nothing"):
        api.get(f"/api/v1/images/{name}")
    api.get("/api/v1/nowhere/1")
    api.get("/api/v1/nowhere/2")
    numbers = told(api)
    count = "convscope_requests_total"
    assert numbers[count, ("GET", "/api/v1/images/{image}", "200")] == 2
    assert numbers[count, ("GET", "/api/v1/images/{image}", "404")] == 1
    assert numbers[count, ("GET", "none", "404")] == 2
    assert numbers["convscope_request_seconds_count", ("/api/v1/images/{image}",)] == 3


def test_what_is_kept_and_what_may_be(make_api: MakeApi) -> None:
    api = make_api(image_memory_bytes=1_000_000)
    before = told(api)
    api.upload(png(noise(20, 30)))
    after = told(api)
    grown = ("convscope_store_bytes", ("image memory",))
    assert after[grown] - before[grown] == 20 * 30 * 3
    assert after["convscope_store_budget_bytes", ("image memory",)] == 1_000_000
    assert after["convscope_sent_bytes_total", ()] > before["convscope_sent_bytes_total", ()]


def test_a_full_gate_tells_how_many_it_has_refused(api: Api) -> None:
    quick = api.app.state.services.lanes.quick
    taken, quick.accepted = quick.accepted, quick.places
    assert api.get("/api/v1/models/tiny-vgg").status_code == 503
    numbers = told(api)
    quick.accepted = taken
    assert numbers["convscope_gate_refused_total", ("quick",)] == 1
    assert numbers["convscope_gate_accepted", ("quick",)] == numbers["convscope_gate_places", ("quick",)]


def test_every_metric_is_described(api: Api) -> None:
    text = (Path(ROOT) / "docs/metrics.md").read_text(encoding="utf-8")
    counted: Metrics = api.app.state.metrics
    for name, kind, meaning in counted.described():
        if name.startswith("convscope_"):
            assert f"| `{name}` | {kind} | {meaning} |" in text
