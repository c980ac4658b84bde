#include <stdint.h>

// A cast is a stream of pictures from PipeWire. Its functions may be called on any
// thread, one at a time.
struct cast;

enum cast_result {
	CAST_NOTHING, // no new picture
	CAST_PICTURE, // it is in dst
	CAST_LARGER,  // it is not, for dst is too small
	CAST_ENDED,   // see cast_why
};

// cast_load loads the library. What it returns is what is wrong, or NULL.
const char *cast_load(void);

// cast_open connects to the node that the portal granted. The file is its own from
// now on, also where it fails: then it is NULL, with the reason in why.
struct cast *cast_open(int file, uint32_t node, uint32_t rate, char *why, int why_size);

// cast_wait waits until the format of the pictures is agreed on.
enum cast_result cast_wait(struct cast *c, int seconds);

// cast_take copies the newest picture, unless it was taken before, to dst: pixels of
// blue, green, red and one that means nothing, with no gap between the rows. The size
// is told in either case.
enum cast_result cast_take(struct cast *c, uint8_t *dst, int64_t size, int32_t *width, int32_t *height);

const char *cast_why(struct cast *c);

// cast_close ends the threads and frees everything.
void cast_close(struct cast *c);
