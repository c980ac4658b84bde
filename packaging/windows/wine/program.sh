#!/usr/bin/env bash
# Builds the program for Windows as Wine can run it: program.sh FILE. The Wines of Debian 12
# and 13 refuse a setting of UDP sockets that Go makes (SIO_UDP_NETRESET), and Wine 8 a
# way to delete files, so that two files of Go's library are replaced. Wine only: the
# package has Go's own.
set -euo pipefail
source "$(dirname "$0")/../../common.sh"
program=$(realpath -m "$1")
made=$root/bin/windows/go
mkdir -p "$made"
library=$(go env GOROOT)/src
udp=net/fd_windows.go delete=internal/syscall/windows/at_windows.go

# Of the two settings only the second is let go; 10045 says that it is not supported.
sed '/windows\.SIO_UDP_NETRESET/,/}/ s/if err != nil {/if err != nil \&\& err != syscall.Errno(10045) {/' "$library/$udp" >"$made/udp"
# Not implemented means the same as not supported.
sed 's/\tcase STATUS_INVALID_INFO_CLASS,/\tcase NTStatus(0xC0000002), STATUS_INVALID_INFO_CLASS,/' "$library/$delete" >"$made/delete"
for pair in "$udp udp" "$delete delete"; do
  if cmp -s "$library/${pair% *}" "$made/${pair#* }"; then
    echo "${pair% *} of this Go is not the one that is known here" >&2
    exit 1
  fi
done
printf '{"Replace":{"%s":"%s","%s":"%s"}}\n' "$library/$udp" "$made/udp" "$library/$delete" "$made/delete" >"$made/overlay.json"

source packaging/windows/cross.sh
go build -trimpath -overlay "$made/overlay.json" -ldflags '-extldflags=-static -H=windowsgui -s -w' -tags "$tags,release,migrated_fynedo" -o "$program" .
