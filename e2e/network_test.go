package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// mediaBack is how soon sound and picture have to be there both ways, once the
// network is.
const mediaBack = 3 * time.Second

// call is two people in a room, on hosts of their own. Ann's host is the one
// that things happen to. Bob records what he gets.
type call struct {
	*network
	server, ann, bob *process
	recorded         string
	texts            int
}

func newCall(t *testing.T) *call {
	t.Helper()
	t.Parallel()
	c := &call{network: newNetwork(t), recorded: t.TempDir()}
	c.server = c.network.serve()
	c.ann = c.peer("ann", "--video", "synthetic:ann", "--audio", "synthetic:ann")
	c.ann.wait("publisher_state", is("state", "publishing"))
	c.bob = c.peer("bob", "--video", "synthetic:bob", "--audio", "synthetic:bob", "--record", c.recorded)
	c.flows(time.Now(), 15*time.Second)
	return c
}

// flows waits for pictures and sound both ways, and tells how long after a
// moment they were there.
func (c *call) flows(moment time.Time, limit time.Duration) time.Duration {
	c.t.Helper()
	return max(c.flow(c.bob, "ann", moment, limit), c.flow(c.ann, "bob", moment, limit))
}

// sums are a stream's counters in a statistics line; the sound's without what
// was made up for lost packets.
func sums(line map[string]any, stream string) (frames, sound float64) {
	list, _ := line["play"].([]any)
	for _, play := range list {
		if at(play, "stream_id") == stream {
			return number(play, "video", "frames"), number(play, "audio", "played_ms") - number(play, "audio", "concealed_ms")
		}
	}
	return 0, 0
}

// rate is of the synthetic camera, in pictures a second.
const rate = 30

// flow waits for a stream at one end. Statistics come once a second: how much
// there is in the first line that has some tells when it began.
func (c *call) flow(p *process, stream string, moment time.Time, limit time.Duration) time.Duration {
	c.t.Helper()
	rise := func(now, before float64) float64 {
		if now < before {
			return now // of a new track
		}
		return now - before
	}
	for end := moment.Add(limit); ; time.Sleep(20 * time.Millisecond) {
		var frames, sound float64
		var pictures, tones time.Time
		for _, line := range p.since(moment.Add(-1500 * time.Millisecond)) {
			if line["event"] != "stats" {
				continue
			}
			f, s := sums(line, stream)
			newFrames, newSound := rise(f, frames), rise(s, sound)
			frames, sound = f, s
			if !arrived(line).After(moment) {
				continue
			}
			begin := func(at *time.Time, share float64) {
				switch {
				case share <= 0:
					*at = time.Time{}
				case at.IsZero():
					*at = arrived(line).Add(-time.Duration(min(share, 1) * float64(time.Second)))
				}
			}
			begin(&pictures, newFrames/rate)
			begin(&tones, newSound/1000)
		}
		if !pictures.IsZero() && !tones.IsZero() {
			return max(pictures.Sub(moment), tones.Sub(moment), 0)
		}
		if time.Now().After(end) {
			c.t.Fatalf("%s gets no picture and sound of %s within %v (pictures %v, sound %v)", p.name, stream, limit, pictures, tones)
		}
	}
}

// texts has both write while they are apart.
func (c *call) write() {
	c.t.Helper()
	c.texts++
	c.ann.say(fmt.Sprintf("/text ann %d", c.texts))
	c.bob.say(fmt.Sprintf("/text bob %d", c.texts))
}

// delivered waits for all that was written, and checks that each text arrived
// once and in order.
func (c *call) delivered(limit time.Duration) {
	c.t.Helper()
	for _, way := range []struct{ from, to *process }{{c.ann, c.bob}, {c.bob, c.ann}} {
		var want []string
		for i := range c.texts {
			want = append(want, fmt.Sprint(way.from.name, " ", i+1))
		}
		last := want[len(want)-1]
		way.to.after(time.Now().Add(-time.Hour), limit, "message", func(line map[string]any) bool { return at(line, "envelope", "text") == last })
		way.from.after(time.Now().Add(-time.Hour), limit, "message", func(line map[string]any) bool {
			return at(line, "envelope", "text") == last && line["status"] == "stored"
		})
		var got []string
		ids := make(map[any]bool)
		for _, line := range way.to.since(time.Time{}) {
			if id := at(line, "envelope", "id"); line["event"] == "message" && line["own"] == false && at(line, "envelope", "kind") == "text" && !ids[id] {
				ids[id] = true
				text, _ := at(line, "envelope", "text").(string)
				got = append(got, text)
			}
		}
		if !slices.Equal(got, want) {
			c.t.Errorf("%s got %q, not %q", way.to.name, got, want)
		}
	}
}

