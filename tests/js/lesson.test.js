import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  checkLesson,
  isAddress,
  LessonProblem,
  LIMITS,
  localText,
  newLesson,
  parseLesson,
  rewritten,
  serialise,
  withEdited,
  withMoved,
  withoutStep,
  withStep,
  withTitle,
} from "../../static/js/core/lesson.js";
import { schema as network } from "../../static/js/core/network-schema.js";
import { schema as operation } from "../../static/js/core/operation-schema.js";
import { decode, encode, toQuery } from "../../static/js/core/url-state.js";

/** @typedef {import("../../static/js/core/lesson.js").Lesson} Lesson */

const FOLDER = new URL("../../static/lessons/", import.meta.url);
const FILES = readdirSync(FOLDER);
const SCHEMAS = { "/operation": operation, "/network": network };

/** @type {Lesson} */
const SMALL = {
  format: "convscope-lesson",
  version: 1,
  title: { en: "One", ja: "一" },
  steps: [
    { address: "/operation", title: "a", notes: { en: "say\nthis", ja: "話す" }, question: "cell" },
    { address: "/network?model=lenet-5&image=digit" },
    { address: "/operation?stride=2&values=1,0;0,1" },
  ],
};

/** @param {(lesson: any) => void} change */
function changed(change) {
  const lesson = structuredClone(SMALL);
  change(lesson);
  return lesson;
}

/** @param {unknown} given */
function problemOf(given) {
  try {
    checkLesson(given);
  } catch (problem) {
    assert.ok(problem instanceof LessonProblem);
    return [problem.code, problem.params.argument];
  }
  return assert.fail("was taken for a lesson");
}

describe("the lessons of the project", () => {
  assert.ok(FILES.length >= 3);
  for (const file of FILES) {
    const lesson = parseLesson(readFileSync(new URL(file, FOLDER), "utf-8"));
    test(`${file} has 6 to 12 steps, each with title and notes in both languages`, () => {
      assert.ok(lesson.steps.length >= 6 && lesson.steps.length <= 12);
      for (const { title, notes } of lesson.steps) {
        for (const text of [lesson.title, title, notes]) {
          assert.ok(typeof text === "object" && text.en.length > 5 && /[ぁ-ん一-龠ァ-ヶ]/.test(text.ja));
        }
      }
      assert.ok(lesson.steps.some(({ question }) => question));
    });
    test(`${file} has addresses that their pages write themselves`, () => {
      for (const { address } of lesson.steps) {
        const [path, query = ""] = address.split("?");
        const schema = SCHEMAS[/** @type {keyof typeof SCHEMAS} */ (path)];
        const { state, invalid } = decode(schema, new URLSearchParams(query));
        assert.deepEqual(invalid, [], address);
        const known = new Set(Object.values(schema).map(({ param }) => param));
        for (const name of new URLSearchParams(query).keys())
          assert.ok(known.has(name), `${address}: ${name}`);
        // What a page would put there for the same view is the same view.
        const again = decode(
          schema,
          new URLSearchParams(toQuery(encode(schema, /** @type {any} */ (state)))),
        );
        assert.deepEqual(again.state, state);
        for (const personal of ["lang", "theme", "projector"]) assert.ok(!address.includes(`${personal}=`));
      }
    });
    test(`${file} never shows the same view twice`, () => {
      assert.equal(new Set(lesson.steps.map(({ address }) => address)).size, lesson.steps.length);
    });
  }
});

describe("a file", () => {
  test("comes back as it was written", () => {
    assert.deepEqual(parseLesson(serialise(SMALL)), SMALL);
    assert.deepEqual(parseLesson(`\ufeff${serialise(SMALL)}`), SMALL);
  });
  test("is refused where it is none", () => {
    for (const text of ["", "{", "[]", "null", "3", '{"format": "other"}']) {
      assert.throws(() => parseLesson(text), { code: "not-a-lesson" });
    }
    assert.throws(() => parseLesson(serialise(changed((one) => (one.version = 2)))), {
      code: "lesson-version",
      params: { value: "2" },
    });
  });
  test("is refused where it is too large, by bytes and not by characters", () => {
    const note = "語".repeat(9_000);
    const lesson = changed((one) => {
      one.steps = Array.from({ length: 10 }, () => ({ address: "/operation", notes: note }));
    });
    assert.ok(serialise(lesson).length < LIMITS.bytes);
    assert.throws(() => parseLesson(serialise(lesson)), { code: "lesson-too-large" });
  });
  test("may leave null where nothing is", () => {
    const lesson = changed((one) =>
      Object.assign(one.steps[1], { title: null, notes: null, question: null }),
    );
    assert.deepEqual(checkLesson(lesson), SMALL);
  });
});

