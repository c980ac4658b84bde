#!/usr/bin/env bash
# Runs a command on a virtual display of the given size.
set -euo pipefail
size=$1
shift
for number in $(seq 50 99); do [[ -e /tmp/.X11-unix/X$number ]] || break; done
Xvfb ":$number" -screen 0 "${size}x24" >/dev/null 2>&1 &
display=$!
trap 'kill $display 2>/dev/null || true; wait 2>/dev/null || true' EXIT
for _ in $(seq 50); do [[ -e /tmp/.X11-unix/X$number ]] && break; sleep 0.1; done
DISPLAY=:$number "$@"
