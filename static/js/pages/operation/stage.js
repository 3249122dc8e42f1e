/**
 * The stage: picture, arithmetic, picture. Turns the state into the properties of the views, and decides
 * with the room there is how they stand.
 */

import { compose } from "../../core/composition.js";
import { formatFixed } from "../../core/format.js";
import { tapCells, windowCells } from "../../core/geometry-view.js";
import { reach } from "../../core/milestones.js";
import { KINDS } from "../../core/operation-request.js";
import { indexOfCell, stepCount } from "../../core/steps.js";
import { planes } from "../../core/tensor.js";
import { isInserted, STAGES, windowOnStage } from "../../core/transposed.js";
import { t, translate } from "../../i18n/i18n.js";
import { element, setAttributes } from "../../views/dom.js";
import { fittingCell } from "../../views/map.js";
import "../../views/connection.js";
import "../../views/formula.js";
import "../../views/panel.js";
import "../../views/settings.js";
import "../../views/transport.js";
import { themeOf } from "../common/appearance.js";
import { MessageLine } from "../common/message.js";
import { arithmeticFor, STEP_WIDTHS } from "./arithmetic.js";
import { formulaProps } from "./formula.js";
import { lookOf } from "./look.js";
import { settingsFor } from "./settings.js";

/** @typedef {import("../../actions/operation.js").State} State */
/** @typedef {import("../../actions/operation.js").Run} Run */
/** @typedef {import("../../actions/operation.js").Actions} Actions */
/** @typedef {import("../../core/arithmetic.js").Step} Step */
/** @typedef {import("./look.js").Look} Look */

export class OperationStage {
  /** @type {WeakMap<Run, Map<number, Look>>} */
  #looks = new WeakMap();
  /** @type {Run | null} */
  #drawn = null;
  /** @type {WeakMap<Run, Map<string, (row: number, column: number) => boolean>>} */
  #blanks = new WeakMap();

  /** Given by the page: what stands beside the head of the kernel, and what its setting opens. */
  kernelWord = /** @type {HTMLElement | null} */ (null);
  kernelPanel = /** @type {HTMLElement | null} */ (null);
  /** Set by the page: draw again in the next frame. */
  redraw = () => {};

  /**
   * @param {Document} root
   * @param {Actions} actions
   */
  constructor(root, actions) {
    const find = (/** @type {string} */ selector) => /** @type {any} */ (root.querySelector(selector));
    this.actions = actions;
    this.stage = /** @type {HTMLElement} */ (find(".stage"));
    this.input = /** @type {import("../../views/panel.js").PanelView} */ (find(".panel-input"));
    this.output = /** @type {import("../../views/panel.js").PanelView} */ (find(".panel-output"));
    this.middle = /** @type {HTMLElement} */ (find(".middle"));
    this.settings = /** @type {import("../../views/settings.js").SettingsView} */ (find("cs-settings"));
    this.formula = /** @type {import("../../views/formula.js").FormulaView} */ (find("cs-formula"));
    this.transport = /** @type {import("../../views/transport.js").TransportView} */ (find("cs-transport"));
    this.connection = /** @type {import("../../views/connection.js").ConnectionView} */ (
      find("cs-connection")
    );
    this.message = new MessageLine(find(".message"), actions);
    this.probe = /** @type {HTMLElement} */ (find(".probe"));
  }

