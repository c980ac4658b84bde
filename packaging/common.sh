# What the scripts that make packages share. They are run from anywhere, and
# leave what they made in dist.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
dist=$root/dist
mkdir -p "$dist"

# The version is said in one place.
version=$(sed -n 's/^Version = "\(.*\)"/\1/p' FyneApp.toml)
released=$(sed -n "s/^## ${version//./\\.}, \([0-9-]*\)$/\1/p" CHANGELOG.md)
if [[ -z $version || -z $released ]]; then
  echo "CHANGELOG.md has no line '## VERSION, YYYY-MM-DD' for version '$version' of FyneApp.toml" >&2
  exit 1
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# fill writes a template with the version and its date.
fill() { sed -e "s/@VERSION@/$version/g" -e "s/@DATE@/$released/g" "$1" >"$2"; }

# fyne_package runs `fyne package` in a folder that gets what it makes. It counts
# builds in FyneApp.toml and loses the comments there, so that file is put back.
fyne_package() {
  local folder=$1
  shift
  cp FyneApp.toml "$folder/FyneApp.toml.kept"
  local status=0
  (cd "$folder" && "$root/bin/fyne" package --release --src "$root" "$@") || status=$?
  mv "$folder/FyneApp.toml.kept" FyneApp.toml
  rm -f fyne_metadata_init.go fyne.syso
  return $status
}

# tags are the build tags that make found, with the voice library's.
tags=${TAGS:?run this by make package}

# Libraries of C are linked into the program, where there is an archive of them.
export PKG_CONFIG=$root/packaging/pkg-config-static
