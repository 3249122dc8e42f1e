import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bool,
  choice,
  int,
  list,
  matrix,
  number,
  pair,
  string,
  volume,
} from "../../static/js/core/fields.js";
import { decode, defaults, defineSchema, encode, toQuery, validate } from "../../static/js/core/url-state.js";
import { randomFrom } from "./support/random.js";

const OPS = /** @type {const} */ (["conv2d", "max_pool2d", "relu"]);

const schema = defineSchema({
  op: choice({ param: "op", default: "conv2d", choices: OPS }),
  image: string({ param: "image", default: "chelsea", pattern: /[a-z0-9_-]{1,64}/ }),
  row: int({ param: "r", default: 0, min: 0, max: 9999 }),
  bias: number({ param: "b", default: 0 }),
  speed: number({ param: "speed", default: 1, min: 0.25, max: 4 }),
  flip: bool({ param: "flip", default: false }),
  stride: pair({ param: "s", default: [1, 1], min: 1, max: 8 }),
  padding: list({ param: "p", default: [0], maxCount: 4, min: 0 }),
  kernel: matrix({ param: "k", default: [[1]], maxCount: 121 }),
  weights: volume({ param: "w", default: [[[0]]] }),
});

/** @param {string} query */
function read(query) {
  return decode(schema, new URLSearchParams(query));
}

test("defaults leave the address empty, and an empty address gives defaults", () => {
  assert.equal(encode(schema, defaults(schema)).toString(), "");
  assert.deepEqual(read(""), { state: defaults(schema), invalid: [] });
});

test("a view as it stands in the address", () => {
  const state = {
    ...defaults(schema),
    row: 19,
    flip: true,
    stride: /** @type {const} */ ([3, 5]),
    kernel: [
      [1, 0, -1],
      [2, 0, -2],
    ],
    weights: [[[1, 0.5]], [[-0.25, 1e-7]]],
  };
  const query = toQuery(encode(schema, state));
  assert.equal(query, "r=19&flip=1&s=3x5&k=1,0,-1;2,0,-2&w=1,0.5/-0.25,1e-7");
  assert.deepEqual(read(query), { state, invalid: [] });
  assert.deepEqual(read(encode(schema, state).toString()), { state, invalid: [] });
});

test("the order of the parameters is the schema's, whatever order they came in", () => {
  const { state } = read("k=2&s=2&r=5&op=relu");
  assert.equal(toQuery(encode(schema, state)), "op=relu&r=5&s=2&k=2");
});

test("unknown parameters are ignored; of two, the first counts", () => {
  const { state, invalid } = read("utm_source=x&r=3&r=4");
  assert.equal(state.row, 3);
  assert.deepEqual(invalid, []);
});

test("a pair of equal numbers needs one", () => {
  assert.deepEqual(read("s=2").state.stride, [2, 2]);
  assert.equal(toQuery(encode(schema, { ...defaults(schema), stride: [2, 2] })), "s=2");
});

describe("what cannot be read falls back and is reported", () => {
  /** @type {[string, string, string[]][]} */
  const wrong = [
    ["op", "op", ["conv3d", "", "toString"]],
    ["image", "image", ["../etc/passwd", "", "x".repeat(65), "ab\ncd"]],
    ["row", "r", ["-1", "10000", "1.5", "abc", "", "0x10", "1e2", "99999999999999999999", " 1"]],
    ["bias", "b", ["NaN", "Infinity", "1e999", "", "1,5", "--1", "."]],
    ["speed", "speed", ["0", "4.01"]],
    ["flip", "flip", ["true", "yes", "", "constructor"]],
    ["stride", "s", ["0", "3x", "x3", "1x2x3", "2x9", "3×5"]],
    ["padding", "p", ["", "1,", "1,2,3,4,5", "-1"]],
    ["kernel", "k", ["1,2;3", ";", "a", Array(122).fill(1).join(",")]],
    ["weights", "w", ["1,2/1", "1;2/1", "/"]],
  ];
  for (const [key, param, texts] of wrong) {
    test(key, () => {
      for (const text of texts) {
        const { state, invalid } = decode(
          schema,
          new URLSearchParams({ [param]: text, r: "7", [param]: text }),
        );
        assert.deepEqual(invalid, [{ key, param, value: text }]);
        const expected = /** @type {Record<string, unknown>} */ ({ ...defaults(schema), row: 7 });
        expected[key] = schema[/** @type {keyof typeof schema} */ (key)].default;
        assert.deepEqual(state, expected);
      }
    });
  }
});

