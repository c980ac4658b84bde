#import <Foundation/Foundation.h>
#include <stdint.h>

extern void parleyLinkArrived(uintptr_t handle, char *link);

// ParleyLinks takes the event with which the system opens a link.
@interface ParleyLinks : NSObject {
	uintptr_t handle;
}
- (id)initWithHandle:(uintptr_t)h;
- (void)open:(NSAppleEventDescriptor *)event reply:(NSAppleEventDescriptor *)reply;
@end

@implementation ParleyLinks
- (id)initWithHandle:(uintptr_t)h {
	if ((self = [super init])) {
		handle = h;
	}
	return self;
}

- (void)open:(NSAppleEventDescriptor *)event reply:(NSAppleEventDescriptor *)reply {
	const char *link = [[[event paramDescriptorForKeyword:'----'] stringValue] UTF8String];
	if (link != NULL) {
		parleyLinkArrived(handle, (char *)link);
	}
}
@end

// The event manager does not keep its handler alive: nobody releases it, so that it
// lives as long as the program.
void parleyTakeLinks(uintptr_t handle) {
	ParleyLinks *links = [[ParleyLinks alloc] initWithHandle:handle];
	[[NSAppleEventManager sharedAppleEventManager] setEventHandler:links
		andSelector:@selector(open:reply:)
		forEventClass:'GURL'
		andEventID:'GURL'];
}