// reconnected checks the room states of a peer since a moment: tries that are
// counted and have a time, and then the room.
func (c *call) reconnected(p *process, moment time.Time) {
	c.t.Helper()
	p.after(moment, 10*time.Second, "room_state", is("reason", "reconnected"))
	attempt := 0.0
	var reasons []any
	for _, line := range p.since(moment) {
		if line["event"] != "room_state" {
			continue
		}
		reasons = append(reasons, line["reason"])
		switch line["reason"] {
		case "reconnecting":
			if number(line, "attempt") != attempt+1 || line["state"] != "connecting" || line["next_try"] == nil {
				c.t.Errorf("%s: after try %v: %v", p.name, attempt, line)
			}
			attempt = number(line, "attempt")
		case "reconnected":
			if attempt == 0 || line["state"] != "connected" {
				c.t.Errorf("%s: after try %v: %v", p.name, attempt, line)
			}
			attempt = 0
		default:
			c.t.Errorf("%s: %v", p.name, line)
		}
	}
	c.t.Logf("%s: %v", p.name, reasons)
	if attempt != 0 {
		c.t.Errorf("%s is not connected", p.name)
	}
}

// orderly checks that no event of a peer came before what it builds on, and
// that its stream was never another one.
func (c *call) orderly(p *process) {
	c.t.Helper()
	users, streams, connected := make(map[any]bool), make(map[any]bool), false
	each := func(line map[string]any, key, id string, do func(any)) {
		list, _ := line[key].([]any)
		for _, entry := range list {
			do(at(entry, id))
		}
	}
	set := func(known map[any]bool, line map[string]any, key, id string, to bool) {
		each(line, key, id, func(what any) {
			if known[what] == to {
				c.t.Errorf("%s: %v is %s twice: %v", p.name, what, key, line)
			}
			known[what] = to
		})
	}
	for _, line := range p.since(time.Time{}) {
		switch line["event"] {
		case "users":
			set(users, line, "added", "user_id", true)
			set(users, line, "removed", "user_id", false)
		case "streams":
			if !connected {
				c.t.Errorf("%s: streams while not connected: %v", p.name, line)
			}
			each(line, "added", "user_id", func(user any) {
				if !users[user] {
					c.t.Errorf("%s: a stream before its user: %v", p.name, line)
				}
			})
			set(streams, line, "added", "stream_id", true)
			set(streams, line, "removed", "stream_id", false)
			each(line, "updated", "stream_id", func(id any) {
				if !streams[id] {
					c.t.Errorf("%s: an update of an unknown stream: %v", p.name, line)
				}
			})
		case "room_state":
			connected = line["state"] == "connected"
		case "publisher_state":
			if id := line["stream_id"]; id != p.name && id != "" {
				c.t.Errorf("%s publishes %v", p.name, id)
			}
		case "error":
			c.t.Errorf("%s: %v", p.name, line)
		}
	}
}

// check is what holds after everything that can happen to a network.
func (c *call) check(back time.Time) {
	c.t.Helper()
	took := c.flows(back, 20*time.Second)
	c.t.Logf("picture and sound both ways %v after the network", took.Round(10*time.Millisecond))
	if took > mediaBack {
		c.t.Errorf("picture and sound took %v", took)
	}
	c.delivered(10 * time.Second)
	c.orderly(c.ann)
	c.orderly(c.bob)
}

// sound counts the packets of ann's sound that bob got. What the media engine
// puts in the place of a muted sound, to keep decoders content, is none of hers.
func (c *call) sound() (packets int) {
	c.t.Helper()
	filler := []byte{0xf8, 0xff, 0xfe} // and zeros: an Opus frame of silence
	data, err := os.ReadFile(filepath.Join(c.recorded, "ann.ogg"))
	if err != nil {
		c.t.Fatal(err)
	}
	// An Ogg page has a header of 27 bytes with the number of segments last,
	// the segments' lengths, and here one packet (RFC 3533, section 6).
	for len(data) > 27 && len(data) > 27+int(data[26]) {
		segments := data[27 : 27+int(data[26])]
		length := 0
		for _, n := range segments {
			length += int(n)
		}
		data = data[27+len(segments):]
		packet := data[:min(length, len(data))]
		if !bytes.HasPrefix(packet, []byte("Opus")) && (!bytes.HasPrefix(packet, filler) || len(bytes.Trim(packet[len(filler):], "\x00")) > 0) {
			packets++
		}
		data = data[len(packet):]
	}
	return packets
}

// away takes ann from the network for a while.
func (c *call) away(o outage, length time.Duration) (gone, back time.Time) {
	c.t.Helper()
	gone = time.Now()
	o.gone(c.network, "ann")
	time.Sleep(min(length/2, 5*time.Second))
	c.write()
	time.Sleep(time.Until(gone.Add(length)))
	back = time.Now()
	o.back(c.network, "ann")
	return gone, back
}

