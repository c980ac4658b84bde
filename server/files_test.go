package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/oklog/ulid/v2"

	"parley/session/wire"
)

func content(n int) ([]byte, string) {
	data := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	_, _ = r.Read(data)
	sum := sha256.Sum256(data)
	return data, hex.EncodeToString(sum[:])
}

// ask sends a request with the token; header pairs follow.
func ask(t *testing.T, method, room, hash, token string, body io.Reader, header ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, "http://"+shared.Address()+wire.BlobPath(room, hash), body)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func filesToken(t *testing.T, room, user string) string {
	t.Helper()
	r, _ := request(t, room, user)
	response, status, refusal := join(t, r)
	if status != http.StatusOK {
		t.Fatalf("%d %+v", status, refusal)
	}
	if response.Files.URL != "http://"+shared.Address() {
		t.Errorf("files at %s", response.Files.URL)
	}
	return response.Files.Token
}

func wantStatus(t *testing.T, what string, r *http.Response, want int) {
	t.Helper()
	if r.StatusCode != want {
		body, _ := io.ReadAll(r.Body)
		t.Errorf("%s: status %d, want %d: %s", what, r.StatusCode, want, body)
	}
}

func TestAttachmentComesBackWhole(t *testing.T) {
	const room = ".." // an ID like any other
	token := filesToken(t, room, "ann")
	data, hash := content(700_000) // several chunks
	wantStatus(t, "before", ask(t, "HEAD", room, hash, token, nil), http.StatusNotFound)
	wantStatus(t, "put", ask(t, "PUT", room, hash, token, bytes.NewReader(data)), http.StatusCreated)
	wantStatus(t, "again", ask(t, "PUT", room, hash, token, bytes.NewReader(data)), http.StatusNoContent)
	for _, test := range []struct {
		header   string
		status   int
		from, to int
	}{
		{"", 200, 0, len(data)}, {"bytes=0-", 206, 0, len(data)}, {"bytes=600000-", 206, 600_000, len(data)}, {"bytes=10-19", 206, 10, 20},
		{"bytes=-5", 206, len(data) - 5, len(data)}, {"bytes=5-9999999", 206, 5, len(data)}, {"bytes=9-5", 200, 0, len(data)}, {"bytes=1-2,5-6", 200, 0, len(data)},
		{"bytes=700000-", 416, 0, 0}, {"bytes=-0", 416, 0, 0}, {"lines=1-2", 200, 0, len(data)},
	} {
		r := ask(t, "GET", room, hash, token, nil, "Range", test.header)
		wantStatus(t, test.header, r, test.status)
		if got, err := io.ReadAll(r.Body); test.status < 300 && (err != nil || !bytes.Equal(got, data[test.from:test.to])) {
			t.Errorf("%q: %d bytes, %v", test.header, len(got), err)
		}
		if h := r.Header.Get("Content-Type"); test.status < 300 && h != "application/octet-stream" {
			t.Errorf("type %s", h)
		}
	}
	head := ask(t, "HEAD", room, hash, token, nil)
	wantStatus(t, "head", head, 200)
	if head.ContentLength != int64(len(data)) {
		t.Errorf("length %d", head.ContentLength)
	}
}

func TestAttachmentsAreForTheRoomOnly(t *testing.T) {
	token, other := filesToken(t, "mine", "ann"), filesToken(t, "theirs", "eve")
	data, hash := content(1000)
	wantStatus(t, "put", ask(t, "PUT", "mine", hash, token, bytes.NewReader(data)), http.StatusCreated)
	wantStatus(t, "other room's token", ask(t, "GET", "mine", hash, other, nil), http.StatusForbidden)
	wantStatus(t, "same hash elsewhere", ask(t, "GET", "theirs", hash, other, nil), http.StatusNotFound)
	wantStatus(t, "no token", ask(t, "GET", "mine", hash, "", nil), http.StatusUnauthorized)
	wantStatus(t, "garbage", ask(t, "GET", "mine", hash, "x.y.z", nil), http.StatusUnauthorized)
	// A token of the other sort opens nothing.
	secret, err := shared.apps.Secret(wire.LocalAppID)
	if err != nil {
		t.Fatal(err)
	}
	join, err := SignToken(wire.TokenClaims{AppID: wire.LocalAppID, RoomID: "mine", Privileges: []wire.Privilege{wire.PrivilegeLogin}, Expires: time.Now().Add(time.Hour).Unix()}, secret)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "join token", ask(t, "GET", "mine", hash, join, nil), http.StatusUnauthorized)
	if _, err := VerifyToken(token, secret, wire.LocalAppID, "mine", "ann"); err == nil {
		t.Error("a files token opens the room")
	}
	old, err := shared.keys.signFiles(wire.LocalAppID, "mine", wire.User{ID: "ann"}, wire.RoleMember, true, time.Now().Add(-passLife-time.Hour), passLife)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, "old token", ask(t, "GET", "mine", hash, old, nil), http.StatusUnauthorized)
}

