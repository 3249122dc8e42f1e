/**
 * The pictures that can be chosen, as the chooser shows them.
 */

import { keyOf } from "../../actions/pictures.js";
import { apiUrl } from "../../api/client.js";
import { hasText, t } from "../../i18n/i18n.js";

/** @typedef {import("../../actions/load-run.js").ImageRecord} ImageRecord */
/** @typedef {{ samples: readonly ImageRecord[], run: { image: ImageRecord, live?: object } | null }} State of any page */

/** Twice the thumbnail's width, for dense screens. */
const THUMBNAIL_PX = 192;

/**
 * The samples, this visit's own pictures, and the one at work.
 * @param {State} state
 * @returns {ImageRecord[]}
 */
export function picturesOf({ samples, run }) {
  const all = [...samples];
  if (run && !run.live && !all.some(({ id }) => id === run.image.id)) all.push(run.image);
  return all;
}

/** @param {ImageRecord} record */
export function nameOf({ name, sample }) {
  if (sample && name) return hasText(`sample.${name}`) ? t(`sample.${name}`) : name;
  return name ?? t("picture.mine");
}

/**
 * @param {State} state
 * @returns {import("../../views/picture-chooser.js").Thumbnail[]}
 */
export function thumbnailsOf(state) {
  return picturesOf(state).map((record) => ({
    key: keyOf(record),
    name: nameOf(record),
    url: apiUrl(`/images/${keyOf(record)}.png`, { max_px: THUMBNAIL_PX }),
  }));
}