// TestNetworkGoneBriefly cuts the line for three seconds: the call is the same
// one after it.
func TestNetworkGoneBriefly(t *testing.T) {
	c := newCall(t)
	c.write()
	for _, o := range []outage{swallowed, unplugged} {
		_, back := c.away(o, 3*time.Second)
		c.check(back)
	}
}

// TestNetworkGone cuts the line for half a minute, in both ways.
func TestNetworkGone(t *testing.T) {
	c := newCall(t)
	for _, o := range []outage{swallowed, unplugged} {
		gone, back := c.away(o, 30*time.Second)
		c.check(back)
		c.reconnected(c.ann, gone)
		state := c.ann.after(gone, time.Second, "room_state", is("reason", "reconnecting"))
		noticed := arrived(state).Sub(gone)
		t.Logf("noticed after %v", noticed.Round(10*time.Millisecond))
		if noticed > 5*time.Second {
			t.Errorf("the user is told after %v only", noticed)
		}
	}
}

// TestNetworkGoneForLong cuts the line for five minutes.
func TestNetworkGoneForLong(t *testing.T) {
	c := newCall(t)
	gone, back := c.away(swallowed, 5*time.Minute)
	c.check(back)
	c.reconnected(c.ann, gone)
}

// TestServerRestarted kills the server, and starts it again.
func TestServerRestarted(t *testing.T) {
	c := newCall(t)
	c.write()
	gone := time.Now()
	c.server.kill()
	c.write()
	time.Sleep(3 * time.Second)
	c.server = c.network.serve()
	c.check(time.Now())
	c.reconnected(c.ann, gone)
	c.reconnected(c.bob, gone)
}

// TestServerMoved gives the server another address.
func TestServerMoved(t *testing.T) {
	const newIP = subnet + "2"
	c := newCall(t)
	c.write()
	gone := time.Now()
	c.server.kill()
	c.ip("-n", c.space("server"), "addr", "del", serverIP+"/24", "dev", "eth0")
	c.ip("-n", c.space("server"), "addr", "add", newIP+"/24", "dev", "eth0")
	for _, host := range []string{"ann", "bob"} {
		c.resolve(host, newIP)
	}
	c.write()
	time.Sleep(5 * time.Second) // names are kept for as long
	c.server = c.network.serve()
	c.check(time.Now())
	c.reconnected(c.ann, gone)
	c.reconnected(c.bob, gone)
}

// TestAddressChanged gives ann's computer another address.
func TestAddressChanged(t *testing.T) {
	c := newCall(t)
	c.write()
	gone := time.Now()
	c.ip("-n", c.space("ann"), "addr", "flush", "dev", "eth0")
	c.ip("-n", c.space("ann"), "addr", "add", subnet+"99/24", "dev", "eth0")
	back := time.Now()
	c.write()
	c.check(back)
	c.reconnected(c.ann, gone)
}

// TestAsleep stops ann's program as a lid does.
func TestAsleep(t *testing.T) {
	c := newCall(t)
	gone := time.Now()
	if err := c.ann.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	c.write()
	time.Sleep(40 * time.Second)
	back := time.Now()
	if err := c.ann.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.check(back)
	c.reconnected(c.ann, gone)
}

// TestMutedStaysMuted has no sound leave while the microphone is muted, over
// two reconnections, and sound again when it is not.
func TestMutedStaysMuted(t *testing.T) {
	c := newCall(t)
	c.ann.say("/mute")
	c.bob.wait("streams", func(line map[string]any) bool { return at(line, "updated", 0, "audio_muted") == true })
	time.Sleep(500 * time.Millisecond) // what was under way
	before := c.sound()
	if before < 20 {
		t.Errorf("bob got %d packets of sound", before)
	}
	gone := time.Now()
	swallowed.gone(c.network, "ann")
	time.Sleep(8 * time.Second)
	swallowed.back(c.network, "ann")
	c.reconnected(c.ann, gone)
	time.Sleep(3 * time.Second)
	gone = time.Now()
	c.ip("-n", c.space("ann"), "addr", "flush", "dev", "eth0")
	c.ip("-n", c.space("ann"), "addr", "add", subnet+"99/24", "dev", "eth0")
	c.reconnected(c.ann, gone)
	time.Sleep(3 * time.Second)
	if after := c.sound(); after != before {
		t.Errorf("%d packets of sound got out", after-before)
	}
	muted := func() (muted any) {
		for _, line := range c.bob.since(time.Time{}) {
			for _, key := range []string{"added", "updated"} {
				if line["event"] == "streams" && at(line, key, 0, "stream_id") == "ann" {
					muted = at(line, key, 0, "audio_muted")
				}
			}
		}
		return muted
	}
	if muted() != true {
		t.Error("bob does not see that ann is muted")
	}
	c.ann.say("/unmute")
	for end := time.Now().Add(5 * time.Second); muted() != false || c.sound() < before+20; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("ann is still muted")
		}
	}
	c.orderly(c.ann)
	c.orderly(c.bob)
}
