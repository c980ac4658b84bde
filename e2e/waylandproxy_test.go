package e2e

import (
	le "encoding/binary"
	"net"
	"strings"
	"sync"
)

// screencopy is the interface that the portal of wlroots takes its pictures by.
const screencopy = "zwlr_screencopy_manager_v1\x00"

// shmProxy stands between a compositor and the portal of wlroots. That portal shares
// nothing where the compositor offers no memory of a graphics card (its issue 289),
// though it would take plain memory in the end. So it is told of such an offer.
type shmProxy struct {
	mu      sync.Mutex
	manager uint32            // the screencopy manager's object
	frames  map[uint32][]byte // objects of screencopy frames, with format, width and height
}

// serveShm serves clients until the listener is closed.
func serveShm(listener *net.UnixListener, compositor string) {
	for {
		client, err := listener.AcceptUnix()
		if err != nil {
			return
		}
		server, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: compositor, Net: "unix"})
		if err != nil {
			_ = client.Close()
			return
		}
		p := &shmProxy{frames: map[uint32][]byte{}}
		go pass(server, client, p.request)
		go pass(client, server, p.event)
	}
}

// pass hands on whole messages, with the files that come along. What before returns
// goes ahead of a message.
func pass(dst, src *net.UnixConn, before func(object uint32, opcode uint16, body []byte) []byte) {
	defer dst.Close()
	defer src.Close()
	var pending, out []byte
	data, control := make([]byte, 1<<16), make([]byte, 1<<12)
	for {
		n, controls, _, _, err := src.ReadMsgUnix(data, control)
		if err != nil || n == 0 {
			return
		}
		pending, out = append(pending, data[:n]...), out[:0]
		for len(pending) >= 8 {
			object, word := le.NativeEndian.Uint32(pending), le.NativeEndian.Uint32(pending[4:])
			size := int(word >> 16)
			if size < 8 || size > len(pending) {
				break
			}
			out = append(out, before(object, uint16(word), pending[8:size])...)
			out = append(out, pending[:size]...)
			pending = pending[size:]
		}
		if len(out) == 0 && controls == 0 {
			continue
		}
		if _, _, err := dst.WriteMsgUnix(out, control[:controls], nil); err != nil {
			return
		}
	}
}

// request notes the objects that the client makes.
func (p *shmProxy) request(object uint32, opcode uint16, body []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(body) > 4 && strings.Contains(string(body), screencopy): // wl_registry.bind
		p.manager = le.NativeEndian.Uint32(body[len(body)-4:])
	case object == p.manager && object != 0 && opcode < 2 && len(body) >= 4: // capture
		p.frames[le.NativeEndian.Uint32(body)] = nil
	}
	return nil
}

// event puts the offer before the end of the offers.
func (p *shmProxy) event(object uint32, opcode uint16, body []byte) []byte {
	const buffer, linuxDmabuf, bufferDone = 0, 5, 6
	p.mu.Lock()
	defer p.mu.Unlock()
	offer, ok := p.frames[object]
	switch {
	case ok && opcode == buffer && len(body) >= 12:
		p.frames[object] = append([]byte(nil), body[:12]...)
	case ok && opcode == bufferDone && offer != nil:
		delete(p.frames, object)
		message := le.NativeEndian.AppendUint32(nil, object)
		message = le.NativeEndian.AppendUint32(message, uint32(8+len(offer))<<16|linuxDmabuf)
		// The format's name differs: XR24, not the 1 of wl_shm.
		message = append(message, "XR24"...)
		return append(message, offer[4:]...)
	}
	return nil
}
