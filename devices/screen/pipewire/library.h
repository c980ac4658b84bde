#include <pipewire/pipewire.h>

// The functions of the library that are used. They are found when it is loaded, so
// that Parley starts where there is none.
#define LIBRARY(F) \
	F(pw_init) \
	F(pw_properties_new) \
	F(pw_thread_loop_new) \
	F(pw_thread_loop_destroy) \
	F(pw_thread_loop_get_loop) \
	F(pw_thread_loop_start) \
	F(pw_thread_loop_stop) \
	F(pw_thread_loop_lock) \
	F(pw_thread_loop_unlock) \
	F(pw_thread_loop_signal) \
	F(pw_thread_loop_timed_wait) \
	F(pw_context_new) \
	F(pw_context_connect_fd) \
	F(pw_context_destroy) \
	F(pw_core_disconnect) \
	F(pw_stream_new) \
	F(pw_stream_add_listener) \
	F(pw_stream_connect) \
	F(pw_stream_update_params) \
	F(pw_stream_dequeue_buffer) \
	F(pw_stream_queue_buffer) \
	F(pw_stream_destroy)

struct library {
#define MEMBER(name) __typeof__(&name) name;
	LIBRARY(MEMBER)
#undef MEMBER
};

extern struct library lib;
