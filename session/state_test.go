package session

import "testing"

// TestRoomSteps names every step that there is; all others are illegal.
func TestRoomSteps(t *testing.T) {
	legal := map[RoomState]map[Reason]RoomState{
		RoomDisconnected: {ReasonLogining: RoomConnecting, ReasonReconnecting: RoomConnecting, ReasonLogout: RoomDisconnected},
		RoomConnecting: {
			ReasonLogined: RoomConnected, ReasonLoginFailed: RoomDisconnected, ReasonReconnected: RoomConnected,
			ReasonReconnecting: RoomConnecting, ReasonReconnectFailed: RoomDisconnected, ReasonKickedOut: RoomDisconnected, ReasonLogout: RoomDisconnected,
		},
		RoomConnected: {ReasonReconnecting: RoomConnecting, ReasonKickedOut: RoomDisconnected, ReasonLogout: RoomDisconnected},
	}
	for from := RoomDisconnected; from <= RoomConnected; from++ {
		for why := ReasonLogining; why <= ReasonLogoutFailed; why++ {
			want, is := legal[from][why]
			got, found := roomSteps[roomStep{from, why}]
			if is != found || got != want {
				t.Errorf("%v by %v: %v %v, want %v %v", from, why, got, found, want, is)
			}
			// An illegal step changes nothing and tells nobody.
			l, e := &login{state: from}, quietEngine(t)
			if e.step(l, RoomStateChanged{Reason: why}) != is || !is && l.state != from || is && l.state != want {
				t.Errorf("%v by %v leads to %v", from, why, l.state)
			}
			if told := len(e.events.pending); (told == 1) != is {
				t.Errorf("%v by %v is told %d times", from, why, told)
			}
		}
	}
}

func TestPublisherSteps(t *testing.T) {
	legal := map[PublisherState][]PublisherState{
		NoPublish:         {PublishRequesting},
		PublishRequesting: {PublishRequesting, Publishing, NoPublish},
		Publishing:        {PublishRequesting, NoPublish},
	}
	for from := NoPublish; from <= Publishing; from++ {
		for to := NoPublish; to <= Publishing; to++ {
			is := false
			for _, state := range legal[from] {
				is = is || state == to
			}
			e := quietEngine(t)
			p := &publisher{e: e, state: from}
			p.tell(to, ErrState)
			if told := len(e.events.pending) == 1; told != is || (p.state == to) != (is || from == to) {
				t.Errorf("from %v to %v: told %v, at %v", from, to, told, p.state)
			}
		}
	}
}

func TestPlayerSteps(t *testing.T) {
	legal := map[PlayerState][]PlayerState{
		NoPlay:         {PlayRequesting},
		PlayRequesting: {PlayRequesting, Playing, NoPlay},
		Playing:        {PlayRequesting, NoPlay},
	}
	for from := NoPlay; from <= Playing; from++ {
		for to := NoPlay; to <= Playing; to++ {
			is := false
			for _, state := range legal[from] {
				is = is || state == to
			}
			e := quietEngine(t)
			p := &player{state: from}
			e.stepPlayer(p, to, ErrState)
			if told := len(e.events.pending) == 1; told != is || (p.state == to) != (is || from == to) {
				t.Errorf("from %v to %v: told %v, at %v", from, to, told, p.state)
			}
		}
	}
}
