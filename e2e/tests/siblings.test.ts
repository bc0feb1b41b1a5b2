import { walkThree } from "../walk/siblings.js";

walkThree(true);
