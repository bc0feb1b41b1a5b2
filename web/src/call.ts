/**
 * `[data-kith-part]` on the page of the phone call: an answer is sent and the next item shown without loading the whole page
 * again, and keys answer while the item has the focus. Without this script each answer is a form of its own.
 */

/** What a key does while the item has the focus: the `data-kith-key` of a button or link. */
export interface Pressed {
  readonly key: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

/**
 * The key that answers, or undefined. A key held down, and one that is the browser's with Ctrl, Alt or Meta, answers nothing.
 */
export function answersWith(pressed: Pressed): string | undefined {
  if (pressed.altKey || pressed.ctrlKey || pressed.metaKey || pressed.repeat) return undefined;
  const key = pressed.key.toLowerCase();
  return key === "c" || key === "k" || key === "n" ? key : undefined;
}

/** What to do with what came back for an answer. */
export type Next =
  /** The answer was kept: its page takes the place of this one's parts. */
  | "show"
  /** The service has something else to say, such as that somebody was signed out: nothing was kept, and the browser sends it. */
  | "send-plainly";

/** Reads an answer: kept only when the page of the call came back, see {@link Next}. */
export function afterAnswer(ok: boolean, hasParts: boolean): Next {
  return ok && hasParts ? "show" : "send-plainly";
}

const PARTS = "[data-kith-part]";

/** Starts on a page that has the parts. `dress` makes what is put in work as the rest of the page does. */
export function startCall(dress: (part: Element) => void): void {
  if (document.querySelector(PARTS) === null) return;
  let busy = false;
  const here = (): string => location.pathname + location.search;
  let shown = here();

  /** Takes the parts of another page of the call into this one; false when it is none. */
  const take = (html: string, address: string): boolean => {
    const other = new DOMParser().parseFromString(html, "text/html");
    const parts = [...document.querySelectorAll(PARTS)];
    if (parts.some((part) => other.getElementById(part.id) === null)) return false;
    for (const part of parts) {
      const next = other.getElementById(part.id);
      if (next === null) continue;
      part.replaceWith(next);
      dress(next);
    }
    history.pushState(null, "", address);
    shown = here();
    const heading = document.querySelector<HTMLElement>("#item h2");
    heading?.focus();
    say(heading?.textContent ?? "");
    return true;
  };

  const say = (words: string): void => {
    const line = document.getElementById("kept");
    if (line !== null) line.textContent = words;
  };

  const send = async (form: HTMLFormElement, button: HTMLElement | null): Promise<void> => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form, button)) fields.append(name, String(value));
    const answer = await fetch(form.action, { method: "POST", body: fields });
    const html = await answer.text();
    const isCall = new DOMParser().parseFromString(html, "text/html").querySelector(PARTS) !== null;
    if (afterAnswer(answer.ok, isCall) === "show" && take(html, answer.url)) return;
    plainly(form, button);
  };

  /** Lets the browser send it, as if there were no script. */
  const plainly = (form: HTMLFormElement, button: HTMLElement | null): void => {
    form.removeAttribute("data-kith-answer");
    form.requestSubmit(button);
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-kith-answer")) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    say("Sending…");
    send(form, event.submitter).catch(() => {
      // Whether it arrived is not known: the same answer sent again is one answer.
      say("Not sent: no connection. Answer again.");
      form.querySelector(".kith-call__keys")?.replaceChildren("Not sent: no connection. Answer again when it is back.");
    }).finally(() => {
      busy = false;
    });
  });

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-kith-item]") : null;
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    fetch(link.href).then(async (answer) => {
      if (!answer.ok || !take(await answer.text(), link.href)) location.assign(link.href);
    }, () => {
      location.assign(link.href);
    });
  });

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    // Only while the item has the focus (WCAG 2.2, 2.1.4), and never while something is written.
    if (!(at instanceof Element) || at.closest("#item") === null || at.matches("input, textarea, select")) return;
    const key = answersWith(event);
    const button = key === undefined ? null : document.querySelector<HTMLElement>(`#item [data-kith-key="${key}"]`);
    if (button === null) return;
    event.preventDefault();
    button.click();
  });

  // Going back shows what was shown then; a link to a place on this page leads nowhere else.
  window.addEventListener("popstate", () => {
    if (here() !== shown) location.reload();
  });
}
