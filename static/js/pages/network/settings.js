/**
 * The settings strip of the Network page, as words of a sentence.
 */

import { SCALES, SORTS } from "../../core/network-schema.js";
import { hasText, t } from "../../i18n/i18n.js";

/** @typedef {import("../../actions/network.js").State} State */
/** @typedef {import("../../views/settings.js").Setting} Setting */

/**
 * @param {State} state
 * @returns {Setting[]}
 */
export function settingsFor({ view, run, model, samples, live }) {
  return [
    dialog("model", modelName(model?.answer.name ?? null, model?.answer ?? null, view.model)),
    dialog(
      "picture",
      run?.live
        ? t(`live.source.${live.source?.kind ?? "camera"}`)
        : pictureName(view.image, [...samples, ...(run ? [run.image] : [])]),
    ),
    choice("scale", view.scale, SCALES),
    choice("sort", view.sort, SORTS),
  ];
}

/**
 * @param {string | null} name of a built-in model
 * @param {any} answer of GET /models/{model}
 * @param {string} key
 */
export function modelName(name, answer, key) {
  if (name && hasText(`model.${name}.name`)) return t(`model.${name}.name`);
  return answer?.title ?? name ?? key;
}

/**
 * @param {string} key
 * @param {readonly import("../../actions/load-run.js").ImageRecord[]} records
 */
export function pictureName(key, records) {
  if (hasText(`sample.${key}`)) return t(`sample.${key}`);
  const record = records.find(({ id, name }) => id === key || name === key);
  return record?.name ?? t("picture.mine");
}

/**
 * @param {"model" | "picture"} name
 * @param {string} text
 * @returns {Setting}
 */
function dialog(name, text) {
  return { key: name, label: t(`setting.${name}`), text, value: text, control: { kind: "dialog", name } };
}

/**
 * @param {"scale" | "sort"} key
 * @param {string} value
 * @param {readonly string[]} values
 * @returns {Setting}
 */
function choice(key, value, values) {
  const options = values.map((each) => ({ value: each, text: t(`${key}.${each}`) }));
  return { key, label: t(`setting.${key}`), text: "", value, control: { kind: "choice", options } };
}
