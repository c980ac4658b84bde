package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"parley/session/wire"
)

// TestRefusedTokens has each reason have its own code, and all take as long.
func TestRefusedTokens(t *testing.T) {
	secret, err := shared.Apps().Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	right := wire.TokenClaims{
		AppID: wire.LocalAppID, RoomID: "r", UserID: "ann", Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: time.Now().Add(time.Hour).Unix(),
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, change func(*wire.TokenClaims)) string {
		c := right
		if change != nil {
			change(&c)
		}
		token, err := jwt.NewWithClaims(method, claims{c}).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	signed := func(change func(*wire.TokenClaims)) string {
		return sign(jwt.SigningMethodHS256, []byte(secret), change)
	}
	good := signed(nil)
	head, rest, _ := strings.Cut(good, ".")
	segment := base64.RawURLEncoding.EncodeToString
	tests := []struct {
		name, token string
		code        wire.Code
	}{
		{"none", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), wire.CodeTokenUnsigned},
		{"none in other letters", segment([]byte(`{"alg":"NoNe","typ":"JWT"}`)) + "." + rest, wire.CodeTokenUnsigned},
		{"no algorithm", segment([]byte(`{"typ":"JWT"}`)) + "." + rest, wire.CodeTokenUnsigned},
		{"a longer hash", sign(jwt.SigningMethodHS512, []byte(secret), nil), wire.CodeTokenAlgorithm},
		{"a public key", sign(jwt.SigningMethodES256, private, nil), wire.CodeTokenAlgorithm},
		{"an algorithm that is none", segment([]byte(`{"alg":"XX","typ":"JWT"}`)) + "." + rest, wire.CodeTokenAlgorithm},
		{"another secret", sign(jwt.SigningMethodHS256, []byte(strings.Repeat("s", 32)), nil), wire.CodeTokenSignature},
		{"a changed claim", head + "." + segment([]byte(`{"app":"local","room":"r","privileges":["login"],"exp":9999999999}`)) + good[strings.LastIndex(good, "."):], wire.CodeTokenSignature},
		{"expired", signed(func(c *wire.TokenClaims) { c.Expires = time.Now().Add(-time.Minute).Unix() }), wire.CodeTokenExpired},
		{"for later", signed(func(c *wire.TokenClaims) { c.NotBefore = time.Now().Add(time.Minute).Unix() }), wire.CodeTokenNotYet},
		{"made later", signed(func(c *wire.TokenClaims) { c.IssuedAt = time.Now().Add(time.Minute).Unix() }), wire.CodeTokenNotYet},
		{"another room", signed(func(c *wire.TokenClaims) { c.RoomID = "other" }), wire.CodeTokenRoom},
		{"another AppID", signed(func(c *wire.TokenClaims) { c.AppID = "other" }), wire.CodeTokenApp},
		{"another user", signed(func(c *wire.TokenClaims) { c.UserID = "bob" }), wire.CodeTokenUser},
		{"without login", signed(func(c *wire.TokenClaims) { c.Privileges = nil }), wire.CodeNotAllowed},
		{"too large", signed(func(c *wire.TokenClaims) { c.Name = strings.Repeat("n", tokenMax) }), wire.CodeTokenTooLarge},
		{"nonsense", "nonsense", wire.CodeTokenMalformed},
		{"nonsense in parts", "a.b.c", wire.CodeTokenMalformed},
	}
	const tries = 8
	least := make([]time.Duration, len(tests))
	for range tries {
		for i, test := range tests {
			r, _ := request(t, "r", "ann")
			r.Credential.Token = test.token
			began := time.Now()
			response, status, e := join(t, r)
			took := time.Since(began)
			if response != nil || status != 403 || e.Code != test.code {
				t.Fatalf("%s: status %d, %+v", test.name, status, e)
			}
			if strings.Contains(e.Message, test.token) || strings.Contains(e.Message, secret) {
				t.Errorf("%s: the refusal repeats a secret", test.name)
			}
			if least[i] == 0 || took < least[i] {
				least[i] = took
			}
		}
	}
	for i, test := range tests {
		if least[i] < refuseAfter {
			t.Errorf("%s is refused after %v", test.name, least[i])
		}
	}

	r, _ := request(t, "r", "ann")
	for name, change := range map[string]func(*wire.TokenClaims){
		"right":                   nil,
		"expired by the skew":     func(c *wire.TokenClaims) { c.Expires = time.Now().Add(-clockSkew / 2).Unix() },
		"not valid yet by skew":   func(c *wire.TokenClaims) { c.NotBefore = time.Now().Add(clockSkew / 2).Unix() },
		"issued later, by a skew": func(c *wire.TokenClaims) { c.IssuedAt = time.Now().Add(clockSkew / 2).Unix() },
	} {
		r.Credential.Token = signed(change)
		if _, status, e := join(t, r); status != 200 {
			t.Errorf("%s: status %d, %+v", name, status, e)
		}
	}
}
