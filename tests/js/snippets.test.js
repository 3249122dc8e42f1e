import assert from "node:assert/strict";
import { test } from "node:test";
import { runRequest } from "../../static/js/core/operation-request.js";
import { schema } from "../../static/js/core/operation-schema.js";
import { curlSnippet, pythonLiteral, pythonSnippet } from "../../static/js/core/snippets.js";
import { defaults } from "../../static/js/core/url-state.js";

const NOTES = { needs: "Needs", own: "With a picture of your own", axes: "channel, row, column" };
const REQUEST = {
  origin: "http://127.0.0.1:8000",
  body: runRequest({ ...defaults(schema), flip: true, bias: 0.1 }, 3),
  run: "run_1",
  node: "operation",
  cell: [0, 19, 14],
};

test("Python's own literals", () => {
  assert.equal(pythonLiteral([true, false, null, -0.5, 'a"b'], "  "), '[True, False, None, -0.5, "a\\"b"]');
  assert.equal(pythonLiteral({}, "  "), "{}");
  assert.equal(pythonLiteral({ a: [1, 2] }), '{\n    "a": [1, 2],\n}');
});

test("long lists are broken into lines, short ones are not", () => {
  const kernel = Array.from({ length: 9 }, () => new Array(9).fill(0.125));
  const lines = pythonLiteral({ weight: kernel }).split("\n");
  assert.equal(lines.length, 13);
  assert.ok(lines.every((line) => line.length < 100));
});

test("the script posts the very body and asks for the very cell", () => {
  const text = pythonSnippet(REQUEST, NOTES);
  assert.match(text, /^API = "http:\/\/127\.0\.0\.1:8000\/api\/v1"$/m);
  assert.match(text, /"flip": True/);
  assert.match(text, /cell = \(0, 19, 14\) {2}# channel, row, column/);
  assert.match(text, /cells\/0\/19\/14/);
  assert.deepEqual(
    [...text.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name),
    ["io", "httpx", "numpy"],
  );
});

test("a number of a vector is found by one index, a node by its encoded name", () => {
  const text = pythonSnippet({ ...REQUEST, node: "/fc/out", cell: [7, 0, 0], rank: 1 }, NOTES);
  assert.match(text, /cell = \(7,\)/);
  assert.match(text, /nodes\/%2Ffc%2Fout"/);
  assert.match(text, /cells\/7\/0\/0/);
});

test("the shell gets one word per argument", () => {
  const text = curlSnippet({ ...REQUEST, body: { name: "it's" } });
  assert.match(text, /-d '\{"name":"it'\\''s"\}'/);
  assert.match(text, /runs\/run_1\/nodes\/operation\/output\.npy' -o output\.npy$/m);
  const body = /-d '(.*)' -w/.exec(curlSnippet(REQUEST));
  assert.deepEqual(JSON.parse(body?.[1] ?? ""), JSON.parse(JSON.stringify(REQUEST.body)));
});
