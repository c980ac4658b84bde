package chat

import "io"

// sealer is what everything passes that leaves this computer or comes to it:
// the place of end-to-end encryption. Today it changes nothing.
type sealer struct{}

// seal closes an envelope for the others in the room.
func (sealer) seal(envelope []byte) ([]byte, error) { return envelope, nil }

// open opens what another closed.
func (sealer) open(sealed []byte) ([]byte, error) { return sealed, nil }

// sealFile closes an attachment on its way into the store: its hash is that of
// what travels.
func (sealer) sealFile(plain io.Reader) io.Reader { return plain }
