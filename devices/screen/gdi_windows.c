#include <windows.h>
#include <dwmapi.h>
#include <stdlib.h>

#include "gdi_windows.h"

// A window with its contents as the desktop composes them (Windows 8.1).
#ifndef PW_RENDERFULLCONTENT
#define PW_RENDERFULLCONTENT 2
#endif

struct gdi {
	HDC memory;
	HBITMAP bitmap;
	HGDIOBJ former; // what was selected before the bitmap
	uint8_t *pixels;
	int width, height;
};

static gdi_rect place_of(RECT r) { return (gdi_rect){r.left, r.top, r.right - r.left, r.bottom - r.top}; }

typedef struct {
	void *list;
	int count, room, smallest;
} found;

static BOOL CALLBACK add_monitor(HMONITOR handle, HDC dc, LPRECT rect, LPARAM data) {
	(void)dc;
	(void)rect;
	found *f = (found *)data;
	if (f->count == f->room)
		return FALSE;
	MONITORINFOEXW info;
	info.cbSize = sizeof info;
	if (!GetMonitorInfoW(handle, (MONITORINFO *)&info))
		return TRUE;
	gdi_monitor *m = (gdi_monitor *)f->list + f->count++;
	for (int i = 0; i < gdi_name_size; i++)
		m->name[i] = i < CCHDEVICENAME && i < gdi_name_size - 1 ? info.szDevice[i] : 0;
	m->place = place_of(info.rcMonitor);
	m->primary = (info.dwFlags & MONITORINFOF_PRIMARY) != 0;
	return TRUE;
}

int gdi_monitors(gdi_monitor *list, int room) {
	found f = {list, 0, room, 0};
	EnumDisplayMonitors(NULL, NULL, add_monitor, (LPARAM)&f);
	return f.count;
}

// is_cloaked is true for windows that the desktop hides though they are shown: those of
// other virtual desktops, and of apps that are suspended.
static BOOL is_cloaked(HWND window) {
	DWORD cloaked = 0;
	return SUCCEEDED(DwmGetWindowAttribute(window, DWMWA_CLOAKED, &cloaked, sizeof cloaked)) && cloaked != 0;
}

// is_furniture is true for the desktop and its bars.
static BOOL is_furniture(HWND window) {
	static const WCHAR *const classes[] = {L"Progman", L"WorkerW", L"Shell_TrayWnd", L"Shell_SecondaryTrayWnd"};
	WCHAR class[64];
	if (GetClassNameW(window, class, 64) == 0)
		return TRUE;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (lstrcmpW(class, classes[i]) == 0)
			return TRUE;
	return window == GetShellWindow() || window == GetDesktopWindow();
}

// frame is where people see a window: what the system counts as its place has an edge
// that can't be seen.
static BOOL frame(HWND window, RECT *r) {
	if (SUCCEEDED(DwmGetWindowAttribute(window, DWMWA_EXTENDED_FRAME_BOUNDS, r, sizeof *r)) && r->right > r->left && r->bottom > r->top)
		return TRUE;
	return GetWindowRect(window, r);
}

static BOOL CALLBACK add_window(HWND window, LPARAM data) {
	found *f = (found *)data;
	if (f->count == f->room)
		return FALSE;
	gdi_window *w = (gdi_window *)f->list + f->count;
	LONG style = GetWindowLongW(window, GWL_EXSTYLE);
	if ((style & WS_EX_TOOLWINDOW) || (GetWindow(window, GW_OWNER) != NULL && !(style & WS_EX_APPWINDOW)))
		return TRUE;
	if (gdi_window_state((uintptr_t)window, &w->place) != gdi_window_shown || is_cloaked(window) || is_furniture(window))
		return TRUE;
	// The picture of a window whose program hangs would be waited for.
	if (w->place.width < f->smallest || w->place.height < f->smallest || IsHungAppWindow(window))
		return TRUE;
	// It asks the system, not the window's program, which may hang.
	if (InternalGetWindowText(window, (LPWSTR)w->title, gdi_title_size) == 0)
		return TRUE;
	w->window = (uintptr_t)window;
	f->count++;
	return TRUE;
}

int gdi_windows(gdi_window *list, int room, int smallest) {
	found f = {list, 0, room, smallest};
	EnumWindows(add_window, (LPARAM)&f);
	return f.count;
}

