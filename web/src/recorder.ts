/**
 * The recorder page: `form[data-kith-recorder]` with `data-autosave`, the
 * address that takes the same fields as the form and answers in JSON.
 */
import { type Answer, readAnswer, type Status, words, worthSaying } from "./answer";
import { Autosave } from "./autosave";
import { browserClock } from "./clock";
import { announceAlive, freshToken, setToken } from "./connection";

/** An attempt without an answer for this long counts as failed. */
const ANSWER_WITHIN_MILLISECONDS = 15_000;

/** Starts autosave on the recorder forms of the page. */
export function startRecorder(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-kith-recorder]")) record(form);
}

/** The body of the request: the content, with the version and the token as they are now. */
export function bodyOf(content: string, version: string, token: string): URLSearchParams {
  const body = new URLSearchParams(content);
  body.set("version", version);
  body.set("csrf", token);
  return body;
}

function record(form: HTMLFormElement): void {
  const url = form.dataset["autosave"];
  if (url === undefined) return;
  const line = saveLine(form);
  const versionField = hidden(form, "version");
  const nowMs = Number(form.dataset["nowMs"]);
  const aheadMs = Number.isFinite(nowMs) && nowMs > 0 ? Date.now() - nowMs : undefined;
  settleTimes(form);
  fillAbout(form, aheadMs);

  const autosave = new Autosave(
    {
      content: () => contentOf(form),
      send(content, version) {
        stampDevice(form, aheadMs);
        const body = bodyOf(content, version, hidden(form, "csrf").value);
        for (const name of DEVICE) body.set(name, hidden(form, name).value);
        return send(url, body);
      },
      saved(version, entry) {
        versionField.value = version;
        // The words were there already, under another id: the page came back with them still in it.
        if (entry !== undefined) hidden(form, "entry_id").value = entry;
        announceAlive();
      },
      show: (status) => {
        line.show(status);
      },
    },
    browserClock,
    versionField.value,
  );

  form.addEventListener("input", () => {
    autosave.changed();
  });
  form.addEventListener("change", () => {
    autosave.changed();
  });
  window.addEventListener("online", () => {
    autosave.saveNow();
  });
  // A tablet put away may never come back to this page: save while it still can.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && autosave.status.kind !== "signed-out") autosave.saveNow();
  });
  line.onTryAgain(() => {
    void freshToken().then((token) => {
      if (token !== undefined) setToken(token);
      autosave.saveNow();
    });
  });
  guardLeaving(form, autosave);
}

/**
 * Warns before unsaved words are left behind. The button saves as autosave does, and goes on to the next page only once
 * an answer has come: without a connection the browser would put its own error page in the place of what was typed.
 */
function guardLeaving(form: HTMLFormElement, autosave: Autosave): void {
  let submitting = false;
  let waiting = false;
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || submitting) return;
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    const { submitter } = event;
    hidden(form, "device_ms").value = String(Date.now());
    void autosave.flush().then((standing) => {
      // In a task of its own: a form that is asked to submit while its submit event is still being fired does nothing
      // (HTML standard, "firing submission events").
      browserClock.after(0, () => {
        waiting = false;
        if (standing === "offline") return;
        submitting = true;
        void autosave.stop();
        form.requestSubmit(submitter);
      });
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      submitting = false;
      autosave.resume();
    }
    // The browser may have put back what was typed before the page was left.
    autosave.changed();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!submitting && autosave.unsaved) event.preventDefault();
  });
}

const DEVICE = ["device_ms", "device_ahead_ms"] as const;
/** A time that is half typed is not a time: these are saved once they are left. */
const SETTLES = /^(arrived|left|note|why)-|^began$/;
/** What a person sends by a button alone: nobody is alarmed by half a sentence, and no session ends by itself. */
const NOT_BY_ITSELF = /^(was-)?(ended|how|ending_note)$|^concern|^(csrf|version|press|device_ms|device_ahead_ms)$/;

