/**
 * Everything that the Network page shows, as one state: what its address holds, no more and no less.
 */

import { appearance } from "./appearance-schema.js";
import { EDITS } from "./edits.js";
import { bool, choice, int, list, pair, string } from "./fields.js";
import { defineSchema } from "./url-state.js";

export const SCALES = /** @type {const} */ (["layer", "map", "net"]);
export const SORTS = /** @type {const} */ (["index", "kind"]);
export const COMPARED = /** @type {const} */ (["none", "random", "unsupervised"]);
/** The whole net; one number of it; the filters of one convolution. */
export const VIEWS = /** @type {const} */ (["net", "cell", "filters"]);

export const schema = defineSchema({
  /** A built-in model's name, or the id of one that was brought. */
  model: string({ param: "model", default: "cifar-net", pattern: /[A-Za-z0-9._-]{1,80}/ }),
  image: string({ param: "image", default: "chelsea", pattern: /[A-Za-z0-9_-]{1,64}/ }),
  /** Rows and columns that the picture is resized to, where the model takes any; 0 means the model's own. */
  size: pair({ param: "size", default: [0, 0], min: 0, max: 2048 }),
  /** Changed weights; see edits.js. */
  edits: string({ param: "edits", default: "", pattern: EDITS }),

  view: choice({ param: "view", default: "net", choices: VIEWS }),
  /** The node under attention; empty while there is none. */
  node: string({ param: "node", default: "", pattern: /[^\s]{0,200}/ }),
  /** Whether that node's layer is widened in place. */
  open: bool({ param: "open", default: false }),
  /** The output number under attention: channel, row, column. */
  cell: list({ param: "cell", default: [0, 0, 0], min: 0, max: 1e8, maxCount: 3 }),
  /** The one input channel whose arithmetic is open; -1 leaves the choice to the largest share. */
  opened: int({ param: "opened", default: -1, min: -1, max: 1e6 }),

  scale: choice({ param: "scale", default: "layer", choices: SCALES }),
  sort: choice({ param: "sort", default: "kind", choices: SORTS }),
  compare: choice({ param: "compare", default: "none", choices: COMPARED }),
  ...appearance,
});

/** @typedef {import("./url-state.js").StateOf<typeof schema>} View */

/** Keys of the state that decide what the engine computes; the rest only decides what is shown of it. */
export const RUN_KEYS = /** @type {const} */ (["model", "image", "size", "edits"]);
