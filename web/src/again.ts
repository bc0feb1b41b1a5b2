/** Pages of work that Kith is still at come again by themselves, and words selected in a part of a pack go into its form. */

/** Loads the page again after some seconds, as long as it asks for it. */
export function startAgain(): void {
  const waiting = document.querySelector<HTMLElement>("[data-kith-again]");
  if (waiting === null) return;
  const seconds = Number(waiting.dataset["kithAgain"]);
  window.setTimeout(() => {
    location.reload();
  }, Math.max(1, seconds) * 1000);
}

/** The line in which a selection begins and ends, if it is one. */
function lineOf(selection: Selection): HTMLElement | undefined {
  const within = (node: Node | null): HTMLElement | null =>
    (node instanceof Element ? node : (node?.parentElement ?? null))?.closest<HTMLElement>("[data-line]") ?? null;
  const line = within(selection.anchorNode);
  return line !== null && line === within(selection.focusNode) ? line : undefined;
}

/** How many characters (not code units) of a line stand before a range. */
function before(line: HTMLElement, range: Range): number {
  const lead = document.createRange();
  lead.selectNodeContents(line);
  lead.setEnd(range.startContainer, range.startOffset);
  return [...lead.toString()].length;
}

/** Words that are selected in a line are put into the form: `data-kith-select` names its fields of words, line and place. */
export function startSelect(): void {
  const lines = document.querySelector<HTMLElement>("[data-kith-select]");
  const fields = (lines?.dataset["kithSelect"] ?? "").split(" ").map((id) => document.getElementById(id));
  const [words, line, at] = fields.map((field) => (field instanceof HTMLInputElement ? field : undefined));
  if (lines === null || words === undefined || line === undefined || at === undefined) return;
  // Typed by hand, they are meant wherever they stand in the line.
  words.addEventListener("input", () => {
    at.value = "";
  });
  lines.addEventListener("mouseup", () => {
    const selection = document.getSelection();
    if (selection === null || selection.isCollapsed) return;
    const selected = lineOf(selection);
    const text = selection.toString().trim();
    if (selected === undefined || text === "") return;
    const range = selection.getRangeAt(0);
    const lead = range.toString().length - range.toString().trimStart().length;
    words.value = text;
    line.value = selected.dataset["line"] ?? "";
    at.value = String(before(selected, range) + lead);
  });
}