/** Writes the clock of this device into the form, and by how much it is ahead of the service's. */
function stampDevice(form: HTMLFormElement, aheadMs: number | undefined): void {
  hidden(form, "device_ms").value = String(Date.now());
  hidden(form, "device_ahead_ms").value = aheadMs === undefined ? "" : String(aheadMs);
}

/** Keeps in mind what stood in a field before it was gone into. */
function settleTimes(form: HTMLFormElement): void {
  form.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLInputElement && SETTLES.test(target.name)) target.dataset["settled"] = target.value;
  });
}

/** The time a new entry is about is the time at which its first word is typed, unless the person says another. */
function fillAbout(form: HTMLFormElement, aheadMs: number | undefined): void {
  const about = form.querySelector<HTMLInputElement>('input[name="about"]');
  const text = form.querySelector<HTMLTextAreaElement>('textarea[name="text"]');
  if (about === null || text === null || form.dataset["fillAbout"] === undefined) return;
  text.addEventListener("input", () => {
    if (about.value !== "" || about.dataset["touched"] !== undefined) return;
    about.value = londonClock(Date.now() - (aheadMs ?? 0));
    about.dataset["touched"] = "";
  });
  about.addEventListener("input", () => {
    about.dataset["touched"] = "";
  });
}

/** The clock in London, such as `10:05`. */
export function londonClock(atMs: number): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" }).format(atMs);
}

/** The form as text, as it is saved by itself; undefined while nothing has been written. */
function contentOf(form: HTMLFormElement): string | undefined {
  const content = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (NOT_BY_ITSELF.test(name) || typeof value !== "string") continue;
    const field = document.activeElement;
    const settled = field instanceof HTMLInputElement && field.form === form && field.name === name ? field.dataset["settled"] : undefined;
    content.append(name, settled ?? value);
  }
  const written = (content.get("text") ?? "").trim() !== "";
  return written || saysMore(content) ? content.toString() : undefined;
}

/** Whether who came or the start is said otherwise than the page showed. */
export function saysMore(content: URLSearchParams): boolean {
  const names = [...content.keys()].map((name) => name.replace(/^was-/, ""));
  const course = new Set(names.filter((name) => SETTLES.test(name) || name.startsWith("absent-")));
  return [...course].some((name) => !name.startsWith("why-") && (content.get(name) ?? "") !== (content.get(`was-${name}`) ?? ""));
}

async function send(url: string, body: URLSearchParams): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
      credentials: "same-origin",
      // A redirect leads to the sign-in page; it is not followed, its status reads 0.
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS),
    });
    return readAnswer(response.status, await response.json().catch(() => undefined));
  } catch {
    return { kind: "no-answer" };
  }
}

function hidden(form: HTMLFormElement, name: string): HTMLInputElement {
  const present = form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
  if (present !== null) return present;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  form.append(field);
  return field;
}

/** The line `[data-kith-save]`; made at the end of the form where the page has none. */
function saveLine(form: HTMLFormElement): { show(status: Status): void; onTryAgain(action: () => void): void } {
  const box = form.querySelector<HTMLElement>("[data-kith-save]") ?? form.appendChild(document.createElement("div"));
  const line = document.createElement("p");
  line.className = "kith-save__words";
  line.hidden = true;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "govuk-button govuk-button--secondary kith-save__again";
  again.textContent = "Try again";
  again.hidden = true;
  // Told apart from the line: the line changes every few seconds, this only when it matters.
  const spoken = document.createElement("p");
  spoken.className = "govuk-visually-hidden";
  spoken.setAttribute("role", "status");
  spoken.setAttribute("aria-live", "polite");
  box.replaceChildren(line, again, spoken);

  let lastSaid: Status | undefined;
  return {
    show(status) {
      box.className = `kith-save kith-save--${status.kind}`;
      line.textContent = words(status);
      line.hidden = line.textContent === "";
      again.hidden = status.kind !== "signed-out";
      if (worthSaying(status, lastSaid)) {
        lastSaid = status;
        spoken.textContent = words(status);
      }
    },
    onTryAgain(action) {
      again.addEventListener("click", action);
    },
  };
}
