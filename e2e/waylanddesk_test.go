package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"parley/devices/screen"
)

// nobody is who the compositor runs as where the test is root, which it refuses to be.
const nobody = 65534

// waylandDesk is a Wayland session: a bus, PipeWire, a compositor with one output that
// is on no screen, and the desktop portal, which shares that output without asking.
type waylandDesk struct {
	t       *testing.T
	place   string
	env     []string
	portal  *exec.Cmd
	backend *exec.Cmd
}

const (
	portalProgram  = "/usr/libexec/xdg-desktop-portal"
	backendProgram = "/usr/libexec/xdg-desktop-portal-wlr"
)

// newWaylandDesk makes one whose output is turned as transform says.
func newWaylandDesk(t *testing.T, transform string) *waylandDesk {
	t.Helper()
	for _, tool := range []string{"dbus-daemon", "pipewire", "wireplumber", "sway", "swaymsg", "swaybg", portalProgram, backendProgram} {
		if _, err := exec.LookPath(tool); err != nil && os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: make setup installs it", tool)
		} else if err != nil {
			t.Skipf("%s is missing: make setup installs it", tool)
		}
	}
	// A socket's path has to be short.
	place, err := os.MkdirTemp("", "wl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(place) })
	d := &waylandDesk{t: t, place: place}
	d.write("bus.conf", `<busconfig><type>session</type><listen>unix:path=`+d.path("bus")+`</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`)
	d.write("config/xdg-desktop-portal-wlr/config", "[screencast]\nchooser_type=none\noutput_name=HEADLESS-1\n")
	d.write("sway/config", "output HEADLESS-1 resolution 1280x720 transform "+transform+" bg #336699 solid_color\nxwayland disable\n")
	d.write("run/empty", "")
	d.env = []string{
		"HOME=" + place, "XDG_RUNTIME_DIR=" + d.path("run"), "XDG_CONFIG_HOME=" + d.path("config"), "XDG_STATE_HOME=" + d.path("state"),
		"XDG_CURRENT_DESKTOP=sway", "XDG_SESSION_TYPE=wayland", "WAYLAND_DISPLAY=" + d.path("sway/wayland-1"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + d.path("bus"), "LANG=en_US.UTF-8",
	}
	d.run("dbus-daemon", "--config-file="+d.path("bus.conf"), "--nofork")
	d.await("bus")
	d.run("pipewire")
	d.await("run/pipewire-0")
	d.run("wireplumber")
	d.compose()
	d.backend = d.serve(backendProgram, []string{"--loglevel", "DEBUG"}, "WAYLAND_DISPLAY="+d.proxy())
	// The portal asks it once, when it starts.
	d.awaitName("org.freedesktop.impl.portal.desktop.wlr")
	d.portal = d.serve(portalProgram, nil)
	return d
}

// enter makes the session that of the test itself.
func (d *waylandDesk) enter() {
	d.t.Helper()
	for _, variable := range d.env {
		name, value, _ := strings.Cut(variable, "=")
		if name != "HOME" {
			d.t.Setenv(name, value)
		}
	}
	// The parts of the session find each other while this asks.
	var err error
	for range 100 {
		if _, err = (screen.Finder{}).List(d.t.Context()); err == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	d.t.Fatalf("the desktop portal does not come up: %v", err)
}

func (d *waylandDesk) path(name string) string { return filepath.Join(d.place, name) }

func (d *waylandDesk) write(name, text string) {
	d.t.Helper()
	path := d.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// await waits for a socket.
func (d *waylandDesk) await(name string) {
	d.t.Helper()
	for range 200 {
		if _, err := os.Stat(d.path(name)); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("%s is not there", name)
}

// awaitName waits for a name on the bus.
func (d *waylandDesk) awaitName(name string) {
	d.t.Helper()
	conn, err := dbus.Connect("unix:path=" + d.path("bus"))
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close()
	for range 200 {
		var there bool
		if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&there); err == nil && there {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	d.t.Fatalf("nobody is called %s", name)
}

// command is a program of the session, whose words are kept for a test that fails.
func (d *waylandDesk) command(program string, env ...string) *exec.Cmd {
	d.t.Helper()
	cmd := exec.Command(program)
	cmd.Env = append(append(os.Environ(), d.env...), env...)
	log, err := os.CreateTemp(d.place, filepath.Base(program)+"-*.log")
	if err != nil {
		d.t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	d.t.Cleanup(func() {
		_ = log.Close()
		if words, _ := os.ReadFile(log.Name()); d.t.Failed() {
			d.t.Logf("%s said:\n%s", program, words[max(0, len(words)-4000):])
		}
	})
	return cmd
}

func (d *waylandDesk) run(program string, args ...string) {
	d.t.Helper()
	cmd := d.command(program)
	cmd.Args = append(cmd.Args, args...)
	(&desk{t: d.t}).run(cmd)
}

func (d *waylandDesk) serve(program string, args []string, env ...string) *exec.Cmd {
	d.t.Helper()
	cmd := d.command(program, env...)
	cmd.Args = append(cmd.Args, args...)
	(&desk{t: d.t}).run(cmd)
	return cmd
}

// compose starts the compositor, which draws without a graphics card.
func (d *waylandDesk) compose() {
	d.t.Helper()
	folder := d.path("sway")
	cmd := d.command("sway", "HOME="+folder, "XDG_RUNTIME_DIR="+folder, "WAYLAND_DISPLAY=", "DISPLAY=", "SWAYSOCK="+d.path("sway/ipc"),
		"WLR_BACKENDS=headless", "WLR_RENDERER=pixman", "WLR_LIBINPUT_NO_DEVICES=1")
	cmd.Args = append(cmd.Args, "--config", d.path("sway/config"))
	// Its background is drawn by a child.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		for path, mode := range map[string]os.FileMode{d.place: 0o711, folder: 0o700, d.path("sway/config"): 0o600} {
			if err := os.Chmod(path, mode); err != nil {
				d.t.Fatal(err)
			}
			if path == d.place {
				continue
			}
			if err := os.Chown(path, nobody, nobody); err != nil {
				d.t.Fatal(err)
			}
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		cmd.Dir = folder
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	d.await("sway/ipc")
	d.await("sway/wayland-1")
}

// proxy is where the portal finds the compositor: see shmProxy.
func (d *waylandDesk) proxy() string {
	d.t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.path("proxy"), Net: "unix"})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = listener.Close() })
	go serveShm(listener, d.path("sway/wayland-1"))
	return d.path("proxy")
}

// sway tells the compositor something.
func (d *waylandDesk) sway(format string, args ...any) {
	d.t.Helper()
	if out, err := exec.Command("swaymsg", "--socket", d.path("sway/ipc"), "--", fmt.Sprintf(format, args...)).CombinedOutput(); err != nil {
		d.t.Fatalf("swaymsg: %v: %s", err, out)
	}
}

// end ends a part of the session.
func (d *waylandDesk) end(cmd *exec.Cmd) {
	d.t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	_ = cmd.Wait()
}
