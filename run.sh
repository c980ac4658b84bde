#!/usr/bin/env bash
# Starts the app; where there is no display, shows the demo call on a virtual
# one and writes a screenshot.
set -euo pipefail
parley=$1

if [[ -n ${DISPLAY:-}${WAYLAND_DISPLAY:-} || $(uname) != Linux ]]; then
  exec "$parley"
fi
out=${SCREENSHOT:-bin/demo.png}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
for number in $(seq 50 99); do [[ -e /tmp/.X11-unix/X$number ]] || break; done
Xvfb ":$number" -screen 0 1100x720x24 >/dev/null 2>&1 &
for _ in $(seq 50); do [[ -e /tmp/.X11-unix/X$number ]] && break; sleep 0.1; done
DISPLAY=:$number "$parley" demo --data "$folder/data" ${DEMO_FLAGS:-} &
app=$!
sleep "${SECONDS_TO_SHOW:-10}"
import -display ":$number" -window root "$out"
kill -TERM $app
wait $app || true
echo "There is no display here: the demo call is in $out"
