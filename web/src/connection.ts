/** What the scripts of a page share about being signed in. */

/** Fired on the document whenever the service has answered this person. */
export const ALIVE_EVENT = "kith:alive";

/** Says that the service has just heard from this person: the idle time starts again. */
export function announceAlive(): void {
  document.dispatchEvent(new Event(ALIVE_EVENT));
}

/** The anti-forgery token of the page. */
export function tokenOf(page: Document): string | undefined {
  return page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
}

/** Puts a new token where this page keeps it. */
export function setToken(token: string): void {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]');
  if (meta !== null) meta.content = token;
  for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]')) field.value = token;
}

/**
 * Signing in again, in another tab, begins a new session with a new token.
 * Reads it from a fresh copy of this page; undefined while still signed out
 * (the service then redirects), without a connection, or when `body[data-person]`
 * says that it is somebody else.
 */
export async function freshToken(): Promise<string | undefined> {
  try {
    const response = await fetch(location.href, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
    if (!response.ok) return undefined;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    // On a shared tablet the next person may have signed in: these words are not theirs to send.
    if (page.body.dataset["person"] !== document.body.dataset["person"]) return undefined;
    return tokenOf(page);
  } catch {
    return undefined;
  }
}
