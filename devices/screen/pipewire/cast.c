//go:build linux && pipewire

#include "cast.h"
#include "library.h"
#include "pixels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <spa/param/video/format-utils.h>
#include <spa/utils/result.h>

// What a compositor tells is not believed beyond this: see sideMax of the painter.
#define SIDE_MAX (1 << 14)
// Buffers are few: only the newest picture is wanted.
#define BUFFERS 4
#define BUFFERS_MIN 2
#define BUFFERS_MAX 16

struct cast {
	struct pw_thread_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct pw_stream *stream;
	struct pw_registry *registry;
	struct spa_hook core_listener, registry_listener, stream_listener;
	uint32_t node;

	// Below: under the loop's lock.
	struct spa_video_info_raw format;
	bool agreed;            // on the format
	struct pw_buffer *held; // the newest picture, not taken yet
	bool ended;
	char why[256];
};

// end_cast keeps the first reason: later ones follow from it.
static void end_cast(struct cast *c, const char *why) {
	if (!c->ended) {
		c->ended = true;
		snprintf(c->why, sizeof c->why, "%s", why != NULL ? why : "no reason was given");
	}
	lib.pw_thread_loop_signal(c->loop, false);
}

static void on_core_error(void *data, uint32_t id, int seq, int result, const char *message) {
	if (id == PW_ID_CORE)
		end_cast(data, message);
}

static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.error = on_core_error,
};

// A stream whose source is gone may stay paused for ever: what stands at the other end
// is watched.
static void on_remove_global(void *data, uint32_t id) {
	struct cast *c = data;
	if (id == c->node)
		end_cast(c, "its source is gone");
}

static const struct pw_registry_events registry_events = {
	PW_VERSION_REGISTRY_EVENTS,
	.global_remove = on_remove_global,
};

static void on_state(void *data, enum pw_stream_state old, enum pw_stream_state state, const char *message) {
	// A paused stream has nothing to show for a while: its last picture stays.
	if (state == PW_STREAM_STATE_ERROR)
		end_cast(data, message);
	else if (state == PW_STREAM_STATE_UNCONNECTED && old != PW_STREAM_STATE_UNCONNECTED)
		end_cast(data, "the stream was taken away");
}

static bool is_known(enum spa_video_format format) {
	switch (format) {
	case SPA_VIDEO_FORMAT_BGRx:
	case SPA_VIDEO_FORMAT_BGRA:
	case SPA_VIDEO_FORMAT_RGBx:
	case SPA_VIDEO_FORMAT_RGBA:
		return true;
	default:
		return false;
	}
}

static struct spa_pod *meta(struct spa_pod_builder *b, uint32_t type, uint32_t size) {
	return spa_pod_builder_add_object(b, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
		SPA_PARAM_META_type, SPA_POD_Id(type), SPA_PARAM_META_size, SPA_POD_Int(size));
}

static void on_param(void *data, uint32_t id, const struct spa_pod *param) {
	struct cast *c = data;
	if (id != SPA_PARAM_Format)
		return;
	c->agreed = false;
	if (param == NULL)
		return;
	struct spa_video_info_raw format = {0};
	if (spa_format_video_raw_parse(param, &format) < 0 || !is_known(format.format)) {
		end_cast(c, "the format of its pictures is unknown");
		return;
	}
	if (format.size.width == 0 || format.size.height == 0 || format.size.width > SIDE_MAX || format.size.height > SIDE_MAX) {
		char why[100];
		snprintf(why, sizeof why, "pictures of %ux%u pixels can't be shared", format.size.width, format.size.height);
		end_cast(c, why);
		return;
	}
	c->format = format;
	uint8_t space[1024];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(space, sizeof space);
	const struct spa_pod *params[4];
	// Memory of the graphics card is not asked for: it could not be read in order.
	params[0] = spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
		SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(BUFFERS, BUFFERS_MIN, BUFFERS_MAX),
		SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(1 << SPA_DATA_MemFd | 1 << SPA_DATA_MemPtr));
	params[1] = meta(&b, SPA_META_Header, sizeof(struct spa_meta_header));
	params[2] = meta(&b, SPA_META_VideoCrop, sizeof(struct spa_meta_region));
	params[3] = meta(&b, SPA_META_VideoTransform, sizeof(struct spa_meta_videotransform));
	if (lib.pw_stream_update_params(c->stream, params, 4) < 0) {
		end_cast(c, "the buffers of its pictures can't be agreed on");
		return;
	}
	c->agreed = true;
	lib.pw_thread_loop_signal(c->loop, false);
}

static void on_remove(void *data, struct pw_buffer *b) {
	struct cast *c = data;
	if (c->held == b)
		c->held = NULL;
}

