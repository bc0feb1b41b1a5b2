/** Files of the demo, by what happened in them. */
import type { Person } from "../lib/person.js";

/** The file from which the demo told a driver. */
export async function fileWithSharing(coordinator: Person): Promise<string> {
  await coordinator.open("/children");
  const links = await coordinator.page.getByRole("main").getByRole("link").evaluateAll((all) => all.map((a) => a.getAttribute("href") ?? ""));
  for (const to of links.filter((to) => /^\/children\/[0-9a-f-]{36}$/.test(to))) {
    await coordinator.open(`${to}/sharing`);
    const text = await coordinator.page.getByRole("main").innerText();
    if (text.includes("Nene Valley Cars")) return to;
  }
  throw new Error("the demo told no driver");
}
