#!/usr/bin/env bash
# Makes the packages for Windows: the program with its resources, and an installer.
# On Windows in MSYS2's shell the libraries are MSYS2's; on Debian they are built
# first, and the program is cross-compiled. `make package-windows` runs it.
set -euo pipefail
source "$(dirname "$0")/../common.sh"
work=$dist/windows
rm -rf "$work"
mkdir -p "$work"

source packaging/windows/cross.sh

# fyne takes the manifest that lies beside the program, and leaves both there.
trap 'rm -f "$root/parley.exe.manifest" "$root/parley.exe"' EXIT
fill packaging/windows/parley.exe.manifest parley.exe.manifest
fyne_package "$work" --target windows --tags "$tags"
mv Parley.exe "$work/Parley.exe"
cp LICENSE "$work/LICENSE.txt"
env -u GOOS -u GOARCH -u GOFLAGS CGO_ENABLED=0 go run ./packaging/licences -texts "$work/third-party-licences.txt"
(cd "$work" && sed -i 's/$/\r/' ./*.txt)

zip -qjX "$dist/parley-$version-windows-amd64.zip" "$work/Parley.exe" "$work"/*.txt
makensis -V2 -INPUTCHARSET UTF8 "-DVERSION=$version" "-DFILES=$work" "-DOUTPUT=$dist/parley-$version-windows-amd64-setup.exe" packaging/windows/parley.nsi
rm -rf "$work"
echo "In dist: $(cd "$dist" && echo parley-"$version"-windows*)"
