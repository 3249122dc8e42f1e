/* Before the first paint, so that a dark page does not flash white. Not a module: those run later. */
{
  const params = new URLSearchParams(location.search);
  const projector = params.get("projector") === "1";
  const asked = params.get("theme");
  const dark = asked ? asked === "dark" : projector || matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  if (projector) document.documentElement.dataset.projector = "";
}
