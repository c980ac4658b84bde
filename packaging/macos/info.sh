#!/usr/bin/env bash
# Adds to an app's Info.plist what fyne does not write: info.sh FILE
set -euo pipefail
plist=$1
here=$(cd "$(dirname "$0")" && pwd)
awk -v more="$here/info.part" '
  /^<\/dict>/ { while ((getline line < more) > 0) print line }
  /public\.app-category\./ { sub(/category\.[^<]*/, "category.social-networking") }
  /LSMinimumSystemVersion/ { print; getline; sub(/>.*</, ">12.0<") }
  { print }' "$plist" >"$plist.new"
mv "$plist.new" "$plist"
