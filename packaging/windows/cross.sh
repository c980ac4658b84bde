# What building the program for Windows takes, after common.sh. On Windows in MSYS2's
# shell the libraries are MSYS2's; on Debian they are built first.
export GOOS=windows GOARCH=amd64
if [[ $(uname) == Linux ]]; then
  libs=$root/bin/windows
  packaging/windows/libs.sh "$libs"
  export CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc-posix CXX=x86_64-w64-mingw32-g++-posix
  export PKG_CONFIG_LIBDIR=$libs/lib/pkgconfig
  tags=nolibopusfile
  [[ ! -e $PKG_CONFIG_LIBDIR/webrtc-audio-processing.pc ]] || tags+=,apm0
fi
# The compiler's own libraries go in too: the program needs nothing beside it.
export CGO_LDFLAGS="-static -static-libgcc -static-libstdc++"
export GOFLAGS="-buildvcs=false -ldflags=-extldflags=-static"
