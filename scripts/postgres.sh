# shellcheck shell=bash disable=SC2034
# A private PostgreSQL server for tests. Sourced; expects common.sh.
#
#   postgres_start DIRECTORY   starts one in it and sets postgres_url
#   postgres_stop              stops it, if it was started

postgres_data=
postgres_url=
postgres_as=()

# The directory of the newest server's programs, if one is installed.
postgres_programs() {
  local initdb
  initdb=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  if [[ -z $initdb ]]; then initdb=$(command -v initdb || true); fi
  if [[ -n $initdb ]]; then dirname "$initdb"; fi
}

free_port() {
  node -e 'const server = require("net").createServer();
    server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); });'
}

postgres_start() {
  local programs place=$1/postgres password port try
  programs=$(postgres_programs)
  if [[ -z $programs ]]; then
    say "No PostgreSQL server is installed (Debian package postgresql)."
    return 1
  fi
  mkdir "$place"
  password=$(node -p 'require("crypto").randomBytes(16).toString("hex")')
  printf '%s' "$password" >"$place/password"
  # PostgreSQL refuses to run as root.
  if [[ $(id -u) == 0 ]]; then
    local user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    postgres_as=(runuser -u "$user" --)
    chown -R "$user" "$place"
  fi
  (cd / && "${postgres_as[@]}" "$programs/initdb" -D "$place/data" -U kith --auth=scram-sha-256 \
    --pwfile="$place/password" -E UTF8 --locale=C.UTF-8 --no-sync >"$1/initdb.log" 2>&1) || {
    cat "$1/initdb.log" >&2
    return 1
  }
  # Between finding a free port and taking it somebody else may have taken it.
  for try in 1 2 3 4 5; do
    port=$(free_port)
    # What these tests store need not outlive a loss of power.
    if (cd / && "${postgres_as[@]}" "$programs/pg_ctl" -D "$place/data" -l "$place/log" -w -s \
      -o "-h 127.0.0.1 -p $port -c unix_socket_directories= -c max_connections=200 -c fsync=off -c full_page_writes=off" \
      start >/dev/null 2>&1); then
      postgres_data=$place/data
      postgres_url=postgres://kith:$password@127.0.0.1:$port/postgres
      say "Started a private PostgreSQL ($("$programs/postgres" --version)) on port $port."
      return 0
    fi
  done
  cat "$place/log" >&2
  return 1
}

postgres_stop() {
  if [[ -z $postgres_data ]]; then return 0; fi
  (cd / && "${postgres_as[@]}" "$(postgres_programs)/pg_ctl" -D "$postgres_data" -m immediate -s stop) || true
  postgres_data=
}
