#import <CoreGraphics/CoreGraphics.h>
#include <stdlib.h>
#include <string.h>

#include "ask_darwin.h"

static const int64_t answerWithin = 10; // seconds

int sc_version(int major, int minor) {
	NSOperatingSystemVersion version = {major, minor, 0};
	return [[NSProcessInfo processInfo] isOperatingSystemAtLeastVersion:version];
}

BOOL sc_answered(dispatch_semaphore_t done) {
	return dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, answerWithin * (int64_t)NSEC_PER_SEC)) == 0;
}

void sc_explain(sc_failure *failure, NSError *error) {
	failure->denied = error != nil && [error.domain isEqualToString:SCStreamErrorDomain] && error.code == SCStreamErrorUserDeclined;
	const char *text = error == nil ? "the system does not answer" : error.localizedDescription.UTF8String;
	strlcpy(failure->reason, text == NULL ? "" : text, sizeof failure->reason);
}

SCShareableContent *sc_content(sc_failure *failure) {
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	__block SCShareableContent *found = nil;
	__block NSError *problem = nil;
	[SCShareableContent getShareableContentExcludingDesktopWindows:YES
					  onScreenWindowsOnly:YES
					    completionHandler:^(SCShareableContent *content, NSError *error) {
					      found = content;
					      problem = error;
					      dispatch_semaphore_signal(done);
					    }];
	if (!sc_answered(done)) {
		sc_explain(failure, nil);
		return nil;
	}
	if (found == nil)
		sc_explain(failure, problem);
	return found;
}

SCContentFilter *sc_filter(SCShareableContent *content, uint32_t number, BOOL window) {
	if (window) {
		for (SCWindow *w in content.windows)
			if (w.windowID == number)
				return [[SCContentFilter alloc] initWithDesktopIndependentWindow:w];
		return nil;
	}
	for (SCDisplay *d in content.displays)
		if (d.displayID == number)
			return [[SCContentFilter alloc] initWithDisplay:d excludingWindows:@[]];
	return nil;
}

BOOL sc_start(SCStream *stream, sc_failure *failure) {
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	__block NSError *problem = nil;
	[stream startCaptureWithCompletionHandler:^(NSError *error) {
	  problem = error;
	  dispatch_semaphore_signal(done);
	}];
	BOOL answered = sc_answered(done);
	if (answered && problem == nil)
		return YES;
	sc_explain(failure, answered ? problem : nil);
	return NO;
}

void sc_stop(SCStream *stream) {
	if (stream == nil)
		return;
	dispatch_semaphore_t done = dispatch_semaphore_create(0);
	[stream stopCaptureWithCompletionHandler:^(NSError *error) {
	  dispatch_semaphore_signal(done);
	}];
	sc_answered(done);
}

CGSize sc_pixels(SCDisplay *display) {
	CGDisplayModeRef mode = CGDisplayCopyDisplayMode(display.displayID);
	if (mode == NULL)
		return CGSizeMake(display.width, display.height);
	CGSize size = CGSizeMake(CGDisplayModeGetPixelWidth(mode), CGDisplayModeGetPixelHeight(mode));
	CGDisplayModeRelease(mode);
	return size;
}

static void describe(sc_source *s, uint32_t number, BOOL window, double width, double height, NSString *name) {
	s->id = number;
	s->window = window;
	s->width = (int32_t)width;
	s->height = (int32_t)height;
	const char *text = name.UTF8String;
	strlcpy(s->name, text == NULL ? "" : text, sizeof s->name);
}

sc_desktop *sc_look(sc_failure *failure) {
	@autoreleasepool {
		return (sc_desktop *)CFBridgingRetain(sc_content(failure));
	}
}

void sc_forget(sc_desktop *desktop) { CFRelease(desktop); }

