/**
 * A lesson that grows during a lecture.
 */

/** @typedef {{ address: string, title?: unknown, notes?: unknown, question?: unknown }} Step */
/** @typedef {{ format: string, version: number, title: unknown, steps: readonly Step[] }} Lesson */

/** Steps that a room holds. */
const MOST_STEPS = 500;

/**
 * @param {Lesson | null} lesson null where there is none yet
 * @param {string} address of the view that is added at its end
 * @param {string} title of a new lesson
 * @returns {Lesson} the same where the step is its last already, or it is full
 */
export function withStep(lesson, address, title) {
  if (!lesson) return { format: "convscope-lesson", version: 1, title, steps: [{ address }] };
  if (lesson.steps.at(-1)?.address === address || lesson.steps.length >= MOST_STEPS) return lesson;
  return { ...lesson, steps: [...lesson.steps, { address }] };
}
