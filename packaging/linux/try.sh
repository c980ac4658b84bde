#!/usr/bin/env bash
# Installs the .deb into an empty root with all that it depends on, starts Parley from
# there on a virtual display, and writes a screenshot: try.sh [SCREENSHOT]. It needs
# root, and `setup.sh package try`.
set -euo pipefail
source "$(dirname "$0")/../common.sh"
picture=$(realpath -m "${1:-$dist/try-linux.png}")
deb=$(ls "$dist"/parley_"${version}"_*.deb)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

place=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf --one-file-system "$place"' EXIT
chmod 755 "$place"
export ROOT=$place/root
mmdebstrap --quiet --variant=apt --include=desktop-file-utils,xdg-utils "$suite" "$ROOT"
cp "$deb" "$ROOT/parley.deb"
mkdir -p "$ROOT/tmp/.X11-unix"

for number in $(seq 50 99); do [[ -e /tmp/.X11-unix/X$number ]] || break; done
Xvfb ":$number" -screen 0 1100x720x24 >/dev/null 2>&1 &
for _ in $(seq 50); do [[ -e /tmp/.X11-unix/X$number ]] && break; sleep 0.1; done

# The mounts end with the shell.
DISPLAY=:$number unshare --mount --pid --fork --kill-child bash -euo pipefail <<'INSIDE' &
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix"
cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
export DEBIAN_FRONTEND=noninteractive LANG=C.UTF-8
chroot "$ROOT" apt-get update -qq
chroot "$ROOT" apt-get install -qq -y --no-install-recommends /parley.deb >/dev/null
echo "parley:// is opened by $(chroot "$ROOT" env XDG_CURRENT_DESKTOP=X xdg-mime query default x-scheme-handler/parley)"
chroot "$ROOT" parley --version
touch "$ROOT/installed"
chroot "$ROOT" env HOME=/root LANG=en_US.UTF-8 parley demo
INSIDE
inside=$!
until [[ -e $ROOT/installed ]]; do
  kill -0 $inside 2>/dev/null || { echo "The package can't be installed" >&2; exit 1; }
  sleep 0.5
done
sleep 12
kill -0 $inside || { echo "Parley ended by itself" >&2; exit 1; }
import -display ":$number" -window root "$picture"
kill -TERM $inside
wait $inside || true
echo "A call of the installed program is in $picture"
