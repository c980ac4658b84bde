package wire

// ClaimRequest asks for a StreamID, on the client's own ClaimSubject. A claim
// lasts ClaimLife, and is renewed by asking again.
type ClaimRequest struct {
	StreamID string `json:"stream_id"`
	// Session is the same for all claims of one login, and nobody else's.
	Session string `json:"session"`
	// Name is how the holder is called in the refusal of others.
	Name string `json:"name,omitempty"`
	// Release ends the claim instead.
	Release bool `json:"release,omitempty"`
}

// HandRequest raises the client's hand or takes it down, on its own
// HandSubject.
type HandRequest struct {
	Raised bool `json:"raised"`
}

// ControlResponse answers a ClaimRequest or a HandRequest.
type ControlResponse struct {
	Error *ErrorResponse `json:"error,omitempty"`
	// Holder is who has the StreamID, with CodeStreamInUse.
	Holder *User `json:"holder,omitempty"`
}

// ControlMax bounds a request, in bytes.
const ControlMax = 2 << 10

// Attributes of a participant in the media engine. The server alone sets them.
const (
	AttributeRole = "parley.role" // a Role
	AttributeHand = "parley.hand" // since when it is raised, in Unix ms; empty when down
)

// Role is what somebody may do in a room.
type Role string

// The roles.
const (
	RoleHost     Role = "host"
	RoleMember   Role = "member"
	RoleListener Role = "listener" // sees, hears and writes, but does not publish
)

// ClaimSubject is where a user asks for StreamIDs.
func ClaimSubject(roomID, userID string) string {
	return "room." + SubjectToken(roomID) + ".claim." + SubjectToken(userID)
}

// HandSubject is where a user raises the hand.
func HandSubject(roomID, userID string) string {
	return "room." + SubjectToken(roomID) + ".hand." + SubjectToken(userID)
}

// AllClaims and AllHands match those of everybody in every room.
const (
	AllClaims = "room.*.claim.*"
	AllHands  = "room.*.hand.*"
)
