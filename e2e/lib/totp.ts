/** Codes as an authenticator app shows them: RFC 6238 with SHA-1, six digits, steps of 30 seconds. */
import { createHmac } from "node:crypto";

/** How long one code is shown. */
export const STEP_MILLISECONDS = 30_000;

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Bytes of a base32 text (RFC 4648) without padding. */
function bytesOf(base32: string): Buffer {
  let bits = "";
  for (const letter of base32.toUpperCase().replaceAll("=", "")) {
    const value = BASE32.indexOf(letter);
    if (value < 0) throw new Error("the secret of an authenticator is not base32");
    bits += value.toString(2).padStart(5, "0");
  }
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** The code of a step, counted from 1970 (RFC 4226, section 5.3). */
export function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/**
 * An authenticator that never shows a code twice. The service takes the code of the step after now too, so
 * the same person can sign in twice at once; the third time waits for the next step.
 */
export class Authenticator {
  private lastStep = 0;

  constructor(private readonly secret: string) {}

  /** A code that has not been used yet and that the service takes now. */
  async code(): Promise<string> {
    const now = (): number => Math.floor(Date.now() / STEP_MILLISECONDS);
    // The step before now may be over by the time the form arrives: begin with the present one.
    const step = Math.max(this.lastStep + 1, now());
    const earlyMilliseconds = (step - 1) * STEP_MILLISECONDS - Date.now();
    if (earlyMilliseconds > 0) await new Promise((resolve) => setTimeout(resolve, earlyMilliseconds));
    this.lastStep = step;
    return codeOfStep(this.secret, step);
  }
}
