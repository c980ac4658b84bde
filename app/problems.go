package app

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"parley/app/hosting"
	"parley/app/nearby"
	"parley/devices"
	"parley/session"
	"parley/session/chat"
	"parley/session/wire"
	"parley/views/problem"
)

// tellSetAside says that the history begins anew, and where the old one is.
func (c *controller) tellSetAside(aside *chat.SetAside) {
	key := "error.store_damaged"
	if errors.Is(aside.Err, chat.ErrNewerStore) {
		key = "error.store_newer"
	}
	p := c.words(key, aside.Err)
	p.Do = c.loc.Tf(key+".advice", map[string]any{"Path": aside.Path})
	c.joinView.SetError(p)
}

// words are what is said of an error in the join view; err may be nil.
func (c *controller) words(key string, err error) problem.Problem {
	return problem.Problem{What: c.loc.T(key + ".title"), Why: c.loc.T(key + ".why"), Do: c.loc.T(key + ".advice"), Details: c.details(key, err)}
}

// details are for whoever helps: what it was, where and when. Errors hold no
// secrets and no messages.
func (c *controller) details(key string, err error) string {
	// Whoever wrote something in a field needs no help with more than that.
	if field := new(wire.FieldError); err == nil || errors.As(err, &field) {
		return ""
	}
	m := c.app.Metadata()
	return fmt.Sprintf("%s %s (%s/%s)\n%s\n%s: %v", m.Name, m.Version, runtime.GOOS, runtime.GOARCH, time.Now().UTC().Format(time.RFC3339), key, err)
}

// failed says in the room what went wrong.
func (r *room) failed(key string, err error) {
	loc := r.c.loc
	r.fail(problem.Problem{What: loc.T(key), Why: loc.T(key + ".why"), Do: loc.T(key + ".advice"), Details: r.c.details(key, err)})
}

// say tells what came of something in the room: as a problem where there is
// something to do about it, or else as a line that goes away.
func (r *room) say(key string, err error) {
	switch key {
	case "notice.send.empty", "notice.send.long", "notice.record.empty":
		r.notice(r.c.loc.T(key))
	default:
		r.failed(key, err)
	}
}

// problemOf finds the words for an error: the key of a title and an advice.
func problemOf(err error) string {
	var field *wire.FieldError
	if errors.As(err, &field) {
		switch {
		case field.Field == "server":
			return "error.server_address"
		case field.Field == "room_id" && errors.Is(err, wire.ErrEmpty):
			return "error.room_empty"
		case field.Field == "room_id" && errors.Is(err, wire.ErrTooLong):
			return "error.room_too_long"
		case field.Field == "room_id":
			return "error.room_characters"
		case field.Field == "user_name" && errors.Is(err, wire.ErrEmpty):
			return "error.name_empty"
		case field.Field == "user_name" && errors.Is(err, wire.ErrTooLong):
			return "error.name_too_long"
		case field.Field == "user_name":
			return "error.name_characters"
		}
	}
	for _, known := range []struct {
		err error
		key string
	}{
		{session.ErrKickedOut, "error.kicked_out"},
		{session.ErrRemoved, "error.removed"},
		{session.ErrRoomEnded, "error.ended"},
		{session.ErrRoomLocked, "error.room_locked"},
		{session.ErrBanned, "error.banned"},
		{session.ErrDenied, "error.denied"},
		{session.ErrPasscodeRequired, "error.passcode_required"},
		{session.ErrPasscodeWrong, "error.passcode_wrong"},
		{session.ErrTooMany, "error.too_many"},
		{session.ErrServerAddress, "error.server_address"},
		{session.ErrServerTimeout, "error.server_timeout"},
		{session.ErrServerRestarting, "error.server_restarting"},
		{session.ErrTokenExpired, "error.token_expired"},
		{session.ErrTokenNotYet, "error.token_not_yet"},
		{session.ErrTokenRoom, "error.token_room"},
		{session.ErrTokenRequired, "error.token_required"},
		{session.ErrTokenInvalid, "error.token_invalid"},
		{session.ErrNotAllowed, "error.not_allowed"},
		{session.ErrMediaUnreachable, "error.media_unreachable"},
		{session.ErrServerUnknown, "error.version"},
		{session.ErrServerUnreachable, "error.server_unreachable"},
		{nearby.ErrRefused, "error.not_let_in"},
		{nearby.ErrNotFound, "error.not_nearby"},
		{nearby.ErrNotProved, "error.not_nearby"},
		{hosting.ErrPortTaken, "error.port_taken"},
		{hosting.ErrFailed, "error.host_failed"},
	} {
		if errors.Is(err, known.err) {
			return known.key
		}
	}
	return "error.unknown"
}

// silenceNotice is the sentence about why nothing is heard.
func silenceNotice(s session.Silence) string {
	switch s {
	case session.SilenceNotSent:
		return "notice.silence.not_sent"
	case session.SilenceNotArriving:
		return "notice.silence.not_arriving"
	case session.SilenceNotPlayed:
		return "notice.silence.not_played"
	default:
		return "notice.silence.from"
	}
}

// deviceNotice is the sentence about a device that does not work.
func deviceNotice(e session.DeviceChanged) string {
	missing, busy, denied := errors.Is(e.Err, devices.ErrNotFound), errors.Is(e.Err, devices.ErrBusy), errors.Is(e.Err, devices.ErrDenied)
	format, stalled := errors.Is(e.Err, devices.ErrFormat), errors.Is(e.Err, devices.ErrStalled)
	switch {
	case errors.Is(e.Err, devices.ErrSilent):
		return "notice.microphone.silent"
	case e.Fallback && e.Kind == devices.Camera:
		return "notice.camera.fallback"
	case e.Fallback && e.Kind == devices.Microphone:
		return "notice.microphone.fallback"
	case e.Fallback:
		return "notice.speaker.fallback"
	case e.Kind == devices.Camera && missing:
		return "notice.camera.none"
	case e.Kind == devices.Camera && busy:
		return "notice.camera.busy"
	case e.Kind == devices.Camera && denied:
		return "notice.camera.denied"
	case e.Kind == devices.Camera && format:
		return "notice.camera.format"
	case e.Kind == devices.Camera && stalled:
		return "notice.camera.stalled"
	case e.Kind == devices.Camera:
		return "notice.camera.failed"
	case e.Kind == devices.Microphone && missing:
		return "notice.microphone.none"
	case e.Kind == devices.Microphone && busy:
		return "notice.microphone.busy"
	case e.Kind == devices.Microphone && denied:
		return "notice.microphone.denied"
	case e.Kind == devices.Microphone && stalled:
		return "notice.microphone.stalled"
	case e.Kind == devices.Microphone:
		return "notice.microphone.failed"
	case missing:
		return "notice.speaker.none"
	case stalled:
		return "notice.speaker.stalled"
	default:
		return "notice.speaker.failed"
	}
}
