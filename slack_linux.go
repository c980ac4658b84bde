package main

// The Go runtime watches its threads by sleeps of 20 µs as long as anything
// runs, which was a fifth of what the sound of a call costs. The kernel may round
// them up by a millisecond. Threads inherit that, so it is said before the
// runtime starts any. See docs/decisions/0018-short-sleeps.md.

/*
#include <sys/prctl.h>

__attribute__((constructor)) static void round_sleeps_up(void)
{
	prctl(PR_SET_TIMERSLACK, 1000000UL, 0UL, 0UL, 0UL);
}
*/
import "C"
