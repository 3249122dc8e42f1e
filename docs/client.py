# %% [markdown]
"""ConvScope from a notebook: the numbers that the page shows, as NumPy arrays.

Start the server by `make run`; open this file as a notebook, or `PYTHONPATH=. python docs/client.py`.
"""

# %%
import numpy as np

from app.client import Client, NotFound

client = Client("http://127.0.0.1:8000")
print([model.name for model in client.models()])

# %% [markdown]
# A run is a mapping from nodes to arrays, (channels, rows, columns); each is fetched when it is asked for.

# %%
run = client.run("chelsea", model="tiny-vgg")
maps = run["conv_1_2"]
print(maps.shape, maps.dtype, [each.name for each in run.top[:3]])

# %% [markdown]
# Every number opens: where it is the largest, what is it made of?

# %%
channel, row, column = np.unravel_index(maps.argmax(), maps.shape)
cell = run.explain("conv_1_2", (channel, row, column))
print(cell.value, "≈", cell.products.sum() + cell.bias, "from", cell.term_count, "products")
print("it sees", cell.receptive_field)

# %% [markdown]
# What if a channel were off?

# %%
off = client.run(
    "chelsea", model="tiny-vgg", edits=[{"node": "conv_1_2", "index": int(channel), "off": True}]
)
for before, after in zip(run.top[:3], off.top[:3], strict=True):
    print(f"{before.name} {before.probability:.3f}   {after.name} {after.probability:.3f}")

# %% [markdown]
# Pictures and kernels may be arrays.

# %%
stripes = np.zeros((40, 60), dtype=np.uint8)
stripes[:, ::8] = 255
kernel = np.array([[-1.0, 1.0]], dtype=np.float32)
edges = client.operation("conv2d", stripes, kernel=kernel, padding="same")
print(edges.shape, edges.min(), edges.max())

# %% [markdown]
# A layer's filters, with the Gabor function that fits each.

# %%
filters = client.filters("kmeans-bank", "conv1")
print(filters.summary["kinds"])
first = filters[filters.order[0]]
if first.fit is not None:
    print(
        f"{first.kind}: {first.fit.orientation_deg:.0f}°, a wave every {first.fit.wavelength_px:.1f} pixels"
    )

# %% [markdown]
# What cannot be is an exception that says why.

# %%
try:
    client.run("nobody", model="tiny-vgg")
except NotFound as error:
    print(error.code, error.params["allowed"])

client.close()
