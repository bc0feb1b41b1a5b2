/** The invented case that is walked: a girl of seven, her mother who is to see her, her father who must not. */
import type { Day } from "../lib/person.js";
import { LONG_NAMES } from "./long.js";

export interface Child {
  firstNames: string;
  lastName: string;
  born: Day;
  careFirst: string;
}

/** Names that no column was drawn for, with a word that has no place to break. */
const LONG = process.env[LONG_NAMES] !== undefined;
const FAMILY = LONG ? "Brackenhurst-Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-Featherstonehaugh" : "Brackenhurst";

export const CHILD: Child = {
  firstNames: LONG ? "Siân Angharad Gwenllian Maximiliana-Wilhelmina" : "Siân",
  lastName: FAMILY,
  born: [27, 3, 2019],
  careFirst: "CF-204417",
};
export const CHILD_NAME = `${CHILD.firstNames} ${CHILD.lastName}`;
/** Her brother, who is referred afterwards and has the same mother. */
export const BROTHER: Child = { firstNames: "Emrys", lastName: FAMILY, born: [5, 8, 2021], careFirst: "CF-204418" };
export const BROTHER_NAME = `${BROTHER.firstNames} ${BROTHER.lastName}`;
/** Her sister, who lives elsewhere. */
export const SISTER: Child = { firstNames: "Lleucu", lastName: FAMILY, born: [14, 1, 2013], careFirst: "CF-204419" };
export const SISTER_NAME = `${SISTER.firstNames} ${SISTER.lastName}`;
/** Her elder brother, who lives with that sister. */
export const ELDER: Child = { firstNames: "Gethin", lastName: FAMILY, born: [2, 11, 2014], careFirst: "CF-204420" };
export const ELDER_NAME = `${ELDER.firstNames} ${ELDER.lastName}`;
export const MOTHER = { firstNames: "Carys", lastName: FAMILY };
export const MOTHER_NAME = `${MOTHER.firstNames} ${MOTHER.lastName}`;
export const FATHER = { firstNames: "Denzil", lastName: LONG ? "Marrowbyofthehighfieldsandlowermeadowsbesidethewater" : "Marrowby" };
export const FATHER_NAME = `${FATHER.firstNames} ${FATHER.lastName}`;

/** Words that would look broken if anything between the keyboard and the paper handled them wrongly. */
export const QUOTATION = "Can we do the “long puzzle” next time & keep <Mr Bear> with us – ydyn ni’n gallu? 🧩";
