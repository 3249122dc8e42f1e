/**
 * The only place that asks the server: the public API, nothing else. Every failure is a Problem.
 */

import { parseNpy } from "../core/npy.js";
import { parseNpz } from "../core/npz.js";
import { scaled } from "../core/tensor.js";

/** @typedef {import("../core/tensor.js").Tensor} Tensor */

const BASE = "/api/v1";

/** An answer that says what was wrong (RFC 9457), or that no answer came (`code` "unreachable"). */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   * @param {Readonly<Record<string, unknown>>} [params]
   * @param {number} [status]
   */
  constructor(code, detail, params = {}, status = 0) {
    super(detail);
    this.name = "Problem";
    this.code = code;
    this.params = params;
    this.status = status;
  }
}

/**
 * Whatever was thrown, as a problem that can be told.
 * @param {unknown} failure
 * @returns {Problem}
 */
export function asProblem(failure) {
  return failure instanceof Problem ? failure : new Problem("unknown", String(failure));
}

/**
 * @param {string} path below the API's base
 * @param {Readonly<Record<string, unknown>>} [query] undefined values are left out, lists joined by commas
 * @returns {string}
 */
export function apiUrl(path, query = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  const text = params.toString().replaceAll("%2C", ",");
  return `${BASE}${path}${text ? `?${text}` : ""}`;
}

/**
 * @template T
 * @param {string} path
 * @param {{ query?: Readonly<Record<string, unknown>>, signal?: AbortSignal }} [options]
 * @returns {Promise<T>}
 */
export async function getJson(path, { query, signal } = {}) {
  const answer = await request(apiUrl(path, query), { signal: signal ?? null });
  return answer.json();
}

/**
 * @param {string} path
 * @param {{ query?: Readonly<Record<string, unknown>>, signal?: AbortSignal }} [options]
 * @returns {Promise<Tensor>}
 */
export async function getTensor(path, { query, signal } = {}) {
  const answer = await request(apiUrl(path, query), { signal: signal ?? null });
  const tensor = parseNpy(await answer.arrayBuffer());
  const scale = Number(answer.headers.get("X-Scale") ?? 1);
  return scaled(tensor, scale, Number(answer.headers.get("X-Offset") ?? 0));
}

/**
 * @param {string} path of a .npz file
 * @param {{ query?: Readonly<Record<string, unknown>>, signal?: AbortSignal }} [options]
 * @returns {Promise<Map<string, Tensor>>}
 */
export async function getTensors(path, { query, signal } = {}) {
  const answer = await request(apiUrl(path, query), { signal: signal ?? null });
  const tensors = parseNpz(await answer.arrayBuffer());
  // "conv1=2.0+0.0, …": only of those that are scaled.
  for (const entry of answer.headers.get("X-Scale")?.split(", ") ?? []) {
    const [, name, scale, offset] = /^(.*)=([^=+]+)\+([^=]+)$/.exec(entry) ?? [];
    const tensor = name === undefined ? undefined : tensors.get(name);
    if (tensor) tensors.set(name, scaled(tensor, Number(scale), Number(offset)));
  }
  return tensors;
}

/**
 * @template T
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function postJson(path, body, signal) {
  const answer = await request(apiUrl(path), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  return answer.json();
}

/**
 * @template T
 * @param {Blob} file
 * @param {string} name shown only
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function postImage(file, name, signal) {
  return postFile("/images", file, name, signal);
}

/**
 * @template T
 * @param {string} path
 * @param {Blob} file
 * @param {string} name shown only
 * @param {AbortSignal} [signal]
 * @param {Readonly<Record<string, string>>} [fields] sent beside the file
 * @returns {Promise<T>}
 */
export async function postFile(path, file, name, signal, fields = {}) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", file, name);
  const answer = await request(apiUrl(path), { method: "POST", body: form, signal: signal ?? null });
  return answer.json();
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @returns {Promise<Response>}
 */
async function request(url, options) {
  const answer = await fetch(url, options).catch((failure) => {
    if (failure instanceof DOMException && failure.name === "AbortError") throw failure;
    throw new Problem("unreachable", String(failure));
  });
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

/**
 * @param {Response} answer
 * @returns {Promise<Problem>}
 */
async function problemOf(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Problem(body.code ?? "unknown", body.detail ?? answer.statusText, body.params, answer.status);
}
