package screen

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"parley/devices"
)

const title = "Parley: a green window"

// user32 calls a function of Windows.
func user32(name string, args ...uintptr) uintptr {
	result, _, _ := windows.NewLazySystemDLL("user32.dll").NewProc(name).Call(args...)
	return result
}

// greenWindow opens a window of 300x200 that is green, and gives it and its end.
func greenWindow(t *testing.T) (window uintptr, destroy func()) {
	t.Helper()
	const (
		overlapped = 0x00CF0000 | 0x10000000 // WS_OVERLAPPEDWINDOW | WS_VISIBLE
		wmClose    = 0x10
		wmDestroy  = 2
	)
	name, err := windows.UTF16PtrFromString("ParleyGreen")
	if err != nil {
		t.Fatal(err)
	}
	caption, err := windows.UTF16PtrFromString(title)
	if err != nil {
		t.Fatal(err)
	}
	opened, done := make(chan uintptr), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		brush, _, _ := windows.NewLazySystemDLL("gdi32.dll").NewProc("CreateSolidBrush").Call(0x0000FF00) // 0x00BBGGRR
		class := struct {                                                                                 // WNDCLASSEXW
			size, style                        uint32
			procedure                          uintptr
			classExtra, windowExtra            int32
			instance, icon, cursor, background uintptr
			menu, name                         *uint16
			small                              uintptr
		}{procedure: windows.NewLazySystemDLL("user32.dll").NewProc("DefWindowProcW").Addr(), background: brush, name: name}
		class.size = uint32(unsafe.Sizeof(class))
		user32("RegisterClassExW", uintptr(unsafe.Pointer(&class)))
		w := user32("CreateWindowExW", 0, uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(caption)), overlapped, 40, 40, 300, 200, 0, 0, 0, 0)
		runtime.KeepAlive(name)
		runtime.KeepAlive(caption)
		opened <- w
		var message [64]byte // MSG
		for user32("IsWindow", w) != 0 {
			user32("GetMessageW", uintptr(unsafe.Pointer(&message)), 0, 0, 0)
			user32("DispatchMessageW", uintptr(unsafe.Pointer(&message)))
		}
	}()
	window = <-opened
	if window == 0 {
		t.Fatal("no window")
	}
	destroy = func() {
		user32("PostMessageW", window, wmClose, 0, 0)
		<-done
	}
	return window, destroy
}

// listed gives the sources whose names have a text.
func listed(t *testing.T, name string) []devices.ScreenSource {
	t.Helper()
	all, err := Finder{}.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var found []devices.ScreenSource
	for _, s := range all {
		if strings.Contains(s.Name, name) || name == "" {
			found = append(found, s)
		}
	}
	return found
}

func read(t *testing.T, source devices.VideoSource) (*devices.Frame, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return source.ReadFrame(ctx)
}

// isGreen is whether the middle of a frame is.
func isGreen(f *devices.Frame) bool {
	y, u, v := f.Y[f.Height/2*f.StrideY+f.Width/2], f.U[f.Height/4*f.StrideUV+f.Width/4], f.V[f.Height/4*f.StrideUV+f.Width/4]
	near := func(a byte, b int) bool { return int(a)-b < 4 && b-int(a) < 4 }
	return near(y, 145) && near(u, 54) && near(v, 34)
}

func TestWindowOfWindows(t *testing.T) {
	window, destroy := greenWindow(t)
	var found []devices.ScreenSource
	for range 50 {
		if found = listed(t, title); len(found) == 1 && found[0].Thumbnail != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(found) != 1 || !found[0].Window || found[0].Width != 300 || found[0].Height != 200 {
		t.Fatalf("found %+v", found)
	}
	if small := found[0].Thumbnail; small == nil || small.RGBAAt(150, 100).G != 255 || small.RGBAAt(150, 100).R != 0 {
		t.Errorf("the thumbnail is %v", small)
	}
	source, err := Finder{}.Open(t.Context(), found[0].ID, devices.ScreenFormat{FrameRate: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	seen := func(width, height int) {
		t.Helper()
		for range 50 {
			f, err := read(t, source)
			if err != nil {
				t.Fatal(err)
			}
			ok := f.Width == width && f.Height == height && isGreen(f)
			f.Release()
			if ok {
				return
			}
		}
		t.Fatalf("no picture of %dx%d in green came", width, height)
	}
	seen(300, 200)
	user32("SetWindowPos", window, 0, 60, 50, 420, 260, 0x14) // SWP_NOZORDER | SWP_NOACTIVATE
	seen(420, 260)
	destroy()
	for {
		f, err := read(t, source)
		if err == nil {
			f.Release()
			continue
		}
		if !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("after its end it says %v", err)
		}
		return
	}
}

func TestScreenOfWindows(t *testing.T) {
	_, destroy := greenWindow(t)
	defer destroy()
	var screens []devices.ScreenSource
	for _, s := range listed(t, "") {
		if !s.Window {
			screens = append(screens, s)
		}
	}
	if len(screens) == 0 || screens[0].Thumbnail == nil {
		t.Fatalf("found %+v", screens)
	}
	source, err := Finder{}.Open(t.Context(), screens[0].ID, devices.ScreenFormat{FrameRate: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	for range 50 {
		f, err := read(t, source)
		if err != nil {
			t.Fatal(err)
		}
		y := f.Y[140*f.StrideY+190]
		size := f.Width == screens[0].Width&^1 && f.Height == screens[0].Height&^1
		f.Release()
		if size && y > 140 && y < 150 {
			return
		}
	}
	t.Error("the screen never showed the green window")
}

func TestWhatIsNoneOfWindows(t *testing.T) {
	for _, id := range []string{"", "screen:", "screen:nowhere", "window:", "window:0x1", "window:99999999999999999999", "portal"} {
		if source, err := (Finder{}).Open(t.Context(), id, devices.ScreenFormat{}); !errors.Is(err, devices.ErrNotFound) {
			t.Errorf("%q opens %v, %v", id, source, err)
		}
	}
}
