# shellcheck shell=bash disable=SC2154
# What ./run and ./test have in common. Sourced; expects root, the project's directory, to be set.
# All of it speaks on standard error, so that standard output is the program's alone.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Names every tool that is not there, and what to do about it.
need_tools() {
  local missing=0
  have cargo || { missing=1; say "cargo is missing: install Rust with rustup."; }
  have cc || { missing=1; say "cc is missing: install a C compiler, such as the Debian package gcc."; }
  have npm || { missing=1; say "npm is missing: install Node 20.19 or newer together with npm."; }
  if ! have node; then
    missing=1
    say "node is missing: install Node 20.19 or newer together with npm."
  elif ! node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
      process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
    missing=1
    say "Node $(node --version) is too old: Kith needs 20.19 or newer."
  fi
  [[ $missing == 0 ]] || exit 1
}

# The packages that package-lock.json names, unless they are there already.
npm_packages() {
  local done_mark=$root/node_modules/.package-lock.json
  if [[ -e $done_mark && ! $root/package-lock.json -nt $done_mark ]]; then return; fi
  say "Installing the npm packages (npm ci)."
  (cd "$root" && npm ci --loglevel=error >&2)
}

# Styles, script, fonts and images in web/dist, unless they are newer than everything they are made of. kith.js is the
# last file that the build writes.
web_part() {
  local newest=$root/web/dist/kith.js
  if [[ -e $newest ]]; then
    local newer
    newer=$(find "$root/web" "$root/package-lock.json" -path "$root/web/dist" -prune -o -newer "$newest" -print -quit)
    if [[ -z $newer ]]; then return; fi
  fi
  say "Building the web part (npm run build -w web)."
  (cd "$root" && npm run --silent build -w web >&2)
}

# Where cargo puts what it builds.
target_directory() {
  (cd "$root" && cargo metadata --no-deps --locked --format-version 1) |
    node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory'
}