  /** @param {State} state */
  update(state) {
    const { run, step, view } = state;
    this.message.update(state);
    document.body.toggleAttribute("data-busy", state.busy);
    // Only a window that walks by itself slides; under a hand it is where the hand is.
    document.body.toggleAttribute("data-playing", state.playing);
    if (!run || !step) return;
    // The arithmetic on the page is still that of the cell before.
    document.body.toggleAttribute("data-stepping", String(step.cell) !== String(view.cell));
    const theme = themeOf(view.theme, view.projector);
    const look = this.#lookOf(run, view.digits);
    const composition = this.#compose(run, step, look, view);
    this.stage.dataset.composition = composition.name;
    this.stage.dataset.view = view.view;
    composition.cellWidths.forEach((width, i) => {
      this.stage.style.setProperty(`--cell-${i}`, `${width}px`);
    });
    this.settings.update(settingsFor(state, run, this.kernelPanel));
    const arithmetic = arithmeticFor(this.middle, {
      state,
      run,
      step,
      look,
      theme,
      composition,
      kernelWord: this.kernelWord,
      redraw: this.redraw,
    });
    this.#updatePanels(state, run, step, look, { theme, composition });
    const brief = composition.name === "projector" || composition.name === "phone";
    this.formula.update(formulaProps(run, step, look.digits, { brief, redraw: this.redraw }));
    this.#updateTransport(state, run, step, look);
    this.#connect(state, run, arithmetic);
    this.#makeRoom(arithmetic.resultBox);
    if (run !== this.#drawn) reach("run-drawn");
    this.#drawn = run;
  }

  /**
   * @param {Run} run
   * @param {number} digits
   * @returns {Look}
   */
  #lookOf(run, digits) {
    const known = this.#looks.get(run) ?? new Map();
    this.#looks.set(run, known);
    const look = known.get(digits) ?? lookOf(run, digits, run.live ? this.#moving(run, digits) : null);
    known.set(digits, look);
    if (run.live) this.#lastMoving = { weight: run.weight, op: run.view.op, digits, look };
    return look;
  }

  /** @type {{ weight: Run["weight"], op: State["view"]["op"], digits: number, look: Look } | null} */
  #lastMoving = null;

  /**
   * How the frame before looked, while nothing but the picture changes.
   * @param {Run} run
   * @param {number} digits
   */
  #moving(run, digits) {
    const last = this.#lastMoving;
    const same = last?.weight === run.weight && last.op === run.view.op && last.digits === digits;
    return same ? last.look : null;
  }

