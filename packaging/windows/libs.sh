#!/usr/bin/env bash
# Builds the C libraries for Windows, of Debian's source packages and by mingw-w64,
# as archives: libs.sh FOLDER. What is there already is not built again.
set -euo pipefail
mkdir -p "$1/src"
prefix=$(cd "$1" && pwd)
host=x86_64-w64-mingw32
# The one with the threads of POSIX, which C++ wants.
export CC=$host-gcc-posix CXX=$host-g++-posix AR=$host-ar LD=$host-ld STRIP=$host-strip
jobs=$(nproc)

# sources gives apt the source packages, in lists of its own.
sources() {
  local lists=$prefix/apt
  mkdir -p "$lists/parts" "$lists/lists/partial"
  [[ ! -s /etc/apt/sources.list ]] || sed 's/^deb /deb-src /' /etc/apt/sources.list >"$lists/parts/main.list"
  for file in $(grep -ls debian-archive-keyring /etc/apt/sources.list.d/*.sources || true); do
    sed 's/^Types:.*/Types: deb-src/' "$file" >"$lists/parts/$(basename "$file")"
  done
  apt_source=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$lists/parts" -o Dir::State::Lists="$lists/lists" -o APT::Sandbox::User=)
  "${apt_source[@]}" update
}

# unpack gets the source package and prints its folder.
unpack() {
  (cd "$prefix/src" && rm -rf "$1"-[0-9]*/ && "${apt_source[@]}" source "$1" >&2 && readlink -f "$1"-[0-9]*/)
}

# built says whether a library is there.
built() { [[ -e $prefix/lib/pkgconfig/$1.pc ]]; }

built vpx && built opus && built webrtc-audio-processing || sources

if ! built vpx; then
  cd "$(unpack libvpx)"
  # Parley encodes VP8, and decodes VP8 and VP9.
  CROSS=$host- ./configure --target=x86_64-win64-gcc --prefix="$prefix" --enable-static --disable-shared --disable-examples \
    --disable-tools --disable-docs --disable-unit-tests --disable-vp9-encoder --enable-realtime-only --disable-install-srcs --as=nasm
  make -s -j"$jobs"
  make -s install
fi

if ! built opus; then
  cd "$(unpack opus)"
  # What checks buffers and the stack would want a library that GCC has beside its own.
  CPPFLAGS=-D_FORTIFY_SOURCE=0 ./configure -q --host=$host --prefix="$prefix" --disable-shared --disable-doc --disable-extra-programs --disable-stack-protector
  make -s -j"$jobs"
  make -s install
fi

# Without the voice library the program is built without echo cancellation.
if ! built webrtc-audio-processing; then
  folder=$(unpack webrtc-audio-processing) && cd "$folder" && ./configure -q --host=$host --prefix="$prefix" --disable-shared &&
    make -s -j"$jobs" && make -s install ||
    echo "Voices will not be processed: webrtc-audio-processing can't be had, or not be built" >&2
fi
