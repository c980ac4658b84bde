#import <CoreMedia/CoreMedia.h>
#include <stdlib.h>

#include "_cgo_export.h"
#include "ask_darwin.h"
#include "sound_darwin.h"

@interface ParleySound : NSObject <SCStreamOutput, SCStreamDelegate>
@property(nonatomic, strong) SCStream *stream;
@property(nonatomic, strong) dispatch_queue_t queue; // of what is heard, and of its end
@property(nonatomic) uintptr_t handle;               // 0 after the end
@property(nonatomic) float *mixed;                   // left and right in turn
@property(nonatomic) size_t room;                    // of mixed, in frames
@end

@implementation ParleySound

- (void)dealloc {
	free(_mixed);
}

- (void)stream:(SCStream *)stream didOutputSampleBuffer:(CMSampleBufferRef)buffer ofType:(SCStreamOutputType)type {
	if (self.handle == 0 || type != SCStreamOutputTypeAudio || !CMSampleBufferIsValid(buffer) || !CMSampleBufferDataIsReady(buffer))
		return;
	const AudioStreamBasicDescription *format = CMAudioFormatDescriptionGetStreamBasicDescription(CMSampleBufferGetFormatDescription(buffer));
	if (format == NULL || format->mFormatID != kAudioFormatLinearPCM || !(format->mFormatFlags & kAudioFormatFlagIsFloat) || format->mBitsPerChannel != 32)
		return;
	// Two buffers at most are asked for: one for each ear, or one for both.
	struct {
		AudioBufferList list;
		AudioBuffer second;
	} buffers;
	CMBlockBufferRef block = NULL;
	OSStatus status = CMSampleBufferGetAudioBufferListWithRetainedBlockBuffer(buffer, NULL, &buffers.list, sizeof buffers, NULL, NULL,
										  kCMSampleBufferFlag_AudioBufferList_Assure16ByteAlignment, &block);
	if (status != noErr)
		return;
	[self play:&buffers.list frames:(size_t)CMSampleBufferGetNumSamples(buffer)];
	CFRelease(block);
}

- (void)play:(const AudioBufferList *)list frames:(size_t)frames {
	if (list->mNumberBuffers == 0)
		return;
	const AudioBuffer *first = &list->mBuffers[0], *last = &list->mBuffers[list->mNumberBuffers - 1];
	// With one buffer that has both ears the step is two, with one each it is one.
	size_t step = first->mNumberChannels;
	const float *left = first->mData, *right = last->mData;
	if (step == 0 || left == NULL || right == NULL || frames > first->mDataByteSize / sizeof(float) / step ||
	    frames > last->mDataByteSize / sizeof(float) / step)
		return;
	if (list->mNumberBuffers == 1 && step > 1)
		right = left + 1;
	if (frames > self.room) {
		float *larger = realloc(self.mixed, 2 * frames * sizeof(float));
		if (larger == NULL)
			return;
		self.mixed = larger;
		self.room = frames;
	}
	for (size_t i = 0; i < frames; i++) {
		self.mixed[2 * i] = left[i * step];
		self.mixed[2 * i + 1] = right[i * step];
	}
	screencaptureHeard(self.handle, self.mixed, (int)frames);
}

- (void)stream:(SCStream *)stream didStopWithError:(NSError *)error {
	dispatch_async(self.queue, ^{
	  if (self.handle == 0)
		  return;
	  BOOL stopped = [error.domain isEqualToString:SCStreamErrorDomain] && error.code == SCStreamErrorUserStopped;
	  screencaptureEnded(self.handle, stopped, (char *)error.localizedDescription.UTF8String);
	});
}

@end

sc_sound *sc_sound_open(uintptr_t handle, int rate, sc_failure *failure) {
	@autoreleasepool {
		SCShareableContent *content = sc_content(failure);
		if (content == nil)
			return NULL;
		// What is heard does not depend on the screen. Its pictures are small, slow and
		// thrown away.
		SCContentFilter *filter = sc_filter(content, content.displays.firstObject.displayID, NO);
		if (filter == nil) {
			sc_explain(failure, nil);
			return NULL;
		}
		SCStreamConfiguration *configuration = [[SCStreamConfiguration alloc] init];
		configuration.width = 2;
		configuration.height = 2;
		configuration.minimumFrameInterval = CMTimeMake(1, 1);
		configuration.capturesAudio = YES;
		configuration.excludesCurrentProcessAudio = YES;
		configuration.sampleRate = rate;
		configuration.channelCount = 2;
		ParleySound *sound = [[ParleySound alloc] init];
		sound.queue = dispatch_queue_create("parley.loopback", DISPATCH_QUEUE_SERIAL);
		sound.handle = handle;
		sound.stream = [[SCStream alloc] initWithFilter:filter configuration:configuration delegate:sound];
		sc_sound *s = (sc_sound *)CFBridgingRetain(sound);
		NSError *problem = nil;
		// Without somebody for its pictures the system logs each of them as lost.
		if (![sound.stream addStreamOutput:sound type:SCStreamOutputTypeScreen sampleHandlerQueue:sound.queue error:&problem] ||
		    ![sound.stream addStreamOutput:sound type:SCStreamOutputTypeAudio sampleHandlerQueue:sound.queue error:&problem]) {
			sc_explain(failure, problem);
			sc_sound_close(s);
			return NULL;
		}
		if (!sc_start(sound.stream, failure)) {
			sc_sound_close(s);
			return NULL;
		}
		return s;
	}
}

void sc_sound_close(sc_sound *s) {
	@autoreleasepool {
		ParleySound *sound = CFBridgingRelease(s);
		// What is being heard is over after this, and nothing comes after it.
		dispatch_sync(sound.queue, ^{
		  sound.handle = 0;
		});
		sc_stop(sound.stream);
	}
}
