#!/usr/bin/env bash
# Makes the .deb of the tree that package.sh laid out: deb.sh TREE ARCHITECTURE
set -euo pipefail
source "$(dirname "$0")/../common.sh"
tree=$1
arch=$2

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
deb=$stage/parley
mkdir -p "$deb/DEBIAN" "$stage/debian"
cp -a "$tree" "$deb/usr"
rm "$deb/usr/Makefile"
doc=$deb/usr/share/doc/parley
rm "$doc/LICENSE"
mv "$doc/CHANGELOG.md" "$doc/changelog"
gzip -9n "$doc/changelog" "$doc/third-party-licences.txt"
cp packaging/linux/copyright "$doc/copyright"

# The libraries that the program is linked with are found; those that the toolkit
# and the sound loads while it runs are named here, and so is what opens a link.
printf 'Source: parley\n\nPackage: parley\nArchitecture: any\nDescription: none\n' >"$stage/debian/control"
linked=$(cd "$stage" && dpkg-shlibdeps -O parley/usr/bin/parley | sed -n 's/^shlibs:Depends=//p')
loaded="libx11-6, libxcursor1, libxext6, libxi6, libxinerama1, libxrandr2, libxrender1, libxxf86vm1, libxkbcommon0"

cat >"$deb/DEBIAN/control" <<CONTROL
Package: parley
Version: $version
Architecture: $arch
Maintainer: The Parley authors <parley@localhost>
Installed-Size: $(du -sk --apparent-size "$deb/usr" | cut -f1)
Depends: $linked, $loaded
Recommends: libpulse0, xdg-utils, fonts-noto-cjk, libpipewire-0.3-0, xdg-desktop-portal
Section: net
Priority: optional
Description: softphone with a chat window, and its own room server
 People join a room by its name or by a link: they see and hear each other,
 share a screen or a window, and write beside the call. What was written stays.
 .
 The same program hosts a room by itself, so that two people need nothing else.
CONTROL
(cd "$deb" && find usr -type f -printf '%P\n' | sort | sed 's|^|usr/|' | xargs md5sum) >"$deb/DEBIAN/md5sums"
find "$deb" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
chmod -R u=rwX,go=rX "$deb"
dpkg-deb --root-owner-group -Zxz --build "$deb" "$dist/parley_${version}_$arch.deb" >/dev/null
