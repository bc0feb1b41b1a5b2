// Builds dist/ from the sources: one stylesheet, one script, the typeface, the
// images. `--preview DIRECTORY` also builds the style page there.
import { build } from "esbuild";
import { compile } from "sass";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const require = createRequire(import.meta.url);

/** Compiles and minifies the stylesheet; returns it with the files it refers to. */
async function styles() {
  const { css } = compile(join(here, "styles/kith.scss"), {
    loadPaths: [root],
    style: "expanded",
    // Notes about Sass from inside the two toolkits are theirs to act on.
    quietDeps: true,
  });
  const { outputFiles } = await build({
    stdin: { contents: css, loader: "css", resolveDir: here },
    minify: true,
    bundle: true,
    write: false,
    external: ["fonts/*", "images/*"],
    target: ["chrome109", "firefox115", "safari15.6"],
    charset: "utf8",
  });
  const text = outputFiles[0].text;
  const urls = [...text.matchAll(/url\(["']?([^"')]+)["']?\)/g)].map((match) => match[1]);
  // The content security policy allows no data: addresses and no other hosts.
  for (const url of urls) {
    if (!/^(fonts|images)\/[\w.-]+$/.test(url)) throw new Error(`stylesheet refers to ${url}`);
  }
  if (/GDS Transport/i.test(text)) throw new Error("the stylesheet names a typeface a council may not use");
  return { text, urls: new Set(urls) };
}

/** Where a file named by the stylesheet comes from. */
function sourceOf(url) {
  if (url.startsWith("fonts/")) {
    const files = dirname(require.resolve("@fontsource/atkinson-hyperlegible-next/package.json"));
    return join(files, "files", basename(url));
  }
  const own = join(here, url);
  if (existsSync(own)) return own;
  return join(dirname(require.resolve("@ministryofjustice/frontend/package.json")), "moj/assets", url);
}

async function buildTo(dist) {
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, "fonts"), { recursive: true });
  await mkdir(join(dist, "images"), { recursive: true });

  const { text, urls } = await styles();
  await writeFile(join(dist, "kith.css"), text);
  for (const url of urls) await cp(sourceOf(url), join(dist, url));
  for (const image of ["favicon.svg", "wordmark.svg", "icons.svg"]) {
    await cp(join(here, "images", image), join(dist, "images", image));
  }
  // The Open Font Licence travels with the typeface.
  const licence = require.resolve("@fontsource/atkinson-hyperlegible-next/LICENSE");
  await cp(licence, join(dist, "fonts/LICENCE.txt"));

  await build({
    entryPoints: [join(here, "src/kith.ts")],
    outfile: join(dist, "kith.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome109", "firefox115", "safari15.6"],
    legalComments: "eof",
    charset: "utf8",
  });
}

const flag = process.argv.indexOf("--preview");
if (flag === -1) {
  await buildTo(join(here, "dist"));
} else {
  // The style page is for looking at, never for serving: it stays outside dist/.
  const out = process.argv[flag + 1] ?? join(tmpdir(), "kith-preview");
  await buildTo(join(out, "assets"));
  const blocks = new Map();
  const components = await readFile(join(here, "COMPONENTS.md"), "utf8");
  for (const [, name, block] of components.matchAll(/^```html (\S+)\n(.*?)^```$/gms)) blocks.set(name, block);
  const page = (await readFile(join(here, "preview.html"), "utf8")).replace(/^\s*<!--.*-->\n/m, "");
  const filled = page.replace(/\{\{(\S+?)\}\}/g, (_, name) => {
    if (!blocks.has(name)) throw new Error(`COMPONENTS.md has no block ${name}`);
    const block = blocks.get(name);
    blocks.delete(name);
    return block;
  });
  if (blocks.size > 0) throw new Error(`preview.html does not show ${[...blocks.keys()].join(", ")}`);
  await writeFile(join(out, "index.html"), filled);
  console.log(out);
}
