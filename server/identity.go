package server

// Identity is the key by which a server is the same at whatever address it is.
type Identity struct{ keys *keys }

// LoadIdentity reads the identity of the server whose data is in a folder.
func LoadIdentity(data string) (*Identity, error) {
	keys, err := loadKeys(data)
	if err != nil {
		return nil, err
	}
	return &Identity{keys}, nil
}

// ID is the public key, which joins tell as the server's ID.
func (i *Identity) ID() string { return i.keys.ID }

// Sign signs a statement of the server.
func (i *Identity) Sign(statement []byte) ([]byte, error) { return i.keys.operator.Sign(statement) }
