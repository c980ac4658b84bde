package session

// RoomState is where a login stands.
type RoomState int

// The room states. Reconnecting is RoomConnecting with ReasonReconnecting.
const (
	RoomDisconnected RoomState = iota
	RoomConnecting
	RoomConnected
)

func (s RoomState) String() string {
	return name([]string{"disconnected", "connecting", "connected"}, int(s))
}

// Reason tells why a room state changed: the nine of the ZEGO Express flow.
type Reason int

// The reasons.
const (
	ReasonLogining Reason = iota
	ReasonLogined
	ReasonLoginFailed
	ReasonReconnecting
	ReasonReconnected
	ReasonReconnectFailed
	ReasonKickedOut
	ReasonLogout
	ReasonLogoutFailed
)

func (r Reason) String() string {
	return name([]string{"logining", "logined", "login_failed", "reconnecting", "reconnected", "reconnect_failed",
		"kicked_out", "logout", "logout_failed"}, int(r))
}

// roomStep is a change of the room's state.
type roomStep struct {
	from RoomState
	why  Reason
}

// roomSteps is the state machine of a room: which reason leads from which
// state to which. What is not here does not happen.
//
//nolint:gochecknoglobals // a constant in all but form
var roomSteps = map[roomStep]RoomState{
	{RoomDisconnected, ReasonLogining}:      RoomConnecting,
	{RoomDisconnected, ReasonReconnecting}:  RoomConnecting,   // after ReasonReconnectFailed
	{RoomDisconnected, ReasonLogout}:        RoomDisconnected, // likewise
	{RoomConnecting, ReasonLogined}:         RoomConnected,
	{RoomConnecting, ReasonLoginFailed}:     RoomDisconnected,
	{RoomConnecting, ReasonReconnected}:     RoomConnected,
	{RoomConnecting, ReasonReconnecting}:    RoomConnecting,
	{RoomConnecting, ReasonReconnectFailed}: RoomDisconnected,
	{RoomConnecting, ReasonKickedOut}:       RoomDisconnected,
	{RoomConnecting, ReasonLogout}:          RoomDisconnected,
	{RoomConnected, ReasonReconnecting}:     RoomConnecting,
	{RoomConnected, ReasonKickedOut}:        RoomDisconnected,
	{RoomConnected, ReasonLogout}:           RoomDisconnected,
}

// PublisherState is where the sending of one stream stands.
type PublisherState int

// The publisher states.
const (
	NoPublish PublisherState = iota
	PublishRequesting
	Publishing
)

func (s PublisherState) String() string {
	return name([]string{"no_publish", "requesting", "publishing"}, int(s))
}

// publisherStep is a change of the publisher's state.
type publisherStep struct{ from, to PublisherState }

// publisherSteps is the state machine of a publisher. A failed try, or a lost
// connection, leads back to PublishRequesting, from there as well.
//
//nolint:gochecknoglobals // a constant in all but form
var publisherSteps = map[publisherStep]bool{
	{NoPublish, PublishRequesting}:         true,
	{PublishRequesting, Publishing}:        true,
	{PublishRequesting, PublishRequesting}: true,
	{PublishRequesting, NoPublish}:         true,
	{Publishing, PublishRequesting}:        true,
	{Publishing, NoPublish}:                true,
}

// PlayerState is where the receiving of one stream stands.
type PlayerState int

// The player states.
const (
	NoPlay PlayerState = iota
	PlayRequesting
	Playing
)

func (s PlayerState) String() string {
	return name([]string{"no_play", "requesting", "playing"}, int(s))
}

// playerStep is a change of a player's state.
type playerStep struct{ from, to PlayerState }

// playerSteps is the state machine of a player.
//
//nolint:gochecknoglobals // a constant in all but form
var playerSteps = map[playerStep]bool{
	{NoPlay, PlayRequesting}:         true,
	{PlayRequesting, Playing}:        true,
	{PlayRequesting, PlayRequesting}: true,
	{PlayRequesting, NoPlay}:         true,
	{Playing, PlayRequesting}:        true,
	{Playing, NoPlay}:                true,
}

// Quality grades a user's network.
type Quality int

// The grades.
const (
	QualityUnknown Quality = iota
	QualityExcellent
	QualityGood
	QualityMedium
	QualityBad
	QualityDie
)

func (q Quality) String() string {
	return name([]string{"unknown", "excellent", "good", "medium", "bad", "die"}, int(q))
}

func name(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "invalid"
	}
	return names[i]
}
