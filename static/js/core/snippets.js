/**
 * The present view as a script that gets the same numbers: what "Copy as Python" and "Copy as curl" copy.
 */

/**
 * @typedef {object} Request what a script has to ask for
 * @property {string} origin of the server, "http://127.0.0.1:8000"
 * @property {Readonly<Record<string, unknown>>} body of POST /runs
 * @property {string} run id of the run that this body makes
 * @property {string} node whose output it is about
 * @property {readonly number[]} cell channel, row, column
 * @property {number} [rank] number of axes of that output: 1 for a vector
 */

/** @typedef {{ needs: string, own: string, axes: string }} Notes comments in the reader's language */

const API = "/api/v1";
/** Longer literals are broken, one element per line. */
const LINE = 96;

/**
 * Python with httpx and NumPy: the whole output as an array, and how the one number was made.
 * @param {Request} request
 * @param {Notes} notes
 * @returns {string}
 */
export function pythonSnippet({ origin, body, node, cell, rank = cell.length }, notes) {
  const index = rank === 1 ? `${cell[0]},` : cell.join(", ");
  return `# ${notes.needs}: pip install httpx numpy
import io

import httpx
import numpy as np

API = ${JSON.stringify(origin + API)}

# ${notes.own}:
# image = httpx.post(f"{API}/images", files={"file": open("cat.jpg", "rb")}).json()["id"]
body = ${pythonLiteral(body)}
run = httpx.post(f"{API}/runs", json=body).raise_for_status().json()
node = f"{API}/runs/{run['id']}/nodes/${encodeURIComponent(node)}"

output = np.load(io.BytesIO(httpx.get(f"{node}/output.npy").raise_for_status().content))
print("output", output.shape, output.dtype)

cell = (${index})  # ${notes.axes}
why = httpx.get(f"{node}/cells/${cell.join("/")}").raise_for_status().json()
print("value", output[cell], "=", why["combine"], "of", why["term_count"], "terms")
for term in why["terms"][:5]:
    print(term)
`;
}

/**
 * Three requests for a POSIX shell; a run's id is a digest of what it is made of, so it is known beforehand.
 * @param {Request} request
 * @returns {string}
 */
export function curlSnippet({ origin, body, run, node, cell }) {
  const place = `${origin}${API}/runs/${run}/nodes/${encodeURIComponent(node)}`;
  return `curl -sS ${quoted(`${origin}${API}/runs`)} \\
  -H 'Content-Type: application/json' \\
  -d ${quoted(JSON.stringify(body))} -w '\\n'
curl -sS ${quoted(`${place}/output.npy`)} -o output.npy
curl -sS ${quoted(`${place}/cells/${cell.join("/")}`)} -w '\\n'
`;
}

/**
 * A value of JSON as Python writes it.
 * @param {unknown} value
 * @param {string} [margin] of the line that it stands on
 * @returns {string}
 */
export function pythonLiteral(value, margin = "") {
  const flat = flatLiteral(value);
  if (margin.length + flat.length <= LINE && margin !== "") return flat;
  const inner = `${margin}    `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${pythonLiteral(item, inner)},\n`);
    return `[\n${items.join("")}${margin}]`;
  }
  if (typeof value !== "object" || value === null) return flat;
  const items = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${pythonLiteral(item, inner)},\n`,
  );
  return `{\n${items.join("")}${margin}}`;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function flatLiteral(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(flatLiteral).join(", ")}]`;
  if (typeof value === "object") {
    const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${flatLiteral(item)}`);
    return `{${items.join(", ")}}`;
  }
  return JSON.stringify(value);
}

/**
 * One word of a shell: everything within single quotes is taken as it is.
 * @param {string} text
 * @returns {string}
 */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
