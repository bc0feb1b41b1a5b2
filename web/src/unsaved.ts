/**
 * `form[data-kith-guard]`: warns when the person is about to leave a form with
 * changes in it. `data-kith-guard="dirty"` warns even if nothing was changed
 * since the page came, for a form given back with errors: its words are on the
 * page only.
 */

/** One field of a form as text; a file counts by its name and size. */
export type Field = readonly [name: string, value: string];

/**
 * Whether two states of a form differ. The order of the fields counts, because
 * "add another" lists may be reordered.
 */
export function differ(before: readonly Field[], after: readonly Field[]): boolean {
  return (
    before.length !== after.length ||
    before.some(([name, value], index) => {
      const other = after[index];
      return other === undefined || other[0] !== name || other[1] !== value;
    })
  );
}

/** The fields of a form that a person can change; the anti-forgery token is none of them. */
export function fieldsOf(form: HTMLFormElement): Field[] {
  const fields: Field[] = [];
  for (const [name, value] of new FormData(form)) {
    if (name === "csrf") continue;
    fields.push([name, typeof value === "string" ? value : `${value.name} ${String(value.size)}`]);
  }
  return fields;
}

/** Guards every marked form of the page. */
export function startUnsaved(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-kith-guard]")) guard(form);
}

function guard(form: HTMLFormElement): void {
  const before = fieldsOf(form);
  const alwaysDirty = form.dataset["kithGuard"] === "dirty";
  let submitting = false;
  form.addEventListener("submit", (event) => {
    // Another listener may have stopped it: then the person is still here.
    submitting = !event.defaultPrevented;
  });
  // Coming back by the back button revives the page as it was left.
  window.addEventListener("pageshow", () => {
    submitting = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (submitting || !(alwaysDirty || differ(before, fieldsOf(form)))) return;
    event.preventDefault();
  });
}
