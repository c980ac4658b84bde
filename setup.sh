#!/usr/bin/env bash
# Installs what the system lacks to build, run and test Parley. With `build`, only what
# building takes; with `package` what making packages takes, with `package windows` the same
# for Windows on Debian; with `package try` and `package windows try` what trying them takes.
set -euo pipefail

build_debian=(gcc g++ make pkg-config libvpx-dev libopus-dev libwebrtc-audio-processing-dev libx11-dev libxext-dev libxcursor-dev libxrandr-dev
  libxinerama-dev libxi-dev libxxf86vm-dev libgl1-mesa-dev libwayland-dev libxkbcommon-dev libpipewire-0.3-dev)
test_debian=(xvfb xauth xdotool openbox x11-utils libgl1-mesa-dri pulseaudio pulseaudio-utils imagemagick fonts-noto-cjk fonts-noto-core
  tesseract-ocr chromium nodejs redis-server dbus-daemon nftables
  sway swaybg xdg-desktop-portal xdg-desktop-portal-wlr pipewire wireplumber)
package_debian=(dpkg-dev desktop-file-utils appstream librsvg2-bin xz-utils)
try_debian=(mmdebstrap xvfb imagemagick)
windows_debian=(dpkg-dev gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix nasm nsis zip)
# A desktop that only runs Parley needs none of the test's tools.
if [[ -n ${CI:-} || -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
  debian=("${build_debian[@]}" "${test_debian[@]}")
else
  debian=("${build_debian[@]}")
fi
case $* in
build) debian=("${build_debian[@]}") ;;
package) debian=("${package_debian[@]}") ;;
"package try") debian=("${try_debian[@]}") ;;
"package windows") debian=("${windows_debian[@]}") ;;
"package windows try") debian=(wine wine64 xvfb imagemagick libgl1-mesa-dri iproute2 curl) ;;
esac

as_root() { if [[ $(id -u) == 0 ]]; then "$@"; else sudo "$@"; fi; }

if ! command -v go >/dev/null; then
  echo "Go is missing: install Go 1.26 or later, see go.mod" >&2
  exit 1
fi

if command -v apt-get >/dev/null; then
  missing=()
  for package in "${debian[@]}"; do
    case $package in
      # Any Node.js will do, wherever it comes from.
      nodejs) command -v node >/dev/null && command -v npm >/dev/null && continue || missing+=(nodejs npm) ;;
      *) dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package") ;;
    esac
  done
  if ((${#missing[@]})); then
    as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
elif [[ ${1:-} == package ]] && command -v dnf >/dev/null; then
  as_root dnf install -y -q dpkg desktop-file-utils appstream librsvg2-tools xz
elif [[ ${1:-} == package ]] && command -v brew >/dev/null; then
  brew install --quiet dylibbundler
elif [[ ${1:-} == package && -n ${MSYSTEM:-} ]]; then
  pacman -S --needed --noconfirm zip "${MINGW_PACKAGE_PREFIX}-nsis"
elif command -v dnf >/dev/null; then
  as_root dnf install -y -q gcc gcc-c++ make pkgconf-pkg-config libvpx-devel opus-devel webrtc-audio-processing-devel libX11-devel libXext-devel \
    libXcursor-devel libXrandr-devel libXinerama-devel libXi-devel libXxf86vm-devel mesa-libGL-devel wayland-devel libxkbcommon-devel pipewire-devel
elif command -v brew >/dev/null; then
  brew install --quiet pkg-config libvpx opus
  brew install --quiet webrtc-audio-processing || echo "Voices will not be processed: webrtc-audio-processing is missing" >&2
elif command -v pacman >/dev/null && [[ -n ${MSYSTEM:-} ]]; then
  pacman -S --needed --noconfirm "${MINGW_PACKAGE_PREFIX}-gcc" "${MINGW_PACKAGE_PREFIX}-pkgconf" "${MINGW_PACKAGE_PREFIX}-libvpx" "${MINGW_PACKAGE_PREFIX}-opus" \
    "${MINGW_PACKAGE_PREFIX}-webrtc-audio-processing"
else
  echo "Install a C compiler, pkg-config, libvpx and Opus with their headers, and what OpenGL windows need here:" >&2
  printf '  %s\n' "${build_debian[@]}" >&2
fi
