#import <CoreMedia/CoreMedia.h>
#import <CoreVideo/CoreVideo.h>
#include <string.h>

#include "ask_darwin.h"
#include "pictures_darwin.h"

// A picture that is drawn, one that waits and one that is read.
static const NSInteger queueDepth = 4;

@interface ParleyPictures : NSObject <SCStreamOutput, SCStreamDelegate>
@property(nonatomic, strong) SCStream *stream;
@property(nonatomic, strong) dispatch_queue_t queue;
// What follows is read and written on the queue, but for what is taken.
@property(nonatomic) CMSampleBufferRef newest;
@property(nonatomic) CMSampleBufferRef taken;
@property(nonatomic) BOOL ended;
@property(nonatomic) sc_failure failure;
@end

@implementation ParleyPictures

// isWhole is false for what says only that nothing changed, or that nothing is shown.
static BOOL isWhole(NSDictionary *about) {
	NSNumber *status = about[SCStreamFrameInfoStatus];
	return status != nil && status.integerValue == SCFrameStatusComplete;
}

static NSDictionary *about(CMSampleBufferRef buffer) {
	NSArray *list = (__bridge NSArray *)CMSampleBufferGetSampleAttachmentsArray(buffer, false);
	return list.firstObject;
}

- (void)stream:(SCStream *)stream didOutputSampleBuffer:(CMSampleBufferRef)buffer ofType:(SCStreamOutputType)type {
	if (type != SCStreamOutputTypeScreen || !CMSampleBufferIsValid(buffer) || CMSampleBufferGetImageBuffer(buffer) == NULL || !isWhole(about(buffer)))
		return;
	CFRetain(buffer);
	if (self.newest != NULL)
		CFRelease(self.newest);
	self.newest = buffer;
}

- (void)stream:(SCStream *)stream didStopWithError:(NSError *)error {
	dispatch_async(self.queue, ^{
	  sc_failure failure;
	  sc_explain(&failure, error);
	  self.failure = failure;
	  self.ended = YES;
	});
}

- (void)giveBack {
	if (self.taken == NULL)
		return;
	CVPixelBufferUnlockBaseAddress(CMSampleBufferGetImageBuffer(self.taken), kCVPixelBufferLock_ReadOnly);
	CFRelease(self.taken);
	self.taken = NULL;
}

// shown is the part of a buffer that has the picture: a window may be smaller.
static CGRect shown(NSDictionary *about, CGRect all) {
	NSNumber *scale = about[SCStreamFrameInfoScaleFactor];
	NSDictionary *rect = about[SCStreamFrameInfoContentRect];
	CGRect content;
	if (scale == nil || rect == nil || !CGRectMakeWithDictionaryRepresentation((__bridge CFDictionaryRef)rect, &content))
		return all;
	double by = scale.doubleValue;
	content = CGRectMake(content.origin.x * by, content.origin.y * by, content.size.width * by, content.size.height * by);
	content = CGRectIntersection(CGRectIntegral(content), all);
	return CGRectIsEmpty(content) ? all : content;
}

- (int)take:(sc_picture *)picture failure:(sc_failure *)failure {
	[self giveBack];
	__block CMSampleBufferRef buffer = NULL;
	__block BOOL ended = NO;
	dispatch_sync(self.queue, ^{
	  buffer = self.newest;
	  self.newest = NULL;
	  ended = self.ended;
	});
	if (ended) {
		if (buffer != NULL)
			CFRelease(buffer);
		*failure = self.failure;
		return sc_ended;
	}
	if (buffer == NULL)
		return sc_nothing;
	CVPixelBufferRef pixels = CMSampleBufferGetImageBuffer(buffer);
	if (CVPixelBufferGetPixelFormatType(pixels) != kCVPixelFormatType_32BGRA ||
	    CVPixelBufferLockBaseAddress(pixels, kCVPixelBufferLock_ReadOnly) != kCVReturnSuccess) {
		CFRelease(buffer);
		return sc_nothing;
	}
	self.taken = buffer;
	size_t stride = CVPixelBufferGetBytesPerRow(pixels);
	CGRect part = shown(about(buffer), CGRectMake(0, 0, CVPixelBufferGetWidth(pixels), CVPixelBufferGetHeight(pixels)));
	picture->pixels = (const uint8_t *)CVPixelBufferGetBaseAddress(pixels) + (size_t)part.origin.y * stride + (size_t)part.origin.x * 4;
	picture->width = (int32_t)part.size.width;
	picture->height = (int32_t)part.size.height;
	picture->stride = (int32_t)stride;
	return sc_new;
}

- (void)dealloc {
	[self giveBack];
	if (_newest != NULL)
		CFRelease(_newest);
}

@end

// fit is the size of the pictures: of a screen its own, if that is not too large. A window
// may grow, so it gets all the room; what it does not use is cut off.
static void fit(SCStreamConfiguration *configuration, SCShareableContent *content, uint32_t number, BOOL window, int width, int height) {
	double across = width, down = height;
	for (SCDisplay *d in content.displays) {
		if (window || d.displayID != number)
			continue;
		CGSize size = sc_pixels(d);
		across = size.width;
		down = size.height;
		double scale = MIN(1, MIN(width / across, height / down));
		across *= scale;
		down *= scale;
	}
	configuration.width = (size_t)MAX(2, across);
	configuration.height = (size_t)MAX(2, down);
}

sc_pictures *sc_pictures_open(uint32_t number, int window, int width, int height, int rate, sc_failure *failure) {
	@autoreleasepool {
		SCShareableContent *content = sc_content(failure);
		if (content == nil)
			return NULL;
		SCContentFilter *filter = sc_filter(content, number, window != 0);
		if (filter == nil) {
			memset(failure, 0, sizeof *failure);
			return NULL;
		}
		SCStreamConfiguration *configuration = [[SCStreamConfiguration alloc] init];
		fit(configuration, content, number, window != 0, width, height);
		configuration.pixelFormat = kCVPixelFormatType_32BGRA;
		configuration.minimumFrameInterval = CMTimeMake(1, rate);
		configuration.queueDepth = queueDepth;
		configuration.showsCursor = YES;
		ParleyPictures *pictures = [[ParleyPictures alloc] init];
		pictures.queue = dispatch_queue_create("parley.screen", DISPATCH_QUEUE_SERIAL);
		pictures.stream = [[SCStream alloc] initWithFilter:filter configuration:configuration delegate:pictures];
		NSError *problem = nil;
		if (![pictures.stream addStreamOutput:pictures type:SCStreamOutputTypeScreen sampleHandlerQueue:pictures.queue error:&problem]) {
			sc_explain(failure, problem);
			return NULL;
		}
		if (!sc_start(pictures.stream, failure)) {
			sc_stop(pictures.stream);
			return NULL;
		}
		return (sc_pictures *)CFBridgingRetain(pictures);
	}
}

int sc_pictures_take(sc_pictures *p, sc_picture *picture, sc_failure *failure) {
	@autoreleasepool {
		return [(__bridge ParleyPictures *)(void *)p take:picture failure:failure];
	}
}

void sc_pictures_close(sc_pictures *p) {
	@autoreleasepool {
		ParleyPictures *pictures = CFBridgingRelease(p);
		sc_stop(pictures.stream);
	}
}
