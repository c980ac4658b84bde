#import <AppKit/AppKit.h>
#include <stdint.h>

extern void parleyLinkArrived(uintptr_t handle, char *link);

// ParleyLinks takes the events with which the system opens links.
@interface ParleyLinks : NSObject {
	uintptr_t handle;        // 0 until somebody takes the links
	NSMutableArray *waiting; // those that came before
}
@end

// It is made once and released by nobody, so that it lives as long as the program.
static ParleyLinks *links;

@implementation ParleyLinks
// Before main: the link that the app is started with comes while the toolkit begins. A
// handler that is set before the system has set its own would be replaced.
+ (void)load {
	@autoreleasepool {
		links = [[ParleyLinks alloc] init];
		[[NSNotificationCenter defaultCenter] addObserver:links
			selector:@selector(listen:)
			name:NSApplicationWillFinishLaunchingNotification
			object:nil];
	}
}

- (id)init {
	if ((self = [super init])) {
		waiting = [[NSMutableArray alloc] init];
	}
	return self;
}

- (void)listen:(NSNotification *)launching {
	[[NSAppleEventManager sharedAppleEventManager] setEventHandler:self
		andSelector:@selector(open:reply:)
		forEventClass:'GURL'
		andEventID:'GURL'];
}

- (void)open:(NSAppleEventDescriptor *)event reply:(NSAppleEventDescriptor *)reply {
	NSString *link = [[event paramDescriptorForKeyword:'----'] stringValue];
	if (link == nil) {
		return;
	}
	@synchronized(self) {
		if (handle == 0) {
			[waiting addObject:link];
			return;
		}
	}
	parleyLinkArrived(handle, (char *)[link UTF8String]);
}

- (void)take:(uintptr_t)h {
	NSArray *before;
	@synchronized(self) {
		before = [waiting copy];
		[waiting removeAllObjects];
		handle = h;
	}
	for (NSString *link in before) {
		parleyLinkArrived(h, (char *)[link UTF8String]);
	}
	[before release];
}
@end

void parleyTakeLinks(uintptr_t handle) {
	@autoreleasepool {
		[links take:handle];
	}
}
