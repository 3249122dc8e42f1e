import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, changed, newRoom, received } from "../../static/js/core/room-state.js";

const VIEW = { address: "/operation?stride=2" };
const QUESTION = {
  id: "q4",
  kind: "cell",
  place: { node: "op", cell: [0, 4, 7] },
  options: null,
  revealed: null,
};

/** @param {object} [changes] */
function snapshot(changes = {}) {
  const { state, ...rest } = /** @type {any} */ ({ state: {}, ...changes });
  return {
    type: "snapshot",
    n: 57,
    you: "c81",
    code: "K7M4PX",
    title: "Third lecture",
    role: "follower",
    state: { view: VIEW, pointer: null, curtain: "none", live: false, question: null, ...state },
    audience: { followers: 42, present: true },
    own_answer: null,
    ...rest,
  };
}

/** @param {number} n @param {string} slice @param {unknown} value */
const update = (n, slice, value, by = "c9") => ({ type: "update", n, slice, value, by });

/** @param {readonly any[]} messages */
function after(...messages) {
  return messages.reduce(received, newRoom("K7M4PX", "follower"));
}

test("a late joiner has all from the snapshot", () => {
  const room = after(snapshot({ state: { question: QUESTION }, own_answer: 3, tally: null }));
  assert.equal(room.status, "open");
  assert.equal(room.title, "Third lecture");
  assert.deepEqual(room.view, VIEW);
  assert.deepEqual(room.question, QUESTION);
  assert.equal(room.own, 3);
  assert.equal(room.audience.followers, 42);
});

test("updates are taken in order, each once", () => {
  const other = { address: "/network" };
  const room = after(
    snapshot(),
    update(58, "view", other),
    update(58, "view", VIEW),
    update(57, "live", true),
  );
  assert.deepEqual([room.n, room.view, room.viewBy, room.live], [58, other, "c9", false]);
});

test("what this page has done again meanwhile is not undone by what the room confirms", () => {
  const lesson = (/** @type {number} */ at) => ({ lesson: { steps: [{}, {}, {}] }, at });
  const kept = (/** @type {number} */ at, by = "c81") => ({ type: "lesson", ...lesson(at), by });
  const twice = changed(changed(after(snapshot()), { lesson: lesson(1) }), { lesson: lesson(2) });
  assert.deepEqual(received(twice, kept(1)).lesson, lesson(2));
  // Somebody else came in between, for the room as well.
  const between = [kept(1), kept(0, "c9")].reduce(received, twice);
  assert.deepEqual(between.lesson, lesson(0));
  assert.deepEqual(received(between, kept(2)).lesson, lesson(2));
  // Or before both: then each follows, until this page goes on.
  const before = [kept(0, "c9"), kept(1)].reduce(received, twice);
  assert.deepEqual(before.lesson, lesson(1));
  assert.deepEqual(received(changed(before, { lesson: lesson(0) }), kept(2)).lesson, lesson(0));

  const drawn = changed(changed(after(snapshot()), { curtain: "blank" }), { curtain: "none" });
  const confirmed = received(drawn, update(58, "curtain", "blank", "c81"));
  assert.deepEqual([confirmed.curtain, confirmed.n], ["none", 58]);
  assert.equal(received(confirmed, update(59, "curtain", "code")).curtain, "code");
  assert.equal(received(drawn, snapshot({ state: { curtain: "blank" } })).curtain, "blank");
});

test("an update that came too early says that one is missing, and a snapshot makes up for it", () => {
  const room = after(snapshot(), update(60, "live", true));
  assert.deepEqual([room.isStale, room.n, room.live], [true, 57, false]);
  const renewed = received(room, snapshot({ n: 61, state: { live: true } }));
  assert.deepEqual([renewed.isStale, renewed.n, renewed.live], [false, 61, true]);
});

test("updates before the snapshot are none", () => {
  assert.equal(after(update(1, "live", true)).live, false);
});

test("what a later server may send is passed over, but counted", () => {
  const room = after(snapshot(), update(58, "constructor", 1), { type: "applause" });
  assert.equal(room.n, 58);
  assert.equal(Object.hasOwn(room, "constructor"), false);
});

test("an answer is one's own until the next question", () => {
  const asked = after(snapshot(), update(58, "question", QUESTION));
  assert.equal(answered(asked, -1.2).own, -1.2);
  assert.equal(answered(after(snapshot()), -1.2).own, null);
  const revealed = received(
    answered(asked, -1.2),
    update(59, "question", {
      ...QUESTION,
      revealed: { answer: 1, answered: 2, tally: [{ value: -1.2, count: 2 }] },
    }),
  );
  assert.deepEqual([revealed.own, revealed.answered, revealed.tally], [-1.2, 2, [{ value: -1.2, count: 2 }]]);
  assert.equal(answered(revealed, 5).own, -1.2, "too late");
  const next = received(revealed, update(60, "question", { ...QUESTION, id: "q5" }));
  assert.deepEqual([next.own, next.answered, next.tally], [null, 0, null]);
});

test("a tally of another question is none", () => {
  const asked = after(snapshot(), update(58, "question", QUESTION));
  const tally = { type: "tally", question: "q4", answered: 31, tally: [{ value: 2, count: 31 }] };
  assert.equal(received(asked, tally).answered, 31);
  assert.equal(received(asked, { ...tally, question: "q3" }).answered, 0);
});

test("the end of a room takes its question and its curtain away, and leaves the view", () => {
  const room = after(snapshot({ state: { question: QUESTION, curtain: "blank", live: true } }), {
    type: "closed",
  });
  assert.deepEqual(
    [room.status, room.question, room.curtain, room.live, room.view],
    ["closed", null, "none", false, VIEW],
  );
});

test("a problem is kept for the one who caused it", () => {
  const room = after(snapshot(), { type: "problem", code: "not-asked", detail: "…", params: { a: 1 } });
  assert.deepEqual(room.problem, { code: "not-asked", detail: "…", params: { a: 1 } });
});
