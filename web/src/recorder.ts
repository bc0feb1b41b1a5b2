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

  const autosave = new Autosave(
    {
      content: () => contentOf(form),
      send: (content, version) => send(url, bodyOf(content, version, hidden(form, "csrf").value)),
      saved(version) {
        versionField.value = version;
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

/** The form as text, without version and token; undefined while nothing has been written. */
function contentOf(form: HTMLFormElement): string | undefined {
  const content = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (name !== "version" && name !== "csrf" && typeof value === "string") content.append(name, value);
  }
  return (content.get("text") ?? "").trim() === "" ? undefined : content.toString();
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
