/**
 * How any page looks, as fields of its address: language, light or dark, the projector's composition, digits.
 */

import { bool, choice, int } from "./fields.js";

export const MAX_DIGITS = 6;

export const appearance = {
  digits: int({ param: "digits", default: 2, min: 0, max: MAX_DIGITS }),
  projector: bool({ param: "projector", default: false }),
  theme: choice({ param: "theme", default: "auto", choices: ["auto", "light", "dark"] }),
  lang: choice({ param: "lang", default: "", choices: ["", "en", "ja"] }),
};