static void *meta_of(struct pw_buffer *b, uint32_t type, size_t size) { return spa_buffer_find_meta_data(b->buffer, type, size); }

// look finds the picture in a buffer. Another process writes what is read here: each
// value is read once, and checked.
static bool look(const struct cast *c, struct pw_buffer *b, struct view *v) {
	struct spa_buffer *buffer = b->buffer;
	if (!c->agreed || buffer->n_datas < 1)
		return false;
	struct spa_data *d = &buffer->datas[0];
	volatile struct spa_chunk *chunk = d->chunk;
	struct spa_meta_header *header = meta_of(b, SPA_META_Header, sizeof *header);
	if (d->data == NULL || chunk->size == 0 || chunk->flags & SPA_CHUNK_FLAG_CORRUPTED ||
	    (header != NULL && header->flags & SPA_META_HEADER_FLAG_CORRUPTED))
		return false;

	int64_t offset = chunk->offset, stride = chunk->stride;
	int64_t width = c->format.size.width, height = c->format.size.height;
	if (stride == 0)
		stride = 4 * width;
	// The whole picture has to lie in the memory, then every part of it does.
	if (stride < 4 * width || offset + stride * (height - 1) + 4 * width > d->maxsize)
		return false;
	*v = (struct view){
		.pixels = (const uint8_t *)d->data + offset,
		.stride = stride,
		.width = width,
		.height = height,
		.red_first = c->format.format == SPA_VIDEO_FORMAT_RGBx || c->format.format == SPA_VIDEO_FORMAT_RGBA,
	};
	volatile struct spa_meta_region *crop = meta_of(b, SPA_META_VideoCrop, sizeof *crop);
	if (crop != NULL) {
		int64_t x = crop->region.position.x, y = crop->region.position.y;
		int64_t w = crop->region.size.width, h = crop->region.size.height;
		if (w > 0 && h > 0 && x >= 0 && y >= 0 && x + w <= width && y + h <= height) {
			v->pixels += y * stride + 4 * x;
			v->width = w;
			v->height = h;
		}
	}
	volatile struct spa_meta_videotransform *turn = meta_of(b, SPA_META_VideoTransform, sizeof *turn);
	if (turn != NULL) {
		uint32_t transform = turn->transform;
		if (transform <= SPA_META_TRANSFORMATION_Flipped270)
			v->transform = transform;
	}
	return true;
}

// on_process keeps the newest picture and gives the others back.
static void on_process(void *data) {
	struct cast *c = data;
	struct pw_buffer *b;
	while ((b = lib.pw_stream_dequeue_buffer(c->stream)) != NULL) {
		struct view v;
		if (!look(c, b, &v)) {
			lib.pw_stream_queue_buffer(c->stream, b);
			continue;
		}
		if (c->held != NULL)
			lib.pw_stream_queue_buffer(c->stream, c->held);
		c->held = b;
	}
}

static const struct pw_stream_events stream_events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = on_state,
	.param_changed = on_param,
	.remove_buffer = on_remove,
	.process = on_process,
};

// offer is the formats that are understood. Compositors send a picture when something
// changed, and those that know of a greatest rate are asked to heed it.
static struct spa_pod *offer(struct spa_pod_builder *b, const struct spa_fraction *greatest) {
	struct spa_pod_frame frame;
	spa_pod_builder_push_object(b, &frame, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
	spa_pod_builder_add(b,
		SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
		SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw),
		SPA_FORMAT_VIDEO_format, SPA_POD_CHOICE_ENUM_Id(5, SPA_VIDEO_FORMAT_BGRx,
			SPA_VIDEO_FORMAT_BGRx, SPA_VIDEO_FORMAT_BGRA, SPA_VIDEO_FORMAT_RGBx, SPA_VIDEO_FORMAT_RGBA),
		SPA_FORMAT_VIDEO_size, SPA_POD_CHOICE_RANGE_Rectangle(&SPA_RECTANGLE(1920, 1080), &SPA_RECTANGLE(1, 1), &SPA_RECTANGLE(SIDE_MAX, SIDE_MAX)),
		SPA_FORMAT_VIDEO_framerate, SPA_POD_CHOICE_RANGE_Fraction(&SPA_FRACTION(0, 1), &SPA_FRACTION(0, 1), &SPA_FRACTION(1000, 1)),
		0);
	if (greatest != NULL)
		spa_pod_builder_add(b, SPA_FORMAT_VIDEO_maxFramerate, SPA_POD_CHOICE_RANGE_Fraction(greatest, &SPA_FRACTION(1, 1), greatest), 0);
	return spa_pod_builder_pop(b, &frame);
}

