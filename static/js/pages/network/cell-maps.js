/**
 * The map of any channel of a run, small: the overview holds the first and the last of a layer, the others are
 * asked for one by one as they are wanted.
 */

import { FOLD } from "../../actions/load-net.js";

/** @typedef {import("../../actions/load-net.js").NetRun} NetRun */
/** @typedef {import("../../core/tensor.js").Tensor} Tensor */
/** @typedef {import("../../core/network-graph.js").GraphNode} GraphNode */
/** @typedef {{ tensor: Tensor, index: number }} ChannelMap where it stands in a tensor */

/** Maps that are kept; a few kilobytes each. */
const MOST = 256;

export class ChannelMaps {
  /** @type {Map<string, ChannelMap | null>} null while it is on its way */
  #fetched = new Map();

  /**
   * @param {import("../../actions/network.js").Actions} actions
   * @param {() => void} redraw when a map has come
   */
  constructor(actions, redraw) {
    this.actions = actions;
    this.redraw = redraw;
  }

  /**
   * @param {NetRun} run
   * @param {GraphNode} node
   * @param {number} channel
   * @returns {ChannelMap | null}
   */
  of(run, node, channel) {
    const tensor = run.maps.get(node.name);
    const index = keptIndex(node.shape[0], channel);
    if (tensor && index !== null) return { tensor, index };
    const key = `${run.id} ${node.name} ${channel}`;
    const known = this.#fetched.get(key);
    if (known !== undefined) return known;
    this.#fetched.set(key, null);
    if (this.#fetched.size > MOST) this.#fetched.delete([...this.#fetched.keys()][0]);
    this.actions.smallMap(run, node.name, channel).then(
      (map) => {
        this.#fetched.set(key, { tensor: map, index: 0 });
        this.redraw();
      },
      // A thumbnail that does not come stays blank; its name is there.
      () => {},
    );
    return null;
  }
}

/**
 * Where a channel stands in the overview's tensor, if it is there.
 * @param {number} channels
 * @param {number} channel
 * @returns {number | null}
 */
export function keptIndex(channels, channel) {
  if (channels <= FOLD || channel < FOLD - 1) return channel;
  return channel === channels - 1 ? FOLD - 1 : null;
}
