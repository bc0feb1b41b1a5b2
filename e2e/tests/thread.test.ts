import { walkTheThread } from "../walk/thread.js";

walkTheThread(true);