int gdi_window_state(uintptr_t handle, gdi_rect *place) {
	HWND window = (HWND)handle;
	RECT r;
	if (!IsWindow(window))
		return gdi_window_gone;
	if (!IsWindowVisible(window) || IsIconic(window) || !frame(window, &r))
		return gdi_window_hidden;
	*place = place_of(r);
	return gdi_window_shown;
}

gdi *gdi_new(void) {
	gdi *g = calloc(1, sizeof *g);
	if (g == NULL)
		return NULL;
	g->memory = CreateCompatibleDC(NULL);
	if (g->memory == NULL) {
		free(g);
		return NULL;
	}
	return g;
}

static void drop_bitmap(gdi *g) {
	if (g->bitmap == NULL)
		return;
	SelectObject(g->memory, g->former);
	DeleteObject(g->bitmap);
	g->bitmap = NULL;
}

// resize makes room for a picture.
static BOOL resize(gdi *g, int width, int height) {
	if (width <= 0 || height <= 0)
		return FALSE;
	if (g->bitmap != NULL && g->width == width && g->height == height)
		return TRUE;
	drop_bitmap(g);
	BITMAPINFO info = {0};
	info.bmiHeader.biSize = sizeof info.bmiHeader;
	info.bmiHeader.biWidth = width;
	info.bmiHeader.biHeight = -height; // from the top
	info.bmiHeader.biPlanes = 1;
	info.bmiHeader.biBitCount = 32;
	info.bmiHeader.biCompression = BI_RGB;
	g->bitmap = CreateDIBSection(g->memory, &info, DIB_RGB_COLORS, (void **)&g->pixels, NULL, 0);
	if (g->bitmap == NULL)
		return FALSE;
	g->former = SelectObject(g->memory, g->bitmap);
	g->width = width;
	g->height = height;
	return TRUE;
}

// draw_pointer draws the mouse pointer where the picture's corner lies at x, y.
static void draw_pointer(gdi *g, int x, int y) {
	CURSORINFO cursor;
	cursor.cbSize = sizeof cursor;
	if (!GetCursorInfo(&cursor) || !(cursor.flags & CURSOR_SHOWING))
		return;
	ICONINFO icon;
	if (!GetIconInfo(cursor.hCursor, &icon))
		return;
	DrawIconEx(g->memory, cursor.ptScreenPos.x - (int)icon.xHotspot - x, cursor.ptScreenPos.y - (int)icon.yHotspot - y, cursor.hCursor, 0, 0, 0, NULL,
		   DI_NORMAL);
	if (icon.hbmMask != NULL)
		DeleteObject(icon.hbmMask);
	if (icon.hbmColor != NULL)
		DeleteObject(icon.hbmColor);
}

const uint8_t *gdi_take_screen(gdi *g, gdi_rect place) {
	if (!resize(g, place.width, place.height))
		return NULL;
	HDC desktop = GetDC(NULL);
	if (desktop == NULL)
		return NULL;
	BOOL taken = BitBlt(g->memory, 0, 0, place.width, place.height, desktop, place.x, place.y, SRCCOPY);
	ReleaseDC(NULL, desktop);
	if (!taken)
		return NULL;
	draw_pointer(g, place.x, place.y);
	GdiFlush(); // before the pixels are read
	return g->pixels;
}

const uint8_t *gdi_take_window(gdi *g, uintptr_t handle, gdi_rect place, int *stride) {
	HWND window = (HWND)handle;
	RECT whole;
	if (IsHungAppWindow(window))
		return NULL;
	// What the window draws has the edge that can't be seen.
	if (!GetWindowRect(window, &whole) || !resize(g, whole.right - whole.left, whole.bottom - whole.top))
		return NULL;
	int left = place.x - whole.left, top = place.y - whole.top;
	if (left < 0 || top < 0 || left + place.width > g->width || top + place.height > g->height)
		return NULL; // it moves
	if (!PrintWindow(window, g->memory, PW_RENDERFULLCONTENT))
		return NULL;
	POINT at;
	HWND under;
	// A pointer that is on what covers the window is not on the window.
	if (GetCursorPos(&at) && (under = WindowFromPoint(at)) != NULL && GetAncestor(under, GA_ROOT) == window)
		draw_pointer(g, whole.left, whole.top);
	GdiFlush();
	*stride = g->width * 4;
	return g->pixels + (size_t)top * *stride + (size_t)left * 4;
}

void gdi_free(gdi *g) {
	drop_bitmap(g);
	DeleteDC(g->memory);
	free(g);
}
