/**
 * `data-module="moj-add-another"`: lists of rows in which each row has the same
 * fields, named `LIST.PLACE.FIELD`. Tells the component which names and ids count.
 */

/** The pattern of a name or id from which the component makes that of another row; nothing when it names no row. */
export function pattern(name: string): string | undefined {
  return /^[a-z_]+\.\d+\./.test(name) ? name.replace(/\.\d+\./, ".%index%.") : undefined;
}

/** Marks the fields of every list, and shows its button. Before the component starts. */
export function startRows(): void {
  for (const list of document.querySelectorAll<HTMLElement>('[data-module="moj-add-another"]')) {
    for (const field of list.querySelectorAll<HTMLInputElement>("input, select, textarea")) {
      const [name, id] = [pattern(field.name), pattern(field.id)];
      if (name === undefined || id === undefined) continue;
      field.dataset["name"] = name;
      field.dataset["id"] = id;
    }
    list.querySelector(".moj-add-another__add-button")?.removeAttribute("hidden");
  }
}
