import assert from "node:assert/strict";
import { test } from "node:test";
import { schema as network } from "../../static/js/core/network-schema.js";
import { schema as operation } from "../../static/js/core/operation-schema.js";
import {
  addressThere,
  canonicalCode,
  pageOf,
  placeIn,
  sharedAddress,
  viewFrom,
  withoutRoom,
  withRoom,
} from "../../static/js/core/room-address.js";
import { decode, defaults } from "../../static/js/core/url-state.js";

test("codes are forgiven their spaces, hyphens and small letters", () => {
  assert.equal(canonicalCode(" k7m-4 px"), "K7M4PX");
});

test("where a window is says its address", () => {
  assert.equal(placeIn("?stride=2"), null);
  assert.equal(placeIn("?room=&as=lead"), null);
  assert.deepEqual(placeIn("?room=k7m4px"), { code: "K7M4PX", role: "follower" });
  assert.deepEqual(placeIn("?room=K7M4PX&as=lead"), { code: "K7M4PX", role: "lead" });
  assert.deepEqual(placeIn("?room=K7M4PX&as=screen"), { code: "K7M4PX", role: "screen" });
  assert.deepEqual(placeIn("?room=K7M4PX&as=owner"), { code: "K7M4PX", role: "follower" });
});

test("a window keeps its room, and a copied view leaves it", () => {
  const search = "?stride=2&room=K7M4PX&as=lead";
  assert.equal(withRoom("/network", search), "/network?room=K7M4PX&as=lead");
  assert.equal(withRoom("/network?model=lenet-5", search), "/network?model=lenet-5&room=K7M4PX&as=lead");
  assert.equal(withRoom("/network", "?stride=2"), "/network");
  assert.equal(withoutRoom("http://h/operation?stride=2&room=K7M4PX&as=lead"), "http://h/operation?stride=2");
  assert.equal(withoutRoom("http://h/operation?room=K7M4PX"), "http://h/operation");
  assert.equal(withoutRoom("http://h/operation?cell=0,19,15"), "http://h/operation?cell=0,19,15");
});

test("a room is told of a view without what each reader chooses alone", () => {
  const { state } = decode(
    operation,
    new URLSearchParams("stride=2&cell=0,4,7&digits=3&lang=ja&theme=dark&projector=1"),
  );
  assert.equal(sharedAddress("/operation", operation, state), "/operation?stride=2&cell=0,4,7&digits=3");
});

test("a view of the room is seen through one's own choices, its digits are the lecture's", () => {
  const own = {
    ...defaults(operation),
    lang: /** @type {const} */ ("ja"),
    theme: /** @type {const} */ ("dark"),
    digits: 5,
  };
  const view = viewFrom("/operation?stride=3&lang=en&theme=light&projector=1&digits=1", operation, own);
  assert.deepEqual(
    [view.stride, view.lang, view.theme, view.projector, view.digits],
    [[3, 3], "ja", "dark", false, 1],
  );
});

test("what a room says of a view is checked like any address", () => {
  const view = viewFrom("/operation?stride=1e9&cell=x&kernel=<img>&evil=1", operation, defaults(operation));
  assert.deepEqual(view, defaults(operation));
});

test("on the way to the other page one takes along the room and one's own choices", () => {
  const own = { ...defaults(operation), lang: /** @type {const} */ ("ja"), projector: true };
  assert.equal(
    addressThere("/network?model=lenet-5&lang=en&theme=dark", "?room=K7M4PX", operation, own),
    "/network?model=lenet-5&lang=ja&projector=1&room=K7M4PX",
  );
  const { state } = decode(network, new URLSearchParams("model=lenet-5&projector=1&lang=ja"));
  assert.deepEqual([state.model, state.projector, state.lang], ["lenet-5", true, "ja"]);
});

test("a room leads to the two pages and nowhere else", () => {
  assert.equal(pageOf("/operation?stride=2"), "/operation");
  assert.equal(pageOf("/network"), "/network");
  for (const address of [
    "//evil.example/network",
    "https://evil.example/",
    "javascript:alert(1)",
    "/docs",
    "",
    "/network/x",
  ])
    assert.equal(pageOf(address), null, address);
});