  /**
   * @param {Run} run
   * @param {Step} step
   * @param {Look} look
   * @param {State["view"]} view
   */
  #compose(run, step, look, view) {
    const weighted = KINDS[run.view.op].weighted;
    const box = this.stage.getBoundingClientRect();
    const style = getComputedStyle(this.stage);
    const bar = this.transport.getBoundingClientRect().height;
    const room = {
      width:
        this.stage.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight),
      height: Math.max(
        LEAST_HEIGHT,
        window.innerHeight - box.top - window.scrollY - Number.parseFloat(style.paddingTop) - bar,
      ),
      projector: view.projector,
      digit: this.probe.getBoundingClientRect().width / 10,
      cellHeight: Number.parseFloat(style.getPropertyValue("--cell-height")),
      operator: Number.parseFloat(style.getPropertyValue("--operator")),
    };
    return compose(room, {
      grid: step.grid,
      characters: look.characters,
      sums: weighted,
      steps: STEP_WIDTHS[step.combine] ?? 0,
    });
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {Step} step
   * @param {Look} look
   * @param {{ theme: "light" | "dark", composition: import("../../core/composition.js").Composition }} shown
   */
  #updatePanels(state, run, step, look, { theme, composition }) {
    const { view } = state;
    const [channel, row, column] = view.cell;
    const tensor = run.stages ? run.stages.maps[view.stage] : run.input;
    const [channels, rows, columns] = planes(tensor);
    const padding = run.window && !run.stages ? run.geometry.padding : NO_PADDING;
    const window = this.#windowOf(run, view.stage, row, column);
    this.#updateStages(run, view);
    const colors = channels === 3 && look.input.scale === "gray";
    const box = this.#pictureBox(composition);
    const focus = /** @type {[number, number]} */ ([
      window.row + Math.floor(window.rows / 2),
      window.column + Math.floor(window.columns / 2),
    ]);
    // An operation without a kernel reads the channel that it writes.
    const opened = Math.min(KINDS[run.view.op].weighted ? view.opened : channel, channels - 1);
    const cell = fittingCell(box, rows + padding[0] + padding[1], columns + padding[2] + padding[3]);
    this.input.update({
      title: t("panel.input"),
      shape: [channels, rows, columns],
      legend: look.input,
      note: "",
      map: {
        tensor,
        blank: this.#blankOf(run, view.stage),
        paint: { scale: colors ? "rgb" : look.input.scale, channel: opened, extent: look.input.range, theme },
        padding: /** @type {any} */ (padding),
        mode: run.view.paddingMode,
        frames: this.#inputFrames(state, run, step, window),
        zoom: view.zoom,
        focus,
        digits: look.digits.value,
        box,
        cell,
        label: t("spoken.input", { channels, rows, columns }),
      },
    });
    const [outChannels, outRows, outColumns] = run.shape;
    this.output.update({
      title: t("panel.output"),
      shape: run.shape,
      legend: look.output,
      note: outChannels > 1 ? t("output.channel", { channel, channels: outChannels }) : "",
      map: isSizeAsked(state)
        ? null
        : {
            tensor: run.output,
            paint: { scale: look.output.scale, channel, extent: look.output.range, theme },
            padding: NO_PADDING,
            mode: "zeros",
            frames: this.#outputFrames(state, run),
            zoom: view.zoom,
            focus: [row, column],
            digits: look.digits.result,
            box,
            // Equal cells make the two pictures comparable, unless the output is so small that they hide it.
            cell:
              outRows * cell > SMALL_SHARE * box.height
                ? Math.min(cell, fittingCell(box, outRows, outColumns))
                : fittingCell(box, outRows, outColumns),
            label: t("spoken.output", {
              channels: outChannels,
              rows: outRows,
              columns: outColumns,
              min: formatFixed(look.extremes.min, look.digits.result),
              max: formatFixed(look.extremes.max, look.digits.result),
            }),
          },
    });
  }

  /**
   * The formula shares its line with the result where that stands so low; elsewhere the line is its own.
   * @param {DOMRect | null} result
   */
  #makeRoom(result) {
    const { left, top } = this.formula.getBoundingClientRect();
    const beside = this.stage.dataset.composition === "wide" && result !== null && result.bottom > top;
    this.formula.style.maxWidth = beside ? `${Math.floor(result.left - left) - FORMULA_GAP}px` : "";
  }

  /**
   * Where the link ends: at the cell, or at the edge of a map whose cells show numbers.
   * @param {State["view"]} view
   */
  #linkTarget({ cell: [, row, column], zoom }) {
    const { map } = this.output;
    const target = map.rectOf({ row, column, rows: 1, columns: 1 });
    if (zoom === 1 || target.width === 0) return target;
    const { left, width } = map.getBoundingClientRect();
    return new DOMRect(left, target.top, width, target.height);
  }

  /**
   * The cells that make an output cell, on the map that the input panel shows.
   * @param {Run} run
   * @param {State["view"]["stage"]} stage
   * @param {number} row
   * @param {number} column
   */
  #windowOf(run, stage, row, column) {
    const window = windowCells(run.window, row, column);
    return run.stages ? windowOnStage(stage, run.stages.spreading, window) : window;
  }

  /**
   * One predicate per run and stage, so that an unchanged map is not drawn again.
   * @param {Run} run
   * @param {State["view"]["stage"]} stage
   */
  #blankOf(run, stage) {
    if (!run.stages) return null;
    const [, rows, columns] = planes(run.input);
    const known = this.#blanks.get(run) ?? new Map();
    this.#blanks.set(run, known);
    if (!known.has(stage)) known.set(stage, isInserted(stage, run.stages.spreading, [rows, columns]));
    return known.get(stage);
  }

  /**
   * The stages of a transposed convolution, to be looked at one by one.
   * @param {Run} run
   * @param {State["view"]} view
   */
  #updateStages(run, view) {
    const { above } = this.input;
    above.hidden = run.stages === null;
    if (above.hidden) return;
    if (above.childElementCount === 0) {
      for (const stage of STAGES) {
        const button = element("button", {
          type: "button",
          "data-text": `stage.${stage}`,
          "data-stage": stage,
        });
        button.addEventListener("click", () => this.actions.setView({ stage }));
        above.append(button);
      }
      setAttributes(above, { class: "above segments", role: "group", "data-label": "stage.label" });
      translate(above);
    }
    for (const button of above.children) {
      setAttributes(button, { "aria-pressed": String(button.getAttribute("data-stage") === view.stage) });
    }
  }

  /**
   * @param {import("../../core/composition.js").Composition} composition
   * @returns {{ width: number, height: number }}
   */
  #pictureBox({ name, picture }) {
    if (name === "wide") return { width: picture, height: 1.1 * picture };
    if (name === "phone") return { width: picture, height: 1.4 * picture };
    const height = (window.innerHeight - (name === "projector" ? 190 : 356)) / 2;
    return { width: picture, height: Math.max(120, Math.min(picture, height)) };
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {Step} step
   * @param {import("../../core/geometry-view.js").Cells} window
   * @returns {import("../../views/map.js").Frame[]}
   */
  #inputFrames({ view, hovered, pointed, lit }, run, step, window) {
    /** @type {import("../../views/map.js").Frame[]} */
    const frames = [{ kind: "attention", ...window }];
    if (pointed && (!run.stages || view.stage === "input"))
      frames.push({ kind: "hover", row: pointed.row, column: pointed.column, rows: 1, columns: 1 });
    if (hovered)
      frames.push({ kind: "hover", ...this.#windowOf(run, view.stage, hovered.row, hovered.column) });
    if (run.stages && view.stage === "input") return frames;
    const area = step.grid[1] * step.grid[2];
    // A matrix shows many windows: the lit term is that of the row under the pointer.
    const other = hovered && view.view !== "arithmetic";
    const from = other ? this.#windowOf(run, view.stage, hovered.row, hovered.column) : window;
    if (lit !== null) frames.push({ kind: "source", ...tapCells(run.window, from, lit % area) });
    else if (run.window && step.selected !== null) {
      frames.push({ kind: "source", ...tapCells(run.window, window, step.selected % area) });
    }
    return frames;
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @returns {import("../../views/map.js").Frame[]}
   */
  #outputFrames({ view, uses, hovered }, run) {
    const [channel, row, column] = view.cell;
    const one = { rows: 1, columns: 1 };
    /** @type {import("../../views/map.js").Frame[]} */
    const frames = [{ kind: "attention", row, column, ...one }];
    if (hovered) frames.push({ kind: "hover", ...hovered, ...one });
    const fed = uses.find(({ node }) => node === run.node)?.cells ?? [];
    for (const [c, r, q] of fed.slice(0, MOST_USES)) {
      if (c === channel) frames.push({ kind: "consumer", row: r, column: q, ...one });
    }
    return frames;
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {Step} step
   * @param {Look} look
   */
  #updateTransport(state, run, step, look) {
    const { view, playing } = state;
    const [channel, row, column] = view.cell;
    const total = stepCount(run.shape);
    const place = t("place", { row, column });
    this.transport.update({
      index: indexOfCell(run.shape, { channel, row, column }),
      total: isSizeAsked(state) ? 1 : total,
      playing,
      speed: view.speed,
      place,
      spoken: `${place}: ${formatFixed(step.value, look.digits.result)}`,
    });
  }

  /**
   * @param {State} state
   * @param {Run} run
   * @param {{ windowBox: DOMRect | null, resultBox: DOMRect | null }} arithmetic
   */
  #connect(state, run, arithmetic) {
    const { view } = state;
    const [, row, column] = view.cell;
    const picture = this.input.map.getBoundingClientRect();
    const phone = this.stage.dataset.composition === "phone";
    const shown = view.view === "arithmetic" && !phone;
    this.connection.update({
      from: shown ? this.input.map.rectOf(this.#windowOf(run, view.stage, row, column)) : null,
      to: shown ? arithmetic.windowBox : null,
      picture,
      result: shown && !isSizeAsked(state) ? arithmetic.resultBox : null,
      target: this.#linkTarget(view),
      side: this.stage.dataset.composition === "wide" ? "right" : "left",
      gutter: Math.max(picture.right, this.output.map.getBoundingClientRect().right) + 26,
    });
  }
}

/** Whether a lecture room is to predict how large the output is. @param {State} state */
function isSizeAsked({ asked }) {
  return asked?.kind === "size";
}

/** @type {[number, number, number, number]} */
const NO_PADDING = [0, 0, 0, 0];
/** Between the formula and the sign before the result. */
const FORMULA_GAP = 44;
/** An output lower than this share of its room is enlarged. */
const SMALL_SHARE = 0.6;
/** A lower window scrolls: the composition is not squeezed further. */
const LEAST_HEIGHT = 480;
/** More frames than this say no more. */
const MOST_USES = 400;