test("what is wrong is called by its name", () => {
  /** @type {[(lesson: any) => void, string][]} */
  const cases = [
    [(one) => delete one.title, "title"],
    [(one) => (one.title = "a\nb"), "title"],
    [(one) => (one.title = { en: "a" }), "title.ja"],
    [(one) => (one.title = { en: "a", ja: "b", fr: "c" }), "title.fr"],
    [(one) => (one.title = "x".repeat(201)), "title"],
    [(one) => (one.steps = []), "steps"],
    [(one) => (one.steps = Array(501).fill({ address: "/operation" })), "steps"],
    [(one) => (one.steps[1] = null), "steps.1"],
    [(one) => (one.steps[1].address = "https://elsewhere.example/operation"), "steps.1.address"],
    [(one) => (one.steps[1].address = "/docs"), "steps.1.address"],
    [(one) => (one.steps[1].address = "/operation?a=<b>"), "steps.1.address"],
    [(one) => (one.steps[1].address = "/operation#here"), "steps.1.address"],
    [(one) => (one.steps[2].question = "why"), "steps.2.question"],
    [(one) => (one.steps[0].notes = { en: "a", ja: 3 }), "steps.0.notes.ja"],
    [(one) => (one.steps[0].notes = "\u0007"), "steps.0.notes"],
    [(one) => (one.steps[0].note = "misspelt"), "steps.0.note"],
    [(one) => (one.author = "me"), "author"],
  ];
  for (const [change, argument] of cases) {
    assert.deepEqual(problemOf(changed(change)), ["lesson-field", argument]);
  }
});

describe("changes", () => {
  const kept = { lesson: SMALL, at: 1 };
  const addresses = (/** @type {{ lesson: Lesson }} */ { lesson }) =>
    lesson.steps.map(({ address }) => address);

  test("a view is added at the end, and is then the present one; the same one twice is one", () => {
    const more = withStep(kept, { address: "/network" });
    assert.equal(more.at, 3);
    assert.deepEqual(addresses(more), [...addresses(kept), "/network"]);
    assert.equal(SMALL.steps.length, 3);
    assert.deepEqual(withStep(more, { address: "/network" }), more);
    const full = changed((one) => {
      one.steps = Array.from({ length: LIMITS.steps }, () => ({ address: "/operation" }));
    });
    assert.deepEqual(withStep({ lesson: full, at: 7 }, { address: "/network" }), { lesson: full, at: 7 });
  });
  test("the present step stays the present one whatever moves around it", () => {
    const present = SMALL.steps[1];
    for (const [from, to] of [
      [0, 2],
      [2, 0],
      [1, 0],
      [1, 2],
      [0, 1],
    ]) {
      const moved = withMoved(kept, from, to);
      assert.equal(moved.lesson.steps[moved.at], present);
      assert.equal(moved.lesson.steps[to], SMALL.steps[from]);
    }
    assert.deepEqual(withMoved(kept, 0, 3), kept);
    assert.deepEqual(withMoved(kept, 0, -1), kept);
  });
  test("a step is taken out; the last one stays", () => {
    assert.deepEqual([withoutStep(kept, 0).at, withoutStep(kept, 1).at, withoutStep(kept, 2).at], [0, 1, 1]);
    assert.deepEqual(withoutStep({ lesson: SMALL, at: 2 }, 2).at, 1);
    const one = newLesson("mine", { address: "/operation" });
    assert.deepEqual(withoutStep(one, 0), one);
  });
  test("texts are rewritten in one language, and fields can be emptied", () => {
    const title = rewritten(SMALL.title, "ja", "壱");
    assert.deepEqual(withTitle(kept, title).lesson.title, { en: "One", ja: "壱" });
    assert.equal(rewritten("plain", "ja", "other"), "other");
    const bare = withEdited(kept, 0, { notes: "", question: undefined }).lesson.steps[0];
    assert.deepEqual(bare, { address: "/operation", title: "a" });
    assert.deepEqual(checkLesson(withEdited(kept, 0, { notes: "" }).lesson).steps[1], SMALL.steps[1]);
  });
});

test("a text in the reader's language", () => {
  assert.deepEqual(
    [localText(SMALL.title, "ja"), localText("plain", "ja"), localText(undefined, "en")],
    ["一", "plain", ""],
  );
  assert.equal(localText({ en: "only", ja: "" }, "ja"), "only");
  assert.equal(localText(null, "ja"), "");
  assert.equal(rewritten(null, "ja", "new"), "new");
});

test("addresses are of our pages", () => {
  assert.ok(["/operation", "/network?x=1", "/network?edits=conv1:11!"].every(isAddress));
  assert.ok(
    ["/operations", "//operation", "/operation?\u3042", "/operation?a=b c", 3, null].every(
      (each) => !isAddress(each),
    ),
  );
});
