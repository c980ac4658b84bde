package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// filesTokenLife is how long a token opens a room's attachments.
const filesTokenLife = 24 * time.Hour

// filesClaims are those of the token that opens the attachments of one room to
// one user. It is signed by a key that is derived from the AppID's secret: no
// token of the other sort passes for one.
type filesClaims struct {
	AppID  string `json:"app"`
	RoomID string `json:"room"`
	jwt.RegisteredClaims
}

func filesKey(secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte("parley files"))
	return mac.Sum(nil)
}

func signFiles(appID, secret, roomID, userID string, now time.Time) (string, error) {
	c := filesClaims{AppID: appID, RoomID: roomID, RegisteredClaims: jwt.RegisteredClaims{
		Subject: userID, ExpiresAt: jwt.NewNumericDate(now.Add(filesTokenLife)),
	}}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(filesKey(secret))
	if err != nil {
		return "", fmt.Errorf("sign the files token: %w", err)
	}
	return token, nil
}

// verifyFiles tells whom and what a token is for.
func (a *Apps) verifyFiles(token string) (filesClaims, error) {
	if len(token) > tokenMax {
		return filesClaims{}, ErrTokenMalformed
	}
	var c filesClaims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) {
		secret, err := a.Secret(c.AppID)
		return filesKey(secret), err
	}, jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithLeeway(clockSkew), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return filesClaims{}, ErrTokenExpired
	case err != nil:
		return filesClaims{}, ErrTokenSignature
	}
	return c, nil
}
