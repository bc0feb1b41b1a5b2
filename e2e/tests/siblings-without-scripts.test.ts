import { walkThree } from "../walk/siblings.js";

walkThree(false);
