#!/usr/bin/env bash
# Tries the package for Windows under Wine, in an empty prefix and on a virtual display:
# the installer, the installed program's window, and, by a program that Wine can run whole
# (program.sh), the server and a call. It writes two pictures: try.sh [PICTURE]. It needs
# root, and `setup.sh package windows try`.
set -euo pipefail
source "$(dirname "$0")/../../common.sh"
picture=$(realpath -m "${1:-$dist/try-windows.png}")
setup=$dist/parley-$version-windows-amd64-setup.exe
packaging/windows/wine/program.sh "$root/bin/windows/Parley.exe"

place=$(mktemp -d)
export WINEPREFIX=$place/wine WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES="mscoree,mshtml="
trap 'wineserver -k 2>/dev/null || true; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$place"' EXIT
for number in $(seq 50 99); do [[ -e /tmp/.X11-unix/X$number ]] || break; done
Xvfb ":$number" -screen 0 1240x800x24 >/dev/null 2>&1 &
for _ in $(seq 50); do [[ -e /tmp/.X11-unix/X$number ]] && break; sleep 0.1; done
export DISPLAY=:$number

wineboot --init 2>/dev/null
wine winecfg -v win10
library=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
[[ -e $library ]] || x86_64-w64-mingw32-gcc-posix -shared -o "$library" packaging/windows/wine/bcryptprimitives.c -ladvapi32

wine "$setup" /S
for key in 'HKCU\Software\Classes\parley\shell\open\command' 'HKCU\Software\Classes\parley'; do
  wine reg query "$key" | tr -d '\r' | grep -v '^$'
done
program=$(find "$WINEPREFIX/drive_c" -name Parley.exe | head -1)
wine "$program" --version

# As the desktop starts it, which is another thing than a console.
wine explorer /desktop=parley,1240x800 "$(winepath -w "$program")" --language "${LANGUAGE_SHOWN:-en}" >"$dist/try-windows.log" 2>&1 &
sleep "${SECONDS_TO_SHOW:-25}"
import -display ":$number" -window root "${picture%.png}-join.png"
echo "The installed program's window is in ${picture%.png}-join.png"
if wine "$setup" /S; then
  echo "the installer replaced a program that runs" >&2
  exit 1
fi
wineserver -k 2>/dev/null || true

# The server and a call, in a network of its own: Wine 8 has no two sockets on one port of
# which one is on loopback, so the network shows no loopback address.
export dist picture parley=$root/bin/windows/Parley.exe
unshare --net bash -euo pipefail <<'INSIDE'
ip link set lo up
ip address del 127.0.0.1/8 dev lo
ip address del ::1/128 dev lo 2>/dev/null || true
ip route add local 127.0.0.0/8 dev lo
ip link add parley0 type veth peer name parley1
ip address add 192.0.2.1/24 dev parley0
ip link set parley0 up
ip link set parley1 up

wine "$parley" serve --data 'C:\server' --listen 192.0.2.1:7890 >>"$dist/try-windows.log" 2>&1 &
for _ in $(seq 60); do curl -fsS http://192.0.2.1:7890/readyz >/dev/null 2>&1 && break; sleep 0.5; done
echo "The server under Wine says: $(curl -fsS http://192.0.2.1:7890/readyz)"
wine "$parley" token --data 'C:\server' --room hello | tr -d '\r' | sed 's/^\(token: .\{20\}\).*/\1.../; /^invite/d'
wineserver -k 2>/dev/null || true

wine explorer /desktop=parley,1240x800 "$(winepath -w "$parley")" demo --language "${LANGUAGE_SHOWN:-en}" >>"$dist/try-windows.log" 2>&1 &
sleep "${SECONDS_TO_SHOW:-40}"
import -window root "$picture"
wineserver -k 2>/dev/null || true
INSIDE
echo "A call under Wine is in $picture"

wine "$(dirname "$program")/Uninstall.exe" /S
sleep 3
if wine reg query 'HKCU\Software\Classes\parley' >/dev/null 2>&1; then
  echo "the uninstaller left the link handler" >&2
  exit 1
fi
