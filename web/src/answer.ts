/** What the service answered to an autosave, and what is said about it. */

/** The outcome of sending one state of an entry. */
export type Answer =
  /** `entry` holds these words now; `message` says what beside the words could not be taken. */
  | { readonly kind: "saved"; readonly version: string; readonly written: string; readonly entry?: string; readonly message?: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "signed-out" }
  /** The service will not take it as it is; sending the same again cannot help. */
  | { readonly kind: "refused"; readonly message: string | undefined }
  /** Unknown whether it arrived: no connection, a time-out, a fault of the service. */
  | { readonly kind: "no-answer" };

/** What the line beside the button says. */
export type Status =
  | { readonly kind: "clean" }
  | { readonly kind: "unsaved" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly written: string; readonly message?: string }
  | { readonly kind: "offline" }
  | { readonly kind: "conflict" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly message: string | undefined };

/**
 * Reads an HTTP answer. `body` is the parsed JSON, or undefined if it was none.
 * Nothing counts as saved unless the service says `saved: true` with a version:
 * a sign-in page answered with 200 must not look like a saved entry.
 */
export function readAnswer(status: number, body: unknown): Answer {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  // 0 is a redirect that was not followed: to the sign-in page.
  if (status === 0 || status === 401 || fields["signed_out"] === true) return { kind: "signed-out" };
  if (status === 409) return { kind: "conflict" };
  const version = fields["version"];
  if (status === 200 && fields["saved"] === true && (typeof version === "number" || typeof version === "string")) {
    const written = fields["written"];
    const { entry, message } = fields;
    return {
      kind: "saved",
      version: String(version),
      written: typeof written === "string" ? written : "",
      ...(typeof entry === "string" && { entry }),
      ...(typeof message === "string" && { message }),
    };
  }
  // 408 and 429 mean "later"; any other 4xx means "not like this".
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const message = fields["message"];
    return { kind: "refused", message: typeof message === "string" ? message : undefined };
  }
  return { kind: "no-answer" };
}

/** The status in words, for the line and for a screen reader. */
export function words(status: Status): string {
  switch (status.kind) {
    case "clean":
      return "";
    case "unsaved":
      return "Not saved yet";
    case "saving":
      return "Saving…";
    case "saved":
      return (status.written === "" ? "Saved" : `Saved ${status.written}`)
        + (status.message === undefined ? "" : ` – but not yet: ${status.message}`);
    case "offline":
      return "Not saved yet – no connection. Keep this page open, it will try again.";
    case "conflict":
      return "Not saved – this entry was changed on another device. Your words are still here. Press Save entry to see both.";
    case "signed-out":
      return "Not saved – you have been signed out. Your words are still here. Sign in again in a new tab, then press Try again.";
    case "refused":
      return status.message === undefined
        ? "Not saved – the service could not take this entry. Your words are still here. Press Save entry to see why."
        : `Not saved yet – ${status.message}`;
  }
}

/**
 * Whether a screen reader should be told, given what it was told last. Saving
 * goes on every few seconds: only the first "Saved", every problem, and the way
 * back from a problem are worth interrupting a person who listens to a child.
 */
export function worthSaying(status: Status, lastSaid: Status | undefined): boolean {
  if (status.kind === "clean" || status.kind === "unsaved" || status.kind === "saving") return false;
  return lastSaid === undefined || lastSaid.kind !== status.kind || (status.kind === "refused" && words(status) !== words(lastSaid));
}
