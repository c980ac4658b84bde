#!/usr/bin/env bash
# Makes Parley.app, signed with what it may use, and a disk image of it. `make
# package` runs it on macOS. SIGN_AS names the certificate; without one the app is
# signed for this machine only.
set -euo pipefail
source "$(dirname "$0")/../common.sh"
case $(uname -m) in
x86_64) arch=amd64 ;;
*) arch=arm64 ;;
esac
work=$dist/macos
rm -rf "$work"
mkdir -p "$work"

# EXECUTABLE packages a program that was built before.
fyne_package "$work" --target darwin --tags "$tags" ${EXECUTABLE:+--executable "$EXECUTABLE"}
app=$work/Parley.app
packaging/macos/info.sh "$app/Contents/Info.plist"
cp -R packaging/macos/zh-Hans.lproj "$app/Contents/Resources/"
cp LICENSE "$app/Contents/Resources/LICENSE.txt"
CGO_ENABLED=0 go run ./packaging/licences -texts "$app/Contents/Resources/third-party-licences.txt"
if ! command -v codesign >/dev/null; then
  echo "Unsigned, for there is no codesign here: $app"
  exit
fi

# What is not linked into the program comes along.
if otool -L "$app/Contents/MacOS/"* | grep -qE '/opt/homebrew|/usr/local'; then
  dylibbundler -cd -of -b -x "$app/Contents/MacOS/parley" -d "$app/Contents/Frameworks" -p @executable_path/../Frameworks/ >/dev/null
  find "$app/Contents/Frameworks" -name '*.dylib' -exec codesign --force --sign "${SIGN_AS:--}" {} +
fi

plutil -lint "$app/Contents/Info.plist"
codesign --force --options runtime --entitlements packaging/macos/entitlements.plist --sign "${SIGN_AS:--}" "$app"
codesign --verify --strict --verbose=2 "$app"
ln -s /Applications "$work/Applications"
hdiutil create -quiet -ov -format UDZO -volname Parley -srcfolder "$work" "$dist/parley-$version-macos-$arch.dmg"
rm -rf "$work"
echo "In dist: $(cd "$dist" && echo parley-"$version"-macos*)"