test("any valid state comes back from its address", () => {
  const random = randomFrom(30);
  const value = () => random.pick([0, 1, -1, 0.1, -2.5, 1e-7, 1e21, random.double(), random.float32()]);
  const row = (/** @type {number} */ n) => Array.from({ length: n }, value);
  const rows = (/** @type {number} */ m, /** @type {number} */ n) => Array.from({ length: m }, () => row(n));
  for (let round = 0; round < 500; round += 1) {
    const [m, n] = [random.int(1, 5), random.int(1, 5)];
    const state = {
      op: random.pick(OPS),
      image: random.pick(["chelsea", "a_b-c", "0"]),
      row: random.int(0, 9999),
      bias: value(),
      speed: random.pick([0.25, 1, 4, 1 / 3]),
      flip: random.pick([true, false]),
      stride: /** @type {[number, number]} */ ([random.int(1, 8), random.int(1, 8)]),
      padding: Array.from({ length: random.int(1, 4) }, () => random.int(0, 9)),
      kernel: rows(m, n),
      weights: Array.from({ length: random.int(1, 4) }, () => rows(m, n)),
    };
    const params = encode(schema, state);
    assert.deepEqual(decode(schema, params), { state, invalid: [] });
    assert.deepEqual(decode(schema, new URLSearchParams(toQuery(params))), { state, invalid: [] });
    assert.deepEqual(validate(schema, state), { state, invalid: [] });
  }
});

test("nonsense never throws, and always gives a state that is valid", () => {
  const random = randomFrom(31);
  const letters = [..."0123456789.,;/x-+eE×abc%&= \u0000é"];
  for (let round = 0; round < 2000; round += 1) {
    const params = new URLSearchParams();
    for (const { param } of Object.values(schema)) {
      params.set(param, Array.from({ length: random.int(0, 6) }, () => random.pick(letters)).join(""));
    }
    const { state } = decode(schema, params);
    assert.deepEqual(validate(schema, state).invalid, []);
  }
});

describe("validate", () => {
  test("keeps what is valid, reports what is not, drops what is unknown", () => {
    const given = { row: 5, stride: [2, 2, 2], kernel: [[1, "2"]], flip: "yes", bias: Number.NaN, extra: 1 };
    const { state, invalid } = validate(schema, given);
    assert.deepEqual(state, { ...defaults(schema), row: 5 });
    assert.deepEqual(
      invalid.map(({ key }) => key),
      ["bias", "flip", "stride", "kernel"],
    );
    assert.equal(invalid[2].value, given.stride);
  });

  test("does not look into prototypes", () => {
    assert.deepEqual(validate(schema, Object.create({ row: 5 })).state, defaults(schema));
  });

  test("copies, and knows one zero only", () => {
    const kernel = [[1, -0]];
    const { state } = validate(schema, { kernel, bias: -0 });
    assert.notEqual(state.kernel, kernel);
    assert.ok(Object.is(state.kernel[0][1], 0) && Object.is(state.bias, 0));
    assert.equal(toQuery(encode(schema, { ...defaults(schema), bias: -0 })), "");
    assert.ok(Object.is(read("b=-0").state.bias, 0) && Object.is(read("r=-0").state.row, 0));
  });
});

describe("a schema that cannot work is refused", () => {
  test("two fields with one parameter", () => {
    const twice = { a: int({ param: "x", default: 0 }), b: bool({ param: "x", default: false }) };
    assert.throws(() => defineSchema(twice), /parameter x/);
  });
  test("a default that is no value", () => {
    assert.throws(() => defineSchema({ a: int({ param: "a", default: 0, min: 1 }) }), /default of a/);
  });
});
