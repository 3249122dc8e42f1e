import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff_ms, LiveFlow, MOST_UNDER_WAY } from "../../static/js/core/live-flow.js";

test("at most two frames are under way, and the newest of those that wait goes next", () => {
  const flow = new LiveFlow();
  for (const seen of [10, 20]) {
    flow.offer(seen);
    assert.notEqual(flow.next(seen), null);
  }
  assert.equal(flow.underWay, MOST_UNDER_WAY);
  for (const seen of [30, 40, 50]) {
    flow.offer(seen);
    assert.equal(flow.next(seen), null, "there is no room");
  }
  assert.equal(flow.answered(1), 10);
  const third = flow.next(60);
  assert.equal(third, 3);
  assert.equal(flow.answered(3), 50, "30 and 40 were overtaken");
  assert.equal(flow.figures(60).dropped, 2);
});

test("an answer says that no older frame will be answered", () => {
  const flow = new LiveFlow();
  for (const seen of [10, 20]) {
    flow.offer(seen);
    flow.next(seen);
  }
  assert.equal(flow.answered(2, 1), 20);
  assert.equal(flow.underWay, 0);
  assert.equal(flow.answered(1), null);
  assert.equal(flow.figures(20).skipped, 1);
});

test("the numbers of frames grow, whatever becomes of them", () => {
  const flow = new LiveFlow();
  flow.offer(0);
  assert.equal(flow.next(0), 1);
  flow.giveUp(1);
  assert.equal(flow.underWay, 0);
  assert.equal(flow.next(1), null, "nothing waits");
  flow.offer(2);
  assert.equal(flow.next(2), 2);
  flow.rest();
  assert.equal(flow.answered(2), null, "nobody waits for it any more");
  flow.offer(3);
  assert.equal(flow.next(3), 3);
  assert.equal(flow.figures(3).dropped, 1, "the one given up");
});

test("a connection without an answer counts as lost in the end", () => {
  const flow = new LiveFlow();
  assert.equal(flow.isStalled(1e9), false);
  flow.offer(0);
  flow.next(0);
  assert.equal(flow.isStalled(9_000), false);
  assert.equal(flow.isStalled(11_000), true);
});

test("rate and delay are those of the present", () => {
  const flow = new LiveFlow();
  assert.deepEqual(flow.figures(0), { rate: 0, delay_ms: null, dropped: 0, skipped: 0 });
  for (let at = 0; at <= 1000; at += 100) flow.drawn(at - 40, at);
  assert.deepEqual(flow.figures(1000), { rate: 10, delay_ms: 40, dropped: 0, skipped: 0 });
  // One slow frame is no new delay.
  flow.drawn(1000, 1100);
  assert.equal(flow.figures(1100).delay_ms, 40);
  assert.equal(flow.figures(10_000).delay_ms, null, "nothing has come for long");
});

test("a lost connection is tried again ever more rarely, and never by all at once", () => {
  const waits = [0, 1, 2, 3].map((attempt) => backoff_ms(attempt, 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  assert.equal(backoff_ms(30, 0.5), 10_000);
  assert.ok(backoff_ms(3, 0) < backoff_ms(3, 1));
});
