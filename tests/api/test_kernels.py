from __future__ import annotations

import numpy as np

from engine.presets import PRESETS, make_kernel
from tests.api.nets import assert_problem, get_array, get_json
from tests.api.server import Api, MakeApi


def test_every_preset_is_listed_with_its_numbers(api: Api) -> None:
    kernels = get_json(api, "/api/v1/kernels")["kernels"]
    assert [kernel["name"] for kernel in kernels] == list(PRESETS)
    for kernel in kernels:
        assert kernel["values"] == make_kernel(kernel["name"]).tolist()
        assert get_json(api, kernel["url"])["values"] == kernel["values"]
    by_name = {kernel["name"]: kernel for kernel in kernels}
    assert by_name["sobel_x"]["sizes"] == [[3, 3]]
    assert by_name["box"]["sizes"] is None
    sigma = next(p for p in by_name["gabor"]["parameters"] if p["name"] == "sigma_px")
    assert (sigma["kind"], sigma["minimum"], sigma["maximum"]) == ("number", 0.1, 50)


def test_a_kernel_at_its_settings(api: Api) -> None:
    url = "/api/v1/kernels/gabor"
    answer = get_json(api, f"{url}?size=5,7&orientation_deg=45&sigma_px=1.5")
    made = make_kernel("gabor", (5, 7), {"orientation_deg": 45, "sigma_px": 1.5})
    assert answer["size"] == [5, 7]
    assert answer["settings"]["orientation_deg"] == 45
    assert answer["settings"]["aspect"] == 0.6
    assert answer["values"] == made.tolist()
    array = get_array(api, f"{url}.npy?size=5,7&orientation_deg=45&sigma_px=1.5")
    assert np.array_equal(array, made)


def test_kernels_that_cannot_be(api: Api) -> None:
    url = "/api/v1/kernels"
    assert_problem(api.get(f"{url}/nobody"), 404, "unknown-preset", "preset")
    assert_problem(api.get(f"{url}/gabor?size=0"), 422, "invalid-argument", "size")
    assert_problem(api.get(f"{url}/gabor?size=2000"), 422, "invalid-argument", "size")
    assert_problem(api.get(f"{url}/sobel_x?size=5"), 422, "invalid-argument", "kernel_size")
    assert_problem(api.get(f"{url}/gabor?sigma=1"), 422, "unknown-parameter", "sigma")
    assert_problem(api.get(f"{url}/gabor?sigma_px=NaN"), 422, "non-finite", "sigma_px")
    assert_problem(api.get(f"{url}/gabor?sigma_px=0"), 422, "invalid-argument", "sigma_px")
    assert_problem(api.get(f"{url}/gabor.png"), 406, "not-acceptable", "suffix")


def test_a_large_kernel_is_no_json(make_api: MakeApi) -> None:
    for limit, status in ((81, 200), (80, 406)):
        api = make_api(limits={"json_numbers": limit})
        assert api.get("/api/v1/kernels/box?size=9").status_code == status
