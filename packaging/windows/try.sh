#!/usr/bin/env bash
# Runs the installer for Windows under Wine in an empty prefix, starts the installed
# program on a virtual display, and writes a screenshot: try.sh [SCREENSHOT]
set -euo pipefail
source "$(dirname "$0")/../common.sh"
picture=$(realpath -m "${1:-$dist/try-windows.png}")
setup=$dist/parley-$version-windows-amd64-setup.exe

place=$(mktemp -d)
export WINEPREFIX=$place/wine WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES="mscoree,mshtml="
trap 'wineserver -k 2>/dev/null || true; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$place"' EXIT
for number in $(seq 50 99); do [[ -e /tmp/.X11-unix/X$number ]] || break; done
Xvfb ":$number" -screen 0 1100x720x24 >/dev/null 2>&1 &
for _ in $(seq 50); do [[ -e /tmp/.X11-unix/X$number ]] && break; sleep 0.1; done
export DISPLAY=:$number

wineboot --init
wine "$setup" /S
for key in 'HKCU\Software\Classes\parley\shell\open\command' 'HKCU\Software\Classes\parley'; do
  wine reg query "$key" | tr -d '\r' | grep -v '^$'
done
program=$(find "$WINEPREFIX/drive_c" -name Parley.exe | head -1)
wine "$program" --version
wine "$program" demo --language "${LANGUAGE_SHOWN:-en}" >"$dist/try-windows.log" 2>&1 &
sleep "${SECONDS_TO_SHOW:-40}"
import -display ":$number" -window root "$picture"
echo "A call of the installed program is in $picture"

wineserver -k || true
wine "$(dirname "$program")/Uninstall.exe" /S
sleep 3
if wine reg query 'HKCU\Software\Classes\parley' >/dev/null 2>&1; then
  echo "the uninstaller left the link handler" >&2
  exit 1
fi
