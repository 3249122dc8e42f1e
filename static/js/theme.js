/* Before the first paint, so that a dark page does not flash white. Not a module: those run later. */
{
  const params = new URLSearchParams(location.search);
  const projector = params.get("projector") === "1";
  const asked = params.get("theme");
  const dark = asked ? asked === "dark" : projector || matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  if (projector) document.documentElement.dataset.projector = "";
  // Of a lecture room neither: a page that follows another takes its place without a blink.
  if (params.has("room")) {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.setAttribute("blocking", "render");
    link.href = new URL(
      "../css/room.css",
      /** @type {HTMLScriptElement} */ (document.currentScript).src,
    ).href;
    document.head.append(link);
  }
}
