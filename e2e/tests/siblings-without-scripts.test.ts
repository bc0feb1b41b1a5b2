import { walkFour } from "../walk/siblings.js";

walkFour(false);
