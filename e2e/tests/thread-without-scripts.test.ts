import { LONG_NAMES } from "../walk/long.js";

// Whatever the names, no page scrolls sideways and each does what it does: the case reads this when it is loaded.
process.env[LONG_NAMES] = "1";
const { walkTheThread } = await import("../walk/thread.js");

walkTheThread(false);