func TestAttachmentIsRefusedBeforeItIsRead(t *testing.T) {
	token := filesToken(t, "limits", "ann")
	_, hash := content(1000)
	address := shared.Address()
	// By hand: an HTTP client would send the body first.
	try := func(hash, token, length, contentRange string) string {
		t.Helper()
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(3 * time.Second))
		fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %s\r\n", wire.BlobPath("limits", hash), token, length)
		if contentRange != "" {
			fmt.Fprintf(c, "Content-Range: %s\r\n", contentRange)
		}
		fmt.Fprint(c, "\r\n")
		line := make([]byte, 64)
		n, err := io.ReadAtLeast(c, line, 12)
		if err != nil {
			t.Fatalf("%q: %v", line[:n], err)
		}
		return string(line[9:12])
	}
	for name, test := range map[string][]string{
		"too large":     {hash, token, "104857601", "", "413"},
		"huge":          {hash, token, "9", "bytes 0-8/99999999999999", "400"},
		"huge whole":    {hash, token, "99999999999999", "bytes 0-99999999999998/99999999999999", "413"},
		"no hash":       {strings.Repeat("z", 64), token, "5", "", "400"},
		"no token":      {hash, "none", "5", "", "401"},
		"wrong offset":  {hash, token, "5", "bytes 5-9/10", "409"},
		"not to an end": {hash, token, "5", "bytes 0-4/10", "400"},
		"nonsense":      {hash, token, "5", "bytes a-b/c", "400"},
	} {
		if got := try(test[0], test[1], test[2], test[3]); got != test[4] {
			t.Errorf("%s: %s, want %s", name, got, test[4])
		}
	}
}

func TestUploadGoesOnWhereItBroke(t *testing.T) {
	token := filesToken(t, "resume", "ann")
	data, hash := content(900_000)
	c, err := net.Dial("tcp", shared.Address())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n", wire.BlobPath("resume", hash), token, len(data))
	if _, err := c.Write(data[:400_000]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	wantStatus(t, "a second upload of the same", ask(t, "PUT", "resume", hash, token, bytes.NewReader(data)), http.StatusConflict)
	c.Close()
	offset := ""
	for end := time.Now().Add(3 * time.Second); offset != "400000" && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		offset = ask(t, "HEAD", "resume", hash, token, nil).Header.Get(wire.HeaderUploadOffset)
	}
	if offset != "400000" {
		t.Fatalf("offset %s", offset)
	}
	var r *http.Response
	for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r = ask(t, "PUT", "resume", hash, token, bytes.NewReader(data[400_000:]), "Content-Range", fmt.Sprintf("bytes 400000-%d/%d", len(data)-1, len(data)))
		if r.StatusCode != http.StatusConflict { // until the server noticed the break
			break
		}
	}
	wantStatus(t, "the rest", r, http.StatusCreated)
	got, err := io.ReadAll(ask(t, "GET", "resume", hash, token, nil).Body)
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	_, other := content(900_001)
	wantStatus(t, "a wrong hash", ask(t, "PUT", "resume", other, token, bytes.NewReader(data)), http.StatusUnprocessableEntity)
	if got := ask(t, "HEAD", "resume", other, token, nil).Header.Get(wire.HeaderUploadOffset); got != "0" {
		t.Errorf("what was wrong is kept: %s", got)
	}
}

