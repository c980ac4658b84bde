#pragma once
#import <Foundation/Foundation.h>
#import <ScreenCaptureKit/ScreenCaptureKit.h>

#include "content_darwin.h"

// Whether the system is new enough is looked up when it runs.
#pragma clang diagnostic ignored "-Wunguarded-availability"
#pragma clang diagnostic ignored "-Wunguarded-availability-new"

// sc_answered waits for the system. Its question whether Parley may look at the screen is
// not waited for: the answer counts from the next start of Parley.
BOOL sc_answered(dispatch_semaphore_t done);

// sc_explain tells of an error; nil is that there was no answer.
void sc_explain(sc_failure *failure, NSError *error);

// sc_content is what can be shared; nil where the system does not tell.
SCShareableContent *sc_content(sc_failure *failure);

// sc_filter is for all that a screen shows, or for one window; nil where it is gone.
SCContentFilter *sc_filter(SCShareableContent *content, uint32_t number, BOOL window);

// sc_pixels is the size of a screen in pixels, of which a point may have several.
CGSize sc_pixels(SCDisplay *display);

// sc_start begins the capture of a stream, and waits for that.
BOOL sc_start(SCStream *stream, sc_failure *failure);

// sc_stop ends it.
void sc_stop(SCStream *stream);
