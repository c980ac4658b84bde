// Package wire holds what client and server say to each other: the join call,
// identifiers and their limits, invite links, subjects of the chat, and the
// message envelope. It depends on nothing but the standard library, so that
// both ends can import it.
package wire

import "encoding/json"

// Paths of the server's HTTP front.
const (
	PathJoin   = "/v1/join"
	PathRTC    = "/rtc"
	PathChat   = "/chat"
	PathHealth = "/healthz"
	PathReady  = "/readyz"
)

// LocalAppID is the AppID that an embedded server makes on its first start.
const LocalAppID = "local"

// User is a person in a room.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Credential is what entitles a user to a room. All fields are empty on an
// open server.
type Credential struct {
	// Token is an HS256 JWT by the AppID's secret; see TokenClaims.
	Token string `json:"token,omitempty"`
	// Passcode of a room that is hosted on a desktop.
	Passcode string `json:"passcode,omitempty"`
	// Pass is FilesEndpoint.Token of an earlier join: it lets the same user into
	// the same room again.
	Pass string `json:"pass,omitempty"`
}

// Privilege is something a token allows.
type Privilege string

// The privileges of the token.
const (
	PrivilegeLogin   Privilege = "login"
	PrivilegePublish Privilege = "publish"
)

// TokenClaims are the claims of a signed token. Times are Unix seconds.
type TokenClaims struct {
	AppID      string      `json:"app"`
	RoomID     string      `json:"room"`
	UserID     string      `json:"sub,omitempty"` // empty: any user of that room
	Name       string      `json:"name,omitempty"`
	Privileges []Privilege `json:"privileges"`
	Role       Role        `json:"role,omitempty"` // RoleHost; others follow from the privileges
	IssuedAt   int64       `json:"iat,omitempty"`
	NotBefore  int64       `json:"nbf,omitempty"`
	Expires    int64       `json:"exp"`
}

// JoinRequest is the body of POST /v1/join.
type JoinRequest struct {
	AppID      string     `json:"app_id"`
	RoomID     string     `json:"room_id"`
	User       User       `json:"user"`
	Credential Credential `json:"credential"`
	// ChatKey is the public half of the client's NATS user nkey; the private
	// half never leaves the client.
	ChatKey string `json:"chat_key"`
}

// JoinResponse is the answer to a JoinRequest.
type JoinResponse struct {
	// ServerID is the same for the life of a server's data, whatever its address.
	ServerID string        `json:"server_id"`
	RoomID   string        `json:"room_id"`
	User     User          `json:"user"`
	Role     Role          `json:"role"`
	Media    MediaEndpoint `json:"media"`
	Chat     ChatEndpoint  `json:"chat"`
	Files    FilesEndpoint `json:"files"`
	Limits   Limits        `json:"limits"`
	// RenewAfter says when to join again with Pass, in seconds, so that chat and
	// attachments stay open.
	RenewAfter int `json:"renew_after,omitempty"`
}

// MediaEndpoint tells how to reach the media engine.
type MediaEndpoint struct {
	// URL is ws:// or wss://, without the /rtc path.
	URL   string `json:"url"`
	Token string `json:"token"`
}

// ChatEndpoint tells how to reach the chat engine.
type ChatEndpoint struct {
	// URL is ws:// or wss://, without a path; Path is the proxy path.
	URL  string `json:"url"`
	Path string `json:"path"`
	// JWT is a user JWT for the request's ChatKey.
	JWT string `json:"jwt"`
	// Stream is the JetStream stream that holds the room's messages.
	Stream string `json:"stream"`
	// InboxPrefix is the only prefix under which replies can be received.
	InboxPrefix string `json:"inbox_prefix"`
}

// FilesEndpoint tells where attachments are put and got.
type FilesEndpoint struct {
	// URL is http:// or https://, without a path.
	URL string `json:"url"`
	// Token opens the attachments of this room, as a bearer of the HTTP
	// Authorization header.
	Token string `json:"token"`
}

// Headers of a message in the stream, by which the server knows what files a
// room needs: it does not read the envelopes.
const (
	HeaderFile    = "Parley-File"    // the SHA-256 of the message's attachment
	HeaderDeletes = "Parley-Deletes" // the ID of the message that is deleted
)

// HeaderUploadOffset tells, in the answer to HEAD for an attachment that the
// server does not have, how many bytes of it are there already.
const HeaderUploadOffset = "Upload-Offset"

// BlobPath is where an attachment is on the server's HTTP front. The room is
// written as in subjects: identifiers may be "..".
func BlobPath(roomID, sha256 string) string {
	return "/v1/rooms/" + SubjectToken(roomID) + "/blobs/" + sha256
}

// PathBlob is the pattern of BlobPath.
const PathBlob = "/v1/rooms/{room}/blobs/{sha256}"

// Limits of a room, so that a client can refuse before it sends.
type Limits struct {
	TextBytes         int `json:"text_bytes"`
	MessagesPerMinute int `json:"messages_per_minute"`
}

// Code names why the server refused, for the client to decide on.
type Code string

// The codes of an ErrorResponse.
const (
	CodeBadRequest    Code = "bad_request"
	CodeUnknownApp    Code = "unknown_app"
	CodeTokenRequired Code = "token_required"
	CodeTokenExpired  Code = "token_expired"
	CodeNotAllowed    Code = "not_allowed"
	CodeTooLarge      Code = "too_large"
	CodeUnavailable   Code = "unavailable"
	CodeDraining      Code = "draining" // being restarted; see Retry-After
	CodeNotFound      Code = "not_found"
	CodeBusy          Code = "busy"     // the same upload is under way
	CodeTooMany       Code = "too_many" // for now; see Retry-After
	CodeBadHash       Code = "bad_hash"
	CodeStreamInUse   Code = "stream_in_use"

	// Of a token that is refused.
	CodeTokenMalformed Code = "token_malformed"
	CodeTokenTooLarge  Code = "token_too_large"
	CodeTokenUnsigned  Code = "token_unsigned"  // alg is none
	CodeTokenAlgorithm Code = "token_algorithm" // alg is not HS256
	CodeTokenSignature Code = "token_signature" // by another secret
	CodeTokenNotYet    Code = "token_not_yet"
	CodeTokenRoom      Code = "token_room" // of another room
	CodeTokenApp       Code = "token_app"  // of another AppID
	CodeTokenUser      Code = "token_user" // of another user
	CodeTokenInvalid   Code = "token_invalid"

	CodePasscodeRequired Code = "passcode_required"
	CodePasscodeWrong    Code = "passcode_wrong"
	CodeLocked           Code = "locked" // the room, by its host
	CodeBanned           Code = "banned" // the user, until the call ends
	CodeLobby            Code = "lobby"  // ask again after LobbyEvery
	CodeDenied           Code = "denied" // by the host, in the lobby
)

// ErrorResponse is the body of every answer that is not 2xx.
type ErrorResponse struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Field names the part of the request that is at fault, where one is.
	Field string `json:"field,omitempty"`
}

// Error makes the response usable as an error.
func (e *ErrorResponse) Error() string { return e.Message }

// EncodeError renders the body of a refusal.
func EncodeError(e ErrorResponse) []byte {
	b, err := json.Marshal(e)
	if err != nil {
		return []byte(`{"code":"unavailable","message":"internal error"}`)
	}
	return b
}