func TestUploadsHaveAnAllowance(t *testing.T) {
	now := time.Now()
	own := newOwnQuotas()
	own.now = func() time.Time { return now }
	f := &files{limits: Limits{UploadsPerMinute: 3, UploadBytes: 1000}, allowances: own}
	allow := func(user string, bytes int64) time.Duration { return f.allow(t.Context(), user, bytes) }
	for i := range 3 {
		if wait := allow("ann", 100); wait != 0 {
			t.Errorf("upload %d waits %v", i, wait)
		}
	}
	if wait := allow("ann", 100); wait <= 0 || wait > 21*time.Second {
		t.Errorf("the fourth waits %v", wait)
	}
	if wait := allow("bob", 900); wait != 0 {
		t.Errorf("another waits %v", wait)
	}
	if wait := allow("bob", 900); wait < 4*time.Minute {
		t.Errorf("900 bytes more wait %v", wait)
	}
	if wait := allow("bob", 2000); wait != uploadBytesOver {
		t.Errorf("more than there ever is waits %v", wait)
	}
	now = now.Add(20 * time.Second)
	if wait := allow("ann", 100); wait != 0 {
		t.Errorf("a third of a minute later waits %v", wait)
	}
}

func TestAttachmentsThatNoMessageNeedsAreCollected(t *testing.T) {
	const room = "collect"
	_, js, response, _ := chatAs(t, room, "ann")
	_, evil, _, _ := chatAs(t, room, "eve")
	token := response.Files.Token
	send := func(js jetstream.JetStream, user, header, value string) string {
		t.Helper()
		id := ulid.Make().String()
		m := &nats.Msg{Subject: wire.ChatSubject(room, user), Data: []byte("{}"), Header: nats.Header{header: {value}}}
		if _, err := js.PublishMsg(t.Context(), m, jetstream.WithMsgID(id)); err != nil {
			t.Fatal(err)
		}
		return id
	}
	var hashes []string
	for i := range 4 {
		data, hash := content(1000 + i)
		wantStatus(t, "put", ask(t, "PUT", room, hash, token, bytes.NewReader(data)), http.StatusCreated)
		hashes = append(hashes, hash)
	}
	send(js, "ann", wire.HeaderFile, hashes[0])            // needed
	deleted := send(js, "ann", wire.HeaderFile, hashes[1]) // deleted
	kept := send(js, "ann", wire.HeaderFile, hashes[2])    // deleted by somebody else: needed
	send(js, "ann", wire.HeaderDeletes, deleted)           //
	send(evil, "eve", wire.HeaderDeletes, kept)            // hashes[3]: no message at all
	if n, err := local(t).blobs.collect(context.Background(), time.Hour, time.Now()); err != nil || n != 0 {
		t.Errorf("young ones: %d, %v", n, err)
	}
	n, err := local(t).blobs.collectRoom(context.Background(), wire.SubjectToken(room), time.Hour, time.Now().Add(2*time.Hour))
	if err != nil || n != 2 {
		t.Errorf("%d removed, %v", n, err)
	}
	for i, want := range []int{200, 404, 200, 404} {
		wantStatus(t, fmt.Sprint("attachment ", i), ask(t, "GET", room, hashes[i], token, nil), want)
	}
	// What was collected can come again.
	data, hash := content(1001)
	wantStatus(t, "again", ask(t, "PUT", room, hash, token, bytes.NewReader(data)), http.StatusCreated)
}

func FuzzRanges(f *testing.F) {
	f.Add("bytes=1-5", int64(10))
	f.Add("bytes 1-9/10", int64(9))
	f.Fuzz(func(t *testing.T, header string, n int64) {
		size := n & (1<<40 - 1)
		if from, to, _, ok := parseRange(header, size); ok && (from < 0 || to > size || from > to) {
			t.Errorf("range %q of %d: %d to %d", header, size, from, to)
		}
		if p, err := parsePart(header, n); err == nil && (p.offset < 0 || p.total < p.offset || n >= 0 && header != "" && p.total-p.offset != max(n, 0)) {
			t.Errorf("part %q of %d: %+v", header, n, p)
		}
	})
}

func TestJoinNamesTheLimits(t *testing.T) {
	r, _ := request(t, "limits", "ann")
	response, _, _ := join(t, r)
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(response.Limits); err != nil || response.Limits.MessagesPerMinute != wire.MessagesAMinute {
		t.Errorf("%s %v", out.String(), err)
	}
}
