import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsLayout, placeOfTerm, termAt } from "../../static/js/core/columns-layout.js";

const ROOM = { channels: 3, area: 9, rows: 24, opened: 1, width: 420, height: 280, widest: 40, most: 14 };

test("all channels stand side by side where there is room, in whole pixels", () => {
  const layout = columnsLayout(ROOM);
  assert.deepEqual([layout.channels, layout.first, layout.cell, layout.row, layout.tap], [3, 0, 15, 11, 10]);
  assert.ok(layout.width <= ROOM.width && layout.height <= ROOM.height);
});

test("where there is not, the opened one stands alone", () => {
  const layout = columnsLayout({ ...ROOM, area: 121 });
  assert.deepEqual([layout.channels, layout.first], [1, 1]);
  assert.equal(placeOfTerm(layout, 0), null);
  assert.equal(placeOfTerm(layout, 121), 0);
  assert.equal(placeOfTerm(layout, 242), null);
});

test("the term at a term's place is that term; between channels there is none", () => {
  for (const layout of [columnsLayout(ROOM), columnsLayout({ ...ROOM, area: 121 })]) {
    for (const cell of [layout.cell, layout.tap]) {
      for (let term = 0; term < 3 * layout.area; term += 1) {
        const place = placeOfTerm(layout, term, cell);
        if (place !== null) assert.equal(termAt(layout, place + cell / 2, cell), term);
      }
    }
  }
  const layout = columnsLayout(ROOM);
  assert.equal(termAt(layout, 9 * layout.cell + 1), null);
  assert.equal(termAt(layout, -1), null);
  assert.equal(termAt(layout, layout.width + 1), null);
});