int sc_list(sc_desktop *desktop, sc_source *list, int room, int smallest) {
	@autoreleasepool {
		SCShareableContent *content = (__bridge SCShareableContent *)(void *)desktop;
		int count = 0;
		CGDirectDisplayID first = CGMainDisplayID();
		double scale = 1; // of the main display, which most windows are on
		for (int pass = 0; pass < 2; pass++)
			for (SCDisplay *d in content.displays) {
				if ((d.displayID == first) != (pass == 0) || count == room)
					continue;
				CGSize size = sc_pixels(d);
				if (pass == 0 && d.width > 0)
					scale = size.width / (double)d.width;
				describe(&list[count++], d.displayID, NO, size.width, size.height, @"");
			}
		for (SCWindow *w in content.windows) {
			NSString *name = w.title.length > 0 ? w.title : w.owningApplication.applicationName;
			// Other layers are menus, the Dock and what lies over all.
			if (count == room || w.windowLayer != 0 || name.length == 0 || w.frame.size.width < smallest || w.frame.size.height < smallest)
				continue;
			describe(&list[count++], w.windowID, YES, w.frame.size.width * scale, w.frame.size.height * scale, name);
		}
		return count;
	}
}

int sc_there(uint32_t number, int window) {
	if (!window)
		return CGDisplayIsActive(number);
	const void *ids[] = {(const void *)(uintptr_t)number};
	CFArrayRef asked = CFArrayCreate(NULL, ids, 1, NULL);
	if (asked == NULL)
		return 1;
	CFArrayRef described = CGWindowListCreateDescriptionFromArray(asked);
	CFRelease(asked);
	if (described == NULL)
		return 0;
	int there = CFArrayGetCount(described) > 0;
	CFRelease(described);
	return there;
}

// drawn is an image within width by height, as bytes.
static uint8_t *drawn(CGImageRef image, int *width, int *height) {
	double across = (double)CGImageGetWidth(image), down = (double)CGImageGetHeight(image);
	if (across < 1 || down < 1)
		return NULL;
	double scale = MIN(1, MIN(*width / across, *height / down));
	*width = MAX(1, (int)(across * scale));
	*height = MAX(1, (int)(down * scale));
	uint8_t *bytes = calloc((size_t)*width * (size_t)*height, 4);
	if (bytes == NULL)
		return NULL;
	CGColorSpaceRef colours = CGColorSpaceCreateWithName(kCGColorSpaceSRGB);
	CGContextRef context = CGBitmapContextCreate(bytes, (size_t)*width, (size_t)*height, 8, (size_t)*width * 4, colours,
						     (uint32_t)kCGImageAlphaPremultipliedFirst | (uint32_t)kCGBitmapByteOrder32Little);
	CGColorSpaceRelease(colours);
	if (context == NULL) {
		free(bytes);
		return NULL;
	}
	CGContextSetInterpolationQuality(context, kCGInterpolationHigh);
	CGContextDrawImage(context, CGRectMake(0, 0, *width, *height), image);
	CGContextRelease(context);
	return bytes;
}

uint8_t *sc_photograph(sc_desktop *desktop, uint32_t number, int window, int *width, int *height) {
	if (!sc_version(14, 0))
		return NULL;
	@autoreleasepool {
		SCContentFilter *filter = sc_filter((__bridge SCShareableContent *)(void *)desktop, number, window != 0);
		if (filter == nil)
			return NULL;
		SCStreamConfiguration *configuration = [[SCStreamConfiguration alloc] init];
		// The picture keeps its shape within what is asked for.
		CGRect content = filter.contentRect;
		if (content.size.width < 1 || content.size.height < 1)
			return NULL;
		double scale = MIN(*width / content.size.width, *height / content.size.height);
		configuration.width = (size_t)MAX(1, content.size.width * scale);
		configuration.height = (size_t)MAX(1, content.size.height * scale);
		configuration.showsCursor = NO;
		dispatch_semaphore_t done = dispatch_semaphore_create(0);
		__block uint8_t *bytes = NULL;
		__block int across = *width, down = *height;
		__block BOOL late = NO;
		NSObject *lock = [[NSObject alloc] init];
		[SCScreenshotManager captureImageWithFilter:filter
					      configuration:configuration
					  completionHandler:^(CGImageRef image, NSError *error) {
					    @synchronized(lock) {
						    if (image != NULL && !late)
							    bytes = drawn(image, &across, &down);
					    }
					    dispatch_semaphore_signal(done);
					  }];
		sc_answered(done);
		@synchronized(lock) {
			late = YES;
			*width = across;
			*height = down;
			return bytes;
		}
	}
}