// begin returns what is wrong, or NULL. It is called under the loop's lock.
static const char *begin(struct cast *c, int file, uint32_t node, uint32_t rate) {
	c->core = lib.pw_context_connect_fd(c->context, file, NULL, 0);
	if (c->core == NULL)
		return "PipeWire can't be reached";
	pw_core_add_listener(c->core, &c->core_listener, &core_events, c);
	c->node = node;
	c->registry = pw_core_get_registry(c->core, PW_VERSION_REGISTRY, 0);
	if (c->registry == NULL)
		return "there is no memory for a registry";
	pw_registry_add_listener(c->registry, &c->registry_listener, &registry_events, c);
	c->stream = lib.pw_stream_new(c->core, "Parley", lib.pw_properties_new(
		PW_KEY_MEDIA_TYPE, "Video", PW_KEY_MEDIA_CATEGORY, "Capture", PW_KEY_MEDIA_ROLE, "Screen", NULL));
	if (c->stream == NULL)
		return "there is no memory for a stream";
	lib.pw_stream_add_listener(c->stream, &c->stream_listener, &stream_events, c);
	uint8_t space[2048];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(space, sizeof space);
	const struct spa_pod *params[2];
	params[0] = offer(&b, &SPA_FRACTION(rate, 1));
	params[1] = offer(&b, NULL);
	int result = lib.pw_stream_connect(c->stream, PW_DIRECTION_INPUT, node,
		PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_DONT_RECONNECT, params, 2);
	return result < 0 ? spa_strerror(result) : NULL;
}

struct cast *cast_open(int file, uint32_t node, uint32_t rate, char *why, int why_size) {
	const char *wrong = "there is no memory for it";
	struct cast *c = calloc(1, sizeof *c);
	if (c != NULL)
		c->loop = lib.pw_thread_loop_new("screen", NULL);
	if (c != NULL && c->loop != NULL)
		c->context = lib.pw_context_new(lib.pw_thread_loop_get_loop(c->loop), NULL, 0);
	if (c == NULL || c->context == NULL) {
		close(file);
	} else if (lib.pw_thread_loop_start(c->loop) < 0) {
		close(file);
		wrong = "its thread can't be started";
	} else {
		lib.pw_thread_loop_lock(c->loop);
		wrong = begin(c, file, node, rate);
		lib.pw_thread_loop_unlock(c->loop);
	}
	if (wrong == NULL)
		return c;
	snprintf(why, why_size, "%s", wrong);
	if (c != NULL)
		cast_close(c);
	return NULL;
}

enum cast_result cast_wait(struct cast *c, int seconds) {
	lib.pw_thread_loop_lock(c->loop);
	while (!c->agreed && !c->ended && lib.pw_thread_loop_timed_wait(c->loop, seconds) == 0)
		;
	enum cast_result result = c->ended ? CAST_ENDED : c->agreed ? CAST_PICTURE : CAST_NOTHING;
	lib.pw_thread_loop_unlock(c->loop);
	return result;
}

static enum cast_result take(struct cast *c, uint8_t *dst, int64_t size, int32_t *width, int32_t *height) {
	if (c->ended)
		return CAST_ENDED;
	if (c->held == NULL)
		return CAST_NOTHING;
	struct view v;
	enum cast_result result = CAST_NOTHING;
	if (look(c, c->held, &v)) {
		bool turned = view_turned(&v);
		*width = turned ? v.height : v.width;
		*height = turned ? v.width : v.height;
		if (size < 4 * (int64_t)v.width * v.height)
			return CAST_LARGER;
		view_copy(&v, dst);
		result = CAST_PICTURE;
	}
	lib.pw_stream_queue_buffer(c->stream, c->held);
	c->held = NULL;
	return result;
}

enum cast_result cast_take(struct cast *c, uint8_t *dst, int64_t size, int32_t *width, int32_t *height) {
	// The thread of the loop waits meanwhile; nobody waits for that in real time.
	lib.pw_thread_loop_lock(c->loop);
	enum cast_result result = take(c, dst, size, width, height);
	lib.pw_thread_loop_unlock(c->loop);
	return result;
}

// What cast_why returns does not change any more once the cast ended.
const char *cast_why(struct cast *c) { return c->why; }

void cast_close(struct cast *c) {
	if (c->loop != NULL)
		lib.pw_thread_loop_stop(c->loop);
	if (c->stream != NULL)
		lib.pw_stream_destroy(c->stream);
	if (c->core != NULL)
		lib.pw_core_disconnect(c->core);
	if (c->context != NULL)
		lib.pw_context_destroy(c->context);
	if (c->loop != NULL)
		lib.pw_thread_loop_destroy(c->loop);
	free(c);
}
