/** The invented case that is walked: a girl of seven, her mother who is to see her, her father who must not. */
import type { Day } from "../lib/person.js";

export const CHILD = {
  firstNames: "Siân",
  lastName: "Brackenhurst",
  born: [27, 3, 2019] satisfies Day,
  careFirst: "CF-204417",
};
export const CHILD_NAME = `${CHILD.firstNames} ${CHILD.lastName}`;
export const MOTHER = { firstNames: "Carys", lastName: "Brackenhurst" };
export const MOTHER_NAME = `${MOTHER.firstNames} ${MOTHER.lastName}`;
export const FATHER = { firstNames: "Denzil", lastName: "Marrowby" };
export const FATHER_NAME = `${FATHER.firstNames} ${FATHER.lastName}`;

/** Words that would look broken if anything between the keyboard and the paper handled them wrongly. */
export const QUOTATION = "Can we do the “long puzzle” next time & keep <Mr Bear> with us – ydyn ni’n gallu? 🧩";
