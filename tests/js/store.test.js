import assert from "node:assert/strict";
import { test } from "node:test";
import { createStore, isShallowEqual } from "../../static/js/core/store.js";

/** After every microtask that waits now. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function counter() {
  return createStore({ row: 0, column: 0, name: "a" });
}

test("changes are told once, together, after the task", async () => {
  const store = counter();
  /** @type {unknown[]} */
  const told = [];
  store.subscribe(["row", "column"], (now, before) => told.push([now, before]));
  store.set({ row: 1 });
  store.set({ column: 2 });
  assert.deepEqual(store.get(), { row: 1, column: 2, name: "a" });
  assert.deepEqual(told, []);
  await settled();
  assert.deepEqual(told, [
    [
      { row: 1, column: 2 },
      { row: 0, column: 0 },
    ],
  ]);
});

test("listeners hear only of what they watch", async () => {
  const store = counter();
  let calls = 0;
  store.subscribe(["name"], () => (calls += 1));
  store.subscribe(
    ({ row }) => row > 2,
    () => (calls += 1),
  );
  store.set({ row: 1 });
  await settled();
  assert.equal(calls, 0);
  store.set({ row: 3 });
  await settled();
  assert.equal(calls, 1);
});

test("nothing changed, nothing told", async () => {
  const store = counter();
  let calls = 0;
  store.subscribe(
    (state) => state,
    () => (calls += 1),
  );
  const before = store.get();
  store.set({ row: 0 });
  store.set({});
  assert.equal(store.get(), before);
  store.set({ row: 5 });
  store.set({ row: 0 });
  await settled();
  assert.equal(calls, 0);
});

test("a selection is compared by its elements", async () => {
  const store = counter();
  let calls = 0;
  store.subscribe(
    ({ row, column }) => [row, column],
    () => (calls += 1),
  );
  store.set({ name: "b" });
  await settled();
  assert.equal(calls, 0);
});

test("the end of a subscription, also from within a listener", async () => {
  const store = counter();
  let calls = 0;
  const ends = [0, 1].map((i) =>
    store.subscribe(["row"], () => {
      calls += 1;
      ends[1 - i]();
    }),
  );
  store.set({ row: 1 });
  await settled();
  assert.equal(calls, 1);
});

test("a batch tells at its end, once, and not again", async () => {
  const store = counter();
  let calls = 0;
  store.subscribe(["row"], () => (calls += 1));
  store.batch(() => {
    store.set({ row: 1 });
    store.batch(() => store.set({ row: 2 }));
    assert.equal(calls, 0);
  });
  assert.equal(calls, 1);
  await settled();
  assert.equal(calls, 1);
});

test("a batch that fails still tells what it changed", () => {
  const store = counter();
  let calls = 0;
  store.subscribe(["row"], () => (calls += 1));
  assert.throws(
    () =>
      store.batch(() => {
        store.set({ row: 1 });
        throw new Error("stop");
      }),
    /stop/,
  );
  assert.equal(calls, 1);
});

test("a listener may change the state; others hear of it next", async () => {
  const store = counter();
  store.subscribe(["row"], ({ row }) => store.set({ column: row * 10 }));
  /** @type {number[]} */
  const columns = [];
  store.subscribe(["column"], ({ column }) => columns.push(column));
  store.set({ row: 4 });
  await settled();
  assert.equal(columns.at(-1), 40);
  assert.equal(columns.length, 1);
});

test("a listener that fails does not stop the others", () => {
  const store = counter();
  let calls = 0;
  const fail = () => {
    throw new Error("broken");
  };
  store.subscribe(["row"], fail);
  store.subscribe(["row"], () => (calls += 1));
  assert.throws(() => store.batch(() => store.set({ row: 1 })), /broken/);
  assert.equal(calls, 1);
  store.subscribe(["row"], fail);
  assert.throws(() => store.batch(() => store.set({ row: 2 })), AggregateError);
});

test("neither the initial object nor the state can be changed from outside", () => {
  const initial = { row: 0 };
  const store = createStore(initial);
  initial.row = 9;
  assert.equal(store.get().row, 0);
  assert.throws(() => {
    /** @type {any} */ (store.get()).row = 1;
  }, TypeError);
});

test("shallow equality", () => {
  assert.ok(isShallowEqual([1, "a"], [1, "a"]));
  assert.ok(isShallowEqual({ a: Number.NaN }, { a: Number.NaN }));
  assert.ok(!isShallowEqual([1], [1, 2]));
  assert.ok(!isShallowEqual({ a: 1 }, { b: 1 }));
  assert.ok(!isShallowEqual({ a: undefined }, { b: undefined }));
  assert.ok(!isShallowEqual([[1]], [[1]]));
  assert.ok(!isShallowEqual([], {}));
  assert.ok(!isShallowEqual(new Map(), new Map()));
  assert.ok(!isShallowEqual(new Float32Array(2), new Float32Array(2)));
  assert.ok(!isShallowEqual(null, {}));
  assert.ok(!isShallowEqual(0, -0));
});
