#!/usr/bin/env bash
# Follow the README as a newcomer would: a new clone, a new virtual environment, `make demo`, until
# the console answers; then once more, without downloads. Prints one JSON object with the seconds.
#   tools/clean_clone.sh [--test] [--keep] [--port N]
# --test also runs `make test` in the clone. What is committed is cloned, not what lies around.
set -euo pipefail
here="$(cd "$(dirname "$0")/.." && pwd)"
test=no keep=no port=18110
while [ $# -gt 0 ]; do
  case "$1" in
    --test) test=yes ;;
    --keep) keep=yes ;;
    --port) port="$2"; shift ;;
    *) echo "Not started. There is no option $1. Use --test, --keep or --port N." >&2; exit 2 ;;
  esac
  shift
done

command -v curl >/dev/null || {
  echo "Not started. curl is not there. Install it: sudo apt-get install curl" >&2
  exit 2
}
folder="$(mktemp -d)"
demo=""
finish() {
  [ -z "$demo" ] || kill -- "-$demo" 2>/dev/null || true
  [ "$keep" = yes ] || rm -rf "$folder"
}
trap finish EXIT INT TERM
git clone -q "$here" "$folder/answerable"
cd "$folder/answerable"

now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.1f", b - a }'; }
answers() { # say whether the console answers with a page, and the board knows of units
  curl -fsS -o /dev/null --max-time 2 -L "http://127.0.0.1:$port/" 2>/dev/null
}

# Start `make demo` and wait for the console; sets $seconds.
to_console() {
  local begun deadline
  begun="$(now)"
  deadline=$(($(date +%s) + 600))
  setsid make demo PORT="$port" >"$folder/demo.log" 2>&1 &
  demo=$!
  until answers; do
    if ! kill -0 "$demo" 2>/dev/null || [ "$(date +%s)" -gt "$deadline" ]; then
      echo "Not started. 'make demo' gave no console; its last lines:" >&2
      tail -n 15 "$folder/demo.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  seconds="$(since "$begun")"
  kill -- "-$demo" 2>/dev/null || true
  wait "$demo" 2>/dev/null || true
  demo=""
}

to_console
first="$seconds"
rm -rf data
to_console
again="$seconds"
tests=null
if [ "$test" = yes ]; then
  begun="$(now)"
  make test >"$folder/test.log" 2>&1 || { tail -n 40 "$folder/test.log" >&2; exit 1; }
  tests="{\"seconds\": $(since "$begun"), \"summary\": \"$(tail -n 1 "$folder/test.log" | tr -d '="\033' | sed 's/^ *//; s/ *$//')\"}"
fi
printf '{"commit": "%s", "to_console_s": %s, "to_console_again_s": %s, "test": %s}\n' \
  "$(git rev-parse --short HEAD)" "$first" "$again" "$tests"
