package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/session/wire"
)

// Errors of VerifyToken.
var (
	ErrTokenMalformed = errors.New("the token can't be read")
	ErrTokenTooLarge  = fmt.Errorf("the token has over %d bytes", tokenMax)
	ErrTokenUnsigned  = errors.New("the token is not signed")
	ErrTokenAlgorithm = errors.New("the token is signed in another way than HS256")
	ErrTokenSignature = errors.New("the token is not signed by this server's AppID")
	ErrTokenExpired   = errors.New("the token has expired")
	ErrTokenNotYet    = errors.New("the token is not valid yet")
	ErrTokenRoom      = errors.New("the token is for another room")
	ErrTokenApp       = errors.New("the token is for another AppID")
	ErrTokenUser      = errors.New("the token is for another user")
	ErrTokenPrivilege = errors.New("the token does not allow to log in")
)

const (
	// clockSkew is by how much clocks may differ.
	clockSkew = 30 * time.Second
	// tokenMax bounds a token before it is parsed.
	tokenMax = 4 << 10
)

// claims carries wire.TokenClaims through the JWT library.
type claims struct{ wire.TokenClaims }

func numeric(seconds int64) (*jwt.NumericDate, error) {
	if seconds == 0 {
		return nil, nil
	}
	return jwt.NewNumericDate(time.Unix(seconds, 0)), nil
}

func (c claims) GetExpirationTime() (*jwt.NumericDate, error) { return numeric(c.Expires) }
func (c claims) GetIssuedAt() (*jwt.NumericDate, error)       { return numeric(c.IssuedAt) }
func (c claims) GetNotBefore() (*jwt.NumericDate, error)      { return numeric(c.NotBefore) }
func (c claims) GetIssuer() (string, error)                   { return "", nil }
func (c claims) GetSubject() (string, error)                  { return c.UserID, nil }
func (c claims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }

// SignToken makes a token of the claims with the AppID's secret. IDs that can
// never be valid are refused with a *wire.FieldError.
func SignToken(c wire.TokenClaims, secret string) (string, error) {
	if err := wire.CheckRoomID(c.RoomID); err != nil {
		return "", err
	}
	if c.UserID != "" {
		if err := wire.CheckUserID(c.UserID); err != nil {
			return "", err
		}
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{c}).SignedString([]byte(secret))
	if err != nil {
		return "", fmt.Errorf("sign the token: %w", err)
	}
	return token, nil
}

// VerifyToken checks a token for one user's entry into one room.
func VerifyToken(token, secret, appID, roomID, userID string) (wire.TokenClaims, error) {
	if len(token) > tokenMax {
		return wire.TokenClaims{}, ErrTokenTooLarge
	}
	var c claims
	parsed, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithLeeway(clockSkew), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	switch {
	case err == nil:
	case errors.Is(err, jwt.ErrTokenMalformed):
		return wire.TokenClaims{}, ErrTokenMalformed
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return wire.TokenClaims{}, unsigned(parsed)
	case errors.Is(err, jwt.ErrTokenExpired):
		return wire.TokenClaims{}, ErrTokenExpired
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return wire.TokenClaims{}, ErrTokenNotYet
	default:
		return wire.TokenClaims{}, ErrTokenMalformed
	}
	switch {
	case c.AppID != appID:
		return wire.TokenClaims{}, ErrTokenApp
	case c.RoomID != roomID:
		return wire.TokenClaims{}, ErrTokenRoom
	case c.UserID != "" && c.UserID != userID:
		return wire.TokenClaims{}, ErrTokenUser
	case !slices.Contains(c.Privileges, wire.PrivilegeLogin):
		return wire.TokenClaims{}, ErrTokenPrivilege
	}
	return c.TokenClaims, nil
}

// unsigned says why a token that can be read is not the AppID's.
func unsigned(token *jwt.Token) error {
	algorithm := ""
	if token != nil {
		algorithm, _ = token.Header["alg"].(string)
	}
	switch {
	case algorithm == jwt.SigningMethodHS256.Alg():
		return ErrTokenSignature
	case algorithm == "" || strings.EqualFold(algorithm, jwt.SigningMethodNone.Alg()):
		return ErrTokenUnsigned
	default:
		return ErrTokenAlgorithm
	}
}
