package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/session/wire"
)

// passLife is how long a join opens chat and attachments at most.
const passLife = 24 * time.Hour

// filesClaims are those of the token that opens the attachments of one room to
// one user, and its host's tools to a host. Its key is derived from one that only the server has: another secret
// of the AppID ends no call that goes on.
type filesClaims struct {
	AppID   string    `json:"app"`
	RoomID  string    `json:"room"`
	Name    string    `json:"name,omitempty"` // of the user
	Role    wire.Role `json:"role"`
	Publish bool      `json:"publish,omitempty"`
	jwt.RegisteredClaims
}

func (k *keys) filesKey(appID string) []byte {
	mac := hmac.New(sha256.New, []byte(k.media))
	_, _ = mac.Write([]byte("parley files " + appID))
	return mac.Sum(nil)
}

func (k *keys) signFiles(appID, roomID string, user wire.User, role wire.Role, publish bool, now time.Time, life time.Duration) (string, error) {
	c := filesClaims{AppID: appID, RoomID: roomID, Name: user.Name, Role: role, Publish: publish, RegisteredClaims: jwt.RegisteredClaims{
		Subject: user.ID, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(k.filesKey(appID))
	if err != nil {
		return "", fmt.Errorf("sign the files token: %w", err)
	}
	return token, nil
}

// verifyFiles tells whom and what a token is for.
func (k *keys) verifyFiles(token string) (filesClaims, error) {
	if len(token) > tokenMax {
		return filesClaims{}, ErrTokenTooLarge
	}
	var c filesClaims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		return k.filesKey(c.AppID), nil
	}, jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithLeeway(clockSkew), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return filesClaims{}, ErrTokenExpired
	case err != nil:
		return filesClaims{}, ErrTokenSignature
	}
	return c, nil
}
