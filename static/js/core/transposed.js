/**
 * The stages of a transposed convolution, and where the window of an output cell lies on each: the picture is
 * spread by the stride, framed, cropped by the padding, and then convolved cell by cell.
 */

/** @typedef {import("./geometry-view.js").Cells} Cells */
/** @typedef {"input" | "spread" | "frame" | "crop"} Stage */

/**
 * @typedef {object} Spreading
 * @property {readonly [number, number]} stride of the transposed convolution
 * @property {readonly [number, number]} padding cropped off above and to the left
 * @property {readonly [number, number]} edge width of the frame: span of the kernel less one
 */

export const STAGES = /** @type {const} */ (["input", "spread", "frame", "crop"]);

/**
 * @param {Stage} stage
 * @param {Spreading} spreading
 * @param {Cells} window on the cropped map
 * @returns {Cells} on the map of the stage; on the input, the cells that the window really holds
 */
export function windowOnStage(stage, { stride, padding, edge }, window) {
  const shift = (/** @type {0 | 1} */ axis) => {
    if (stage === "crop") return 0;
    return stage === "frame" ? padding[axis] : padding[axis] - edge[axis];
  };
  const moved = { ...window, row: window.row + shift(0), column: window.column + shift(1) };
  if (stage !== "input") return moved;
  const row = Math.ceil(moved.row / stride[0]);
  const column = Math.ceil(moved.column / stride[1]);
  return {
    row,
    column,
    rows: Math.floor((moved.row + moved.rows - 1) / stride[0]) - row + 1,
    columns: Math.floor((moved.column + moved.columns - 1) / stride[1]) - column + 1,
  };
}

/**
 * The cropped map's position of a cell of a stage: the way back, for pointing.
 * @param {Stage} stage
 * @param {Spreading} spreading
 * @param {number} row
 * @param {number} column
 * @returns {{ row: number, column: number }}
 */
export function onCrop(stage, { stride, padding, edge }, row, column) {
  const back = (/** @type {0 | 1} */ axis, /** @type {number} */ at) => {
    if (stage === "crop") return at;
    if (stage === "frame") return at - padding[axis];
    return (stage === "input" ? at * stride[axis] : at) + edge[axis] - padding[axis];
  };
  return { row: back(0, row), column: back(1, column) };
}

/**
 * Whether a cell of a stage is one of the zeros put in.
 * @param {Stage} stage
 * @param {Spreading} spreading
 * @param {readonly [number, number]} size of the input
 * @returns {(row: number, column: number) => boolean}
 */
export function isInserted(stage, spreading, size) {
  if (stage === "input") return () => false;
  const { stride, padding, edge } = spreading;
  const origin = [0, 1].map((axis) => {
    if (stage === "spread") return 0;
    return edge[axis] - (stage === "crop" ? padding[axis] : 0);
  });
  const real = (/** @type {number} */ at, /** @type {0 | 1} */ axis) => {
    const spread = at - origin[axis];
    return spread >= 0 && spread % stride[axis] === 0 && spread / stride[axis] < size[axis];
  };
  return (row, column) => !real(row, 0) || !real(column, 1);
}
