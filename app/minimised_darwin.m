#import <AppKit/AppKit.h>
#include <stdint.h>

// The window is looked at from any thread: what is read is kept in its object, and
// is asked for again soon.

// parleyWindowUnseen is true for a window in the Dock, and for one that others cover
// wholly, on another desktop or behind a screen saver as well.
int parleyWindowUnseen(uintptr_t handle) {
	NSWindow *window = (NSWindow *)(void *)handle;
	return [window isMiniaturized] || ([window occlusionState] & NSWindowOcclusionStateVisible) == 0;
}

int parleyWindowInFront(uintptr_t handle) {
	NSWindow *window = (NSWindow *)(void *)handle;
	return [window isKeyWindow];
}
