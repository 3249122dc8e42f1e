/**
 * The pictures that one can begin with, and how a picture's record is found.
 */

import { getJson } from "../api/client.js";

/** @typedef {import("./load-run.js").ImageRecord} ImageRecord */

/**
 * @param {"images" | "kernels" | "models"} name
 * @returns {Promise<any[]>}
 */
export async function loadList(name) {
  return /** @type {any} */ (await getJson(`/${name}`))[name];
}

/**
 * What is known of a picture: from the run that shows it, from the samples, or asked for.
 * @param {string} key name of a sample, or an id
 * @param {{ run: { view: { image: string }, image: ImageRecord } | null, samples: readonly ImageRecord[] }} state
 * @returns {Promise<ImageRecord>}
 */
export function imageRecord(key, { run, samples }) {
  if (run?.view.image === key) return Promise.resolve(run.image);
  const sample = samples.find((record) => record.name === key || record.id === key);
  return sample ? Promise.resolve(sample) : getJson(`/images/${key}`);
}
