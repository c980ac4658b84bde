#!/usr/bin/env bash
# Makes the packages for Linux: a tarball, and of its files a .deb and a Flatpak
# manifest. `make package` runs it.
set -euo pipefail
source "$(dirname "$0")/../common.sh"

id=io.parley.Parley
arch=$(dpkg --print-architecture)
name=parley-$version-linux-$arch
work=$dist/linux
rm -rf "$work"
mkdir -p "$work"

# What fyne makes has the program, and an icon of one size.
fyne_package "$work" --tags "$tags"
mkdir "$work/fyne"
tar -C "$work/fyne" --strip-components=1 -xf "$work/Parley.tar.xz"
rm "$work/Parley.tar.xz"

# The tree of all packages, from /usr on.
tree=$work/$name
share=$tree/share
install -Dm755 "$work"/fyne/usr/*/bin/parley "$tree/bin/parley"
install -Dm644 packaging/linux/$id.desktop "$share/applications/$id.desktop"
for size in 16 24 32 48 64 128 256 512; do
  mkdir -p "$share/icons/hicolor/${size}x$size/apps"
  rsvg-convert --width $size --height $size assets/icon.svg --output "$share/icons/hicolor/${size}x$size/apps/$id.png"
done
install -Dm644 assets/icon.svg "$share/icons/hicolor/scalable/apps/$id.svg"
mkdir -p "$share/metainfo" "$share/man/man1" "$share/doc/parley"
fill packaging/linux/$id.metainfo.xml "$share/metainfo/$id.metainfo.xml"
fill packaging/linux/parley.1 "$share/man/man1/parley.1"
gzip -9n "$share/man/man1/parley.1"
go run ./packaging/licences -texts "$share/doc/parley/third-party-licences.txt"
install -m644 LICENSE CHANGELOG.md "$share/doc/parley/"
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

desktop-file-validate "$share/applications/$id.desktop"
appstreamcli validate --no-net "$share/metainfo/$id.metainfo.xml"

# The tarball: unpacked anywhere, `make install` puts it in its place.
install -m644 packaging/linux/install.mk "$tree/Makefile"
touch -d "@$SOURCE_DATE_EPOCH" "$tree/Makefile" "$tree"
XZ_OPT=-T0 tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cJf "$dist/$name.tar.xz" "$name"

packaging/linux/deb.sh "$tree" "$arch"
packaging/flatpak/manifest.sh "$dist/$name.tar.xz"
rm -rf "$work"
echo "In dist: $(cd "$dist" && echo parley*"$version"*)"
