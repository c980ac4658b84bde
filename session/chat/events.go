package chat

// Event is something that happened in a conversation.
type Event interface{ chatEvent() }

// MessageChanged fires when a message is new, or is another than it was.
type MessageChanged struct{ Message Message }

// MessageRemoved fires when a message is no more: an own one that was
// cancelled before the server had it.
type MessageRemoved struct{ ID string }

// HistoryChanged fires when messages came that are older than the newest known
// ones: what is shown of the room is to be read again.
type HistoryChanged struct{}

// OnlineChanged fires when the connection to the chat engine comes or goes.
type OnlineChanged struct{ Online bool }

// ActivityChanged fires when somebody else begins or ends to type or record.
type ActivityChanged struct {
	UserID, Name string
	Activity     Activity
}

// Waved fires when somebody else shows an emoji for a moment.
type Waved struct{ UserID, Name, Emoji string }

// SeenChanged fires when somebody else has seen more of the room.
type SeenChanged struct{ UserID, UpTo string }

// TransferChanged fires as an attachment comes in: up to ten times a second,
// and at the end.
type TransferChanged struct {
	MessageID, SHA256 string
	Bytes, Size       int64
	Done              bool  // it is here, or Err is set
	Err               error // ErrFileGone, ErrFileHash, ErrDiskFull, or of the network
}

func (MessageChanged) chatEvent()  {}
func (MessageRemoved) chatEvent()  {}
func (HistoryChanged) chatEvent()  {}
func (Waved) chatEvent()           {}
func (OnlineChanged) chatEvent()   {}
func (ActivityChanged) chatEvent() {}
func (SeenChanged) chatEvent()     {}
func (TransferChanged) chatEvent() {}
