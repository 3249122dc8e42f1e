from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from app.colormaps import color_table
from app.negotiation import choose_form
from app.representations import area_averaged
from tests.api.nets import CONV, assert_problem, get_array, get_json, post_run
from tests.api.server import Api, MakeApi


@pytest.fixture
def output(api: Api) -> str:
    """The address of an output of (3, 7, 11) numbers of both signs."""
    return f"{post_run(api, [CONV, {'name': 'act', 'op': 'relu'}])['url']}/nodes/conv/output"


def picture(api: Api, url: str) -> Image.Image:
    answer = api.get(url)
    assert answer.headers["content-type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


class TestForms:
    def test_by_suffix_or_header(self, api: Api, output: str) -> None:
        npy = api.get(f"{output}.npy")
        assert npy.headers["content-type"] == "application/x-npy"
        assert api.get(output, headers={"Accept": "application/x-npy"}).content == npy.content
        assert api.get(output, headers={"Accept": "image/*"}).headers["content-type"] == "image/png"
        assert api.get(output, headers={"Accept": "*/*"}).headers["content-type"] == "application/json"
        assert get_json(api, f"{output}.json")["data"] == np.load(io.BytesIO(npy.content)).tolist()

    def test_what_cannot_be_given(self, api: Api, output: str) -> None:
        assert_problem(api.get(f"{output}.gif"), 406, "not-acceptable", "suffix")
        assert_problem(api.get(output, headers={"Accept": "image/gif"}), 406, "not-acceptable", "Accept")

    @pytest.mark.parametrize(
        ("accept", "form"),
        [
            (None, "json"),
            ("application/x-npy;q=0.5, image/png", "png"),
            ("application/json;q=0, */*", "npy"),
            ("text/html, image/webp, */*;q=0.1", "json"),
        ],
    )
    def test_quality_decides(self, accept: str | None, form: str) -> None:
        assert choose_form(None, accept, ("json", "npy", "png")) == form

    def test_json_up_to_its_limit(self, make_api: MakeApi) -> None:
        for limit, status in ((231, 200), (230, 406)):
            api = make_api(limits={"json_numbers": limit})
            url = f"{post_run(api)['url']}/nodes/conv/output"
            answer = api.get(url)
            assert answer.status_code == status
            if status == 406:
                problem = assert_problem(answer, 406, "too-many-numbers", "Accept")
                assert ".npy" in problem["params"]["allowed"]


class TestParts:
    def test_channels(self, api: Api, output: str) -> None:
        every = get_array(api, f"{output}.npy")
        assert every.shape == (3, 7, 11)
        assert np.array_equal(get_array(api, f"{output}.npy?channels=1:3"), every[1:3])
        assert np.array_equal(get_array(api, f"{output}.npy?channels=:2"), every[:2])
        for wrong in ("1", "2:1", "0:4", "-1:2", "a:b"):
            assert_problem(api.get(f"{output}.npy?channels={wrong}"), 422, "invalid-argument", "channels")

    def test_max_px_averages_areas(self, api: Api, output: str) -> None:
        every = get_array(api, f"{output}.npy")
        small = get_array(api, f"{output}.npy?max_px=4")
        assert small.shape == (3, 3, 4)
        assert np.allclose(small.mean(axis=(1, 2)), every.mean(axis=(1, 2)), atol=1e-5)
        assert np.array_equal(get_array(api, f"{output}.npy?max_px=11"), every)

    def test_whole_factors_are_plain_means(self) -> None:
        x = np.random.default_rng(0).standard_normal((2, 6, 8))
        assert np.allclose(area_averaged(x, 4), x.reshape(2, 3, 2, 4, 2).mean(axis=(2, 4)))


class TestDtypes:
    def test_all_are_little_endian(self, api: Api, output: str) -> None:
        for dtype, stored in (("float32", "<f4"), ("float16", "<f2"), ("uint8", "|u1")):
            assert get_array(api, f"{output}.npy?dtype={dtype}").dtype == np.dtype(stored)

    def test_float16_is_rounded_once(self, api: Api, output: str) -> None:
        answer = api.get(f"{output}.npy?dtype=float16")
        assert "x-scale" not in answer.headers
        assert np.array_equal(
            np.load(io.BytesIO(answer.content)), get_array(api, f"{output}.npy").astype(np.float16)
        )

    def test_large_numbers_are_scaled(self, api: Api) -> None:
        nodes = [{"name": "conv", "op": "conv2d", "weight": [[1e6]]}]
        url = f"{post_run(api, nodes)['url']}/nodes/conv/output.npy"
        answer = api.get(f"{url}?dtype=float16")
        scale = float(answer.headers["x-scale"])
        assert math.log2(scale).is_integer()
        stored = np.load(io.BytesIO(answer.content))
        assert np.isfinite(stored).all()
        assert np.allclose(stored.astype(np.float64) * scale, get_array(api, url), rtol=1e-3)

    def test_uint8_tells_scale_and_offset(self, api: Api, output: str) -> None:
        answer = api.get(f"{output}.npy?dtype=uint8")
        stored = np.load(io.BytesIO(answer.content)).astype(np.float64)
        scale, offset = float(answer.headers["x-scale"]), float(answer.headers["x-offset"])
        assert (stored.min(), stored.max()) == (0, 255)
        assert np.abs(stored * scale + offset - get_array(api, f"{output}.npy")).max() <= scale * 0.501

    def test_no_other(self, api: Api, output: str) -> None:
        assert_problem(api.get(f"{output}.npy?dtype=int8"), 422, "invalid-argument", "dtype")


class TestPictures:
    def test_a_signed_map_has_zero_in_the_middle(self, api: Api, output: str) -> None:
        values = get_array(api, f"{output}.npy")[1]
        answer = api.get(f"{output}.png?channel=1")
        low, high = (float(answer.headers[f"x-legend-{end}"]) for end in ("min", "max"))
        assert -low == high == np.abs(get_array(api, f"{output}.npy")).max()
        assert answer.headers["x-legend-colormap"] == "signed"
        levels = np.asarray(Image.open(io.BytesIO(answer.content)))
        assert levels.shape == values.shape
        assert np.abs(levels - (values / high * 127 + 127)).max() <= 0.51
        # Zero's own colour stands in the middle of the palette.
        assert color_table("signed")[127].tolist() == [0xF4, 0xF2, 0xEE]

    def test_a_relu_map_keeps_the_positive_colors(self, api: Api, output: str) -> None:
        answer = api.get(output.replace("conv", "act") + ".png")
        assert answer.headers["x-legend-colormap"] == "nonnegative"
        assert answer.headers["x-legend-min"] == "0.0"
        assert np.array_equal(color_table("nonnegative")[::2][:127], color_table("signed")[127:254])

    def test_the_input_is_gray(self, api: Api, output: str) -> None:
        answer = api.get(output.replace("conv", "input") + ".png")
        assert answer.headers["x-legend-colormap"] == "gray"
        assert (answer.headers["x-legend-min"], answer.headers["x-legend-max"]) == ("0.0", "1.0")

    def test_a_mosaic_has_every_map(self, api: Api, output: str) -> None:
        mosaic = picture(api, f"{output}.png")
        assert mosaic.size == (2 * 11 + 1, 2 * 7 + 1)
        second = np.asarray(picture(api, f"{output}.png?channel=1"))
        assert np.array_equal(np.asarray(mosaic)[:7, 12:], second)
        assert mosaic.convert("RGBA").getpixel((11, 0)) == (0, 0, 0, 0)

    def test_scales(self, api: Api, output: str) -> None:
        values = get_array(api, f"{output}.npy")
        single = api.get(f"{output}.png?channel=2&scale=map")
        assert float(single.headers["x-legend-max"]) == np.abs(values[2]).max()
        net = api.get(f"{output}.png?scale=net&colormap=signed")
        assert float(net.headers["x-legend-max"]) == np.abs(values).max()
        assert "x-legend-max" not in api.get(f"{output}.png?scale=map").headers

    def test_themes_and_colormaps(self, api: Api, output: str) -> None:
        light, dark = (picture(api, f"{output}.png?theme={theme}") for theme in ("light", "dark"))
        assert light.getpalette() != dark.getpalette()
        assert api.get(f"{output}.png?colormap=weight").headers["x-legend-colormap"] == "weight"
        assert_problem(api.get(f"{output}.png?colormap=jet"), 422, "invalid-argument", "colormap")
        assert_problem(api.get(f"{output}.png?channel=3"), 422, "invalid-argument", "channel")

    def test_their_limit(self, make_api: MakeApi) -> None:
        for pixels, status in ((3 * 8 * 12, 200), (3 * 8 * 12 - 1, 413)):
            api = make_api(limits={"image_pixels": pixels})
            assert api.get(f"{post_run(api)['url']}/nodes/conv/output.png").status_code == status


class TestCaching:
    def test_content_addresses_are_immutable(self, api: Api, output: str) -> None:
        first = api.get(f"{output}.npy")
        assert "immutable" in first.headers["cache-control"]
        again = api.get(f"{output}.npy", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

    def test_tags_differ_by_form_and_part(self, api: Api, output: str) -> None:
        tags = [
            api.get(url).headers["etag"] for url in (f"{output}.npy", f"{output}.npy?dtype=uint8", output)
        ]
        tags.append(api.get(output, headers={"Accept": "image/png"}).headers["etag"])
        assert len(set(tags)) == 4

    def test_a_tag_of_what_is_not_there_is_404(self, api: Api) -> None:
        url = "/api/v1/runs/run_00000000000000000000/nodes/conv/output.npy"
        assert api.get(url, headers={"If-None-Match": "*"}).status_code == 404

    def test_head_tells_the_same_without_the_body(self, api: Api, output: str) -> None:
        got, head = api.get(f"{output}.png"), api.head(f"{output}.png")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-type", "content-length", "x-legend-max"):
            assert head.headers[name] == got.headers[name]
