# `sudo make install` installs Parley for everybody, `make install PREFIX=~/.local`
# for you alone; `make uninstall` with the same words takes it away again.
PREFIX ?= /usr/local
FILES := $(shell find bin share -type f)

install:
	for file in $(FILES); do install -D -m "$$(stat -c %a "$$file")" "$$file" "$(DESTDIR)$(PREFIX)/$$file" || exit; done
	$(MAKE) refresh

uninstall:
	for file in $(FILES); do rm -f "$(DESTDIR)$(PREFIX)/$$file"; done
	$(MAKE) refresh

# Links of parley:// are known to the desktop from then on.
refresh:
	-update-desktop-database -q "$(DESTDIR)$(PREFIX)/share/applications"
	-gtk-update-icon-cache -qtf "$(DESTDIR)$(PREFIX)/share/icons/hicolor"

.PHONY: install uninstall refresh
