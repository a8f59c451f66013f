import type { Choices, ImportSession } from "../ipc";

/** Every choice with its value: the engine tells all of them. */
export type AllChoices = Required<Choices>;

/** Returns the choices of an open import. */
export function choicesOf(session: ImportSession): AllChoices {
  return session.choices as AllChoices;
}
