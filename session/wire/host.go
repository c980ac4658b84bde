package wire

import "time"

// Action is what a host does to a room or to somebody in it.
type Action string

// The actions.
const (
	ActionMute      Action = "mute"       // somebody's microphone, who can unmute it
	ActionStopVideo Action = "stop_video" // somebody's camera and screen
	ActionLowerHand Action = "lower_hand" // somebody's raised hand, who can raise it again
	ActionRemove    Action = "remove"     // somebody, who may come again
	ActionBan       Action = "ban"        // somebody, until the call ends
	ActionLock      Action = "lock"       // nobody else comes in
	ActionUnlock    Action = "unlock"
	ActionLobbyOn   Action = "lobby_on" // who comes waits to be admitted
	ActionLobbyOff  Action = "lobby_off"
	ActionAdmit     Action = "admit" // somebody who waits
	ActionDeny      Action = "deny"
	ActionPasscode  Action = "passcode" // with which one comes in without a token; empty for none
	ActionEnd       Action = "end"      // the call, for everybody
)

// NoticePasscodeOff is what the notice of ActionPasscode without one is called;
// the others have the action's name.
const NoticePasscodeOff = "passcode_off"

// OfUser tells whether an action concerns one person.
func (a Action) OfUser() bool {
	switch a {
	case ActionMute, ActionStopVideo, ActionLowerHand, ActionRemove, ActionBan, ActionAdmit, ActionDeny:
		return true
	default:
		return false
	}
}

// ActionRequest is the body of POST ActionsPath, which needs the token of
// FilesEndpoint, and the role of a host.
type ActionRequest struct {
	Action   Action `json:"action"`
	User     User   `json:"user,omitzero"`      // whom it concerns
	Passcode string `json:"passcode,omitempty"` // of ActionPasscode
}

// Bounds of a passcode, in bytes.
const (
	PasscodeMin = 4
	PasscodeMax = 64
)

// RoomInfo is how a room is kept. It is the media engine's metadata of the room,
// without Waiting, and the answer to GET ActionsPath, with it.
type RoomInfo struct {
	Locked   bool   `json:"locked,omitempty"`
	Lobby    bool   `json:"lobby,omitempty"`
	Passcode bool   `json:"passcode,omitempty"` // there is one
	Count    int    `json:"count,omitempty"`    // how many wait in the lobby
	Ended    bool   `json:"ended,omitempty"`    // by a host, for everybody
	Waiting  []User `json:"waiting,omitempty"`  // who they are: for hosts
}

// ActionsPath is where the hosts of a room act.
func ActionsPath(roomID string) string { return "/v1/rooms/" + SubjectToken(roomID) + "/actions" }

// PathActions is the pattern of ActionsPath.
const PathActions = "/v1/rooms/{room}/actions"

// LobbyEvery is how often who waits in a lobby asks again; LobbyLife is after how
// long of silence one waits no more.
const (
	LobbyEvery = 3 * time.Second
	LobbyLife  = 10 * time.Second
)
