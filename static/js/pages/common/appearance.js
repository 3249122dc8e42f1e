/**
 * Light or dark, and the projector's composition, as attributes of the document: the style sheets do the rest.
 */

/**
 * @param {{ theme: "auto" | "light" | "dark", projector: boolean }} view
 */
export function applyAppearance({ theme, projector }) {
  const { dataset } = document.documentElement;
  dataset.theme = themeOf(theme, projector);
  if (projector) dataset.projector = "";
  else delete dataset.projector;
}

/**
 * @param {"auto" | "light" | "dark"} theme
 * @param {boolean} projector a hall is dark unless the lecturer says otherwise
 * @returns {"light" | "dark"}
 */
export function themeOf(theme, projector) {
  if (theme !== "auto") return theme;
  return projector || matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
