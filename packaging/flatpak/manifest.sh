#!/usr/bin/env bash
# Writes the Flatpak manifest for a tarball beside it: manifest.sh TARBALL
set -euo pipefail
source "$(dirname "$0")/../common.sh"
tarball=$1
manifest=$dist/io.parley.Parley.yml
sum=$(sha256sum "$tarball" | cut -d' ' -f1)
sed -e "s/@TARBALL@/$(basename "$tarball")/" -e "s/@SHA256@/$sum/" packaging/flatpak/io.parley.Parley.yml >"$manifest"
# Where flatpak-builder is, it reads the manifest.
if command -v flatpak-builder >/dev/null; then
  flatpak-builder --show-manifest "$manifest" >/dev/null
fi
