package e2e

import (
	"bufio"
	"crypto/sha256"
	"database/sql"
	le "encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/e2e/line"
	"parley/session/chat"
)

// soak is a room whose server and people are killed over and over.
type soak struct {
	t      *testing.T
	args   []string // of the server, with the ports that it got
	server *exec.Cmd
	people []*soakPerson
	media  string        // a folder with pictures, sounds and files
	calm   chan struct{} // closed when nobody is killed any more
	disk   bool          // one was filled
}

// soakPerson is a peer, over all of its lives.
type soakPerson struct {
	s    *soak
	name string
	data string
	line *line.Line

	mu     sync.Mutex
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{}
	joined bool
	lives  int
	shown  map[string]bool // own messages that the window showed as queued or further
	known  []string        // IDs, own and others'
	stored []string        // own ones, from the server
	quiet  time.Time       // the last time that something came
	errors map[string]int
}

func environmentNumber(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestNoMessageIsLostOrDoubled kills clients and the server, cuts lines and
// fills a disk while people send messages of all kinds. PARLEY_SOAK_SEED
// replays the choices of a run; PARLEY_SOAK_KILLS and PARLEY_SOAK_MESSAGES
// change its size.
func TestNoMessageIsLostOrDoubled(t *testing.T) {
	seed := environmentNumber("PARLEY_SOAK_SEED", int(time.Now().UnixNano()%1_000_000))
	kills := environmentNumber("PARLEY_SOAK_KILLS", 200)
	messages := environmentNumber("PARLEY_SOAK_MESSAGES", 20_000)
	t.Logf("PARLEY_SOAK_SEED=%d PARLEY_SOAK_KILLS=%d PARLEY_SOAK_MESSAGES=%d", seed, kills, messages)
	s := newSoak(t)
	s.meet()
	began := time.Now()
	stop := make(chan struct{})
	var talking sync.WaitGroup
	for i, p := range s.people {
		choice := rand.New(rand.NewPCG(uint64(seed), uint64(i+1)))
		talking.Go(func() { p.talk(choice, messages/len(s.people), stop) })
	}
	s.torment(rand.New(rand.NewPCG(uint64(seed), 0)), kills)
	close(s.calm)
	t.Logf("%d kills took %v", kills, time.Since(began).Round(time.Second))
	finished := make(chan struct{})
	go func() { talking.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(5 * time.Minute):
		close(stop)
		<-finished
		t.Error("not everything was said")
	}
	t.Logf("all said after %v", time.Since(began).Round(time.Second))
	s.settle()
	s.compare(messages)
}

func newSoak(t *testing.T) *soak {
	s := &soak{t: t, media: t.TempDir(), calm: make(chan struct{})}
	s.fillMedia()
	data := t.TempDir()
	config := filepath.Join(t.TempDir(), "server.yaml")
	if err := os.WriteFile(config, []byte("limits:\n  messages_per_minute: 1000000\n  uploads_per_minute: 100000\n  upload_bytes: 100000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{"serve", "--hosted", "--open", "--config", config, "--data", data}
	ready := s.serve("127.0.0.1:0", 0, 0)
	address, _ := ready["address"].(string)
	s.args = append(s.args, "--listen", address, "--udp-port", fmt.Sprint(number(ready, "udp_port")), "--tcp-port", fmt.Sprint(number(ready, "tcp_port")))
	t.Cleanup(func() {
		_ = s.server.Process.Kill()
		_ = s.server.Wait()
	})
	for i := range 5 {
		l, err := line.New(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(l.Close)
		p := &soakPerson{s: s, name: fmt.Sprint("p", i+1), data: t.TempDir(), line: l, shown: make(map[string]bool), errors: make(map[string]int)}
		s.people = append(s.people, p)
	}
	return s
}

// serve starts the server; a port of 0 is for the first time.
func (s *soak) serve(ports ...any) map[string]any {
	s.t.Helper()
	args := s.args
	if len(ports) > 0 {
		args = append(slices.Clone(args), "--listen", fmt.Sprint(ports[0]), "--udp-port", fmt.Sprint(ports[1]), "--tcp-port", fmt.Sprint(ports[2]))
	}
	for try := 0; ; try++ {
		s.server = exec.Command(binary, args...)
		// It ends with its standard input.
		stdin, err := s.server.StdinPipe()
		if err != nil {
			s.t.Fatal(err)
		}
		_ = stdin
		out, err := s.server.StdoutPipe()
		if err != nil {
			s.t.Fatal(err)
		}
		s.server.Stderr = os.Stderr
		if err := s.server.Start(); err != nil {
			s.t.Fatal(err)
		}
		ready := make(map[string]any)
		if err := json.NewDecoder(out).Decode(&ready); err == nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return ready
		}
		_ = s.server.Wait()
		if try == 20 {
			s.t.Fatal("the server does not start again")
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (s *soak) fillMedia() {
	content := rand.NewChaCha8([32]byte{1})
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(s.media, name), data, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := range 6 {
		img := image.NewRGBA(image.Rect(0, 0, 60+i, 40))
		for j := range 60 {
			img.Set(j, 20, color.RGBA{byte(40 * i), byte(4 * j), 0, 255})
		}
		file, err := os.Create(filepath.Join(s.media, fmt.Sprintf("picture%d.png", i)))
		if err != nil {
			s.t.Fatal(err)
		}
		if err := png.Encode(file, img); err != nil {
			s.t.Fatal(err)
		}
		file.Close()
		data := make([]byte, 1000+i*60_000)
		_, _ = content.Read(data)
		write(fmt.Sprintf("file%d.bin", i), data)
		sound := make([]byte, 48_000/5*2)
		for j := 0; j < len(sound); j += 2 {
			le.LittleEndian.PutUint16(sound[j:], uint16(int16(8000*((j/2/(20+i))%2))))
		}
		head := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"), 0x80, 0xBB, 0, 0, 0, 0x77, 1, 0, 2, 0, 16, 0)
		head = append(head, "data"...)
		write(fmt.Sprintf("sound%d.wav", i), append(le.LittleEndian.AppendUint32(head, uint32(len(sound))), sound...))
	}
}

// meet brings everybody in before the first word: who comes later would see
// the newest page only.
func (s *soak) meet() {
	for _, p := range s.people {
		p.start()
	}
	for _, p := range s.people {
		p.until("is in the room", func() bool { return p.joined })
	}
	s.people[0].say("/text hello everybody")
	for _, p := range s.people {
		p.until("sees the first message", func() bool { return len(p.known) > 0 })
	}
}

func (p *soakPerson) until(what string, done func() bool) {
	p.s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		ok := done()
		p.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			p.s.t.Fatalf("%s never %s: %v", p.name, what, p.errors)
		}
	}
}

func (p *soakPerson) start() {
	cmd := exec.Command(binary, "peer", "--server", p.line.Address(), "--room", "soak", "--name", p.name, "--data", p.data, "--video", "none", "--audio", "none")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		p.s.t.Error(err)
		return
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.s.t.Error(err)
		return
	}
	if err := cmd.Start(); err != nil {
		p.s.t.Error(err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.stdin, p.ended, p.joined = cmd, stdin, make(chan struct{}), false
	p.lives++
	p.quiet = time.Now()
	go p.listen(bufio.NewScanner(out), cmd, p.ended)
}

func (p *soakPerson) listen(lines *bufio.Scanner, cmd *exec.Cmd, ended chan struct{}) {
	defer close(ended)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Event, State, Error, Status string
			Own                         bool
			Envelope                    struct{ ID string }
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue // the last line of one that was killed
		}
		p.mu.Lock()
		switch e.Event {
		case "room_state":
			p.joined = p.joined || e.State == "connected"
		case "error":
			p.errors[e.Error]++
		case "message":
			p.quiet = time.Now()
			id := e.Envelope.ID
			if !e.Own || !p.shown[id] {
				p.known = append(p.known, id)
			}
			if e.Own {
				p.shown[id] = true
				if e.Status == "stored" {
					p.stored = append(p.stored, id)
				}
				if e.Status == "failed" {
					p.errors["a message failed"]++
				}
			}
		case "history":
			p.quiet = time.Now()
		}
		p.mu.Unlock()
	}
	_ = cmd.Wait()
}

// kill ends the process and starts it anew, until it is in the room.
func (p *soakPerson) kill() {
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.mu.Unlock()
	_ = cmd.Process.Kill()
	<-ended
	p.start()
}

// keep starts a process anew that could not join: the server was not there.
func (p *soakPerson) keep() {
	p.mu.Lock()
	ended := p.ended
	p.mu.Unlock()
	select {
	case <-ended:
		p.start()
	default:
	}
}

// say writes a command, and reports whether somebody was there to read it.
func (p *soakPerson) say(command string) bool {
	p.mu.Lock()
	stdin, joined := p.stdin, p.joined
	p.mu.Unlock()
	if !joined {
		return false
	}
	_, err := io.WriteString(stdin, command+"\n")
	return err == nil
}

// talk says n things of all kinds.
func (p *soakPerson) talk(choice *rand.Rand, n int, stop <-chan struct{}) {
	for {
		p.mu.Lock()
		said := len(p.shown)
		target, own := "", ""
		if len(p.known) > 0 {
			target = p.known[len(p.known)-1-choice.IntN(min(len(p.known), 50))]
		}
		if len(p.stored) > 0 {
			own = p.stored[len(p.stored)-1-choice.IntN(min(len(p.stored), 50))]
		}
		p.mu.Unlock()
		if said >= n {
			select {
			case <-p.s.calm:
				return
			default:
			}
		}
		command := fmt.Sprintf("/text %s says %d 第%d条 %s", p.name, said, said, strings.Repeat("x", choice.IntN(200)))
		switch k := choice.IntN(100); {
		case k < 5 && target != "":
			command = "/reply " + target + " I think so too"
		case k < 12 && target != "":
			command = "/react " + target + " " + []string{"👍", "❤️", "😂"}[choice.IntN(3)]
		case k < 16 && own != "":
			command = "/edit " + own + " better words " + fmt.Sprint(said)
		case k < 18 && own != "":
			command = "/delete " + own
		case k < 21:
			command = "/image " + filepath.Join(p.s.media, fmt.Sprintf("picture%d.png", choice.IntN(6)))
		case k < 23:
			command = "/voice " + filepath.Join(p.s.media, fmt.Sprintf("sound%d.wav", choice.IntN(6)))
		case k < 25:
			command = "/file " + filepath.Join(p.s.media, fmt.Sprintf("file%d.bin", choice.IntN(6)))
		case k < 28 && target != "":
			command = "/read " + target
		}
		if !p.say(command) {
			time.Sleep(20 * time.Millisecond)
		}
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(choice.IntN(50)) * time.Millisecond):
		}
	}
}

// torment kills, cuts, and once fills a disk.
func (s *soak) torment(choice *rand.Rand, kills int) {
	for done := 0; done < kills; {
		time.Sleep(time.Duration(choice.IntN(800)) * time.Millisecond)
		victim := s.people[choice.IntN(len(s.people))]
		switch k := choice.IntN(100); {
		case k < 15:
			_ = s.server.Process.Kill()
			_ = s.server.Wait()
			time.Sleep(time.Duration(choice.IntN(300)) * time.Millisecond)
			s.serve()
			done++
		case k < 80:
			victim.kill()
			done++
		default:
			victim.line.Cut(true)
			time.Sleep(time.Duration(choice.IntN(1000)) * time.Millisecond)
			victim.line.Cut(false)
		}
		for _, p := range s.people {
			p.keep()
		}
		if done == kills/2 {
			s.fillDisk()
			done++
		}
	}
}

// fillDisk lets the first one's messages meet a disk that is full, where the
// system lets us make one.
func (s *soak) fillDisk() {
	p := s.people[0]
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.mu.Unlock()
	_ = cmd.Process.Kill()
	<-ended
	small := s.t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=512m"); err != nil {
		s.t.Logf("no small disk can be made here: %v", err)
		p.start()
		return
	}
	s.t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
	// The folder moves there, as a person would move it, and stays.
	if err := os.CopyFS(filepath.Join(small, "data"), os.DirFS(p.data)); err != nil {
		s.t.Fatal(err)
	}
	p.data = filepath.Join(small, "data")
	p.start()
	p.until("is in the room", func() bool { return p.joined })
	filler, err := os.Create(filepath.Join(small, "filler"))
	if err != nil {
		s.t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for err == nil {
		_, err = filler.Write(block)
	}
	filler.Close()
	time.Sleep(3 * time.Second)
	s.disk = true
	if err := os.Remove(filler.Name()); err != nil {
		s.t.Fatal(err)
	}
}

// settle lets what is under way arrive, and ends everybody in order.
func (s *soak) settle() {
	for _, p := range s.people {
		p.kill()
	}
	for _, p := range s.people {
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			p.keep()
			p.mu.Lock()
			joined := p.joined
			p.mu.Unlock()
			if joined {
				break
			}
		}
	}
	began := time.Now()
	for end := began.Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		quiet := true
		for _, p := range s.people {
			p.mu.Lock()
			quiet = quiet && time.Since(p.quiet) > 4*time.Second
			p.mu.Unlock()
		}
		if quiet && s.whole() {
			break
		}
	}
	s.t.Logf("settled after %v", time.Since(began).Round(time.Second))
	for _, p := range s.people {
		p.mu.Lock()
		cmd, ended := p.cmd, p.ended
		p.mu.Unlock()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			s.t.Errorf("%s does not end", p.name)
			_ = cmd.Process.Kill()
			<-ended
		}
	}
}

// whole reports whether everybody has all of the room: one that brings a long
// range says nothing of it before it is there.
func (s *soak) whole() bool {
	newest := make(map[int64]bool)
	for _, p := range s.people {
		last, ok := p.upTo()
		if !ok {
			return false
		}
		newest[last] = true
	}
	return len(newest) == 1
}

// upTo gives the newest sequence in a person's store; ok is false while others
// before it are missing.
func (p *soakPerson) upTo() (last int64, ok bool) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(p.data, "history", "messages.db")+"?mode=ro")
	if err != nil {
		p.s.t.Fatal(err)
	}
	defer db.Close()
	var spans int
	if err := db.QueryRow("SELECT count(*), coalesce(max(last), 0) FROM spans").Scan(&spans, &last); err != nil {
		p.s.t.Fatal(err)
	}
	return last, spans == 1
}

// compare looks into all stores: each message that was shown is there, once,
// at the same place, and the attachments are what their names say.
func (s *soak) compare(messages int) {
	var first []chat.Record
	everywhere := make(map[string]bool)
	lives := 0
	for i, p := range s.people {
		records := p.records()
		lives += p.lives
		ids := make(map[string]bool, len(records))
		seqs := make(map[uint64]bool, len(records))
		for _, r := range records {
			id := recordID(r)
			if ids[id] || seqs[r.Seq] {
				s.t.Errorf("%s has %s twice", p.name, id)
			}
			ids[id], seqs[r.Seq] = true, true
			if r.Status != "stored" {
				s.t.Errorf("%s: %s is %s (%s)", p.name, id, r.Status, r.Reason)
			}
		}
		for id := range p.shown {
			everywhere[id] = true
		}
		if i == 0 {
			first = records
			continue
		}
		if len(records) != len(first) {
			s.t.Errorf("%s has %d rows, %s has %d", p.name, len(records), s.people[0].name, len(first))
		}
		for j := range min(len(records), len(first)) {
			if recordID(records[j]) != recordID(first[j]) || records[j].Seq != first[j].Seq || records[j].TimeMS != first[j].TimeMS {
				s.t.Errorf("row %d of %s is %s at %d, that of %s %s at %d", j, p.name, recordID(records[j]), records[j].Seq, s.people[0].name, recordID(first[j]), first[j].Seq)
				break
			}
		}
	}
	here := make(map[string]bool, len(first))
	for _, r := range first {
		here[recordID(r)] = true
	}
	lost := 0
	for id := range everywhere {
		if !here[id] {
			lost++
		}
	}
	if lost > 0 {
		s.t.Errorf("%d messages that were shown are lost", lost)
	}
	if len(everywhere) < messages {
		s.t.Errorf("%d messages were shown, of %d", len(everywhere), messages)
	}
	said := s.people[0].errors
	full := false
	for what := range said {
		full = full || strings.Contains(what, "the disk is full")
	}
	if s.disk && !full {
		s.t.Errorf("a full disk was not said: %v", said)
	}
	files := 0
	for _, p := range s.people {
		files += p.checkFiles()
	}
	s.t.Logf("%d messages, %d rows, %d files, %d lives of %d people", len(everywhere), len(first), files, lives, len(s.people))
}

func recordID(r chat.Record) string {
	var e struct{ ID string }
	_ = json.Unmarshal(r.Envelope, &e)
	return e.ID
}

func (p *soakPerson) records() []chat.Record {
	ctx := p.s.t.Context()
	store, err := chat.Open(ctx, filepath.Join(p.data, "history"))
	if err != nil {
		p.s.t.Fatal(err)
	}
	defer store.Close()
	if store.SetAside() != nil {
		p.s.t.Errorf("%s has a damaged store: %+v", p.name, store.SetAside())
	}
	rooms, err := store.Rooms(ctx)
	if err != nil || len(rooms) != 1 {
		entries, _ := os.ReadDir(p.data)
		p.s.t.Fatalf("%s has %d rooms, %v: %v", p.name, len(rooms), err, entries)
	}
	room, err := store.Room(ctx, rooms[0].Key())
	if err != nil {
		p.s.t.Fatal(err)
	}
	var (
		all  []chat.Record
		last chat.Record
	)
	for {
		page, err := room.Records(ctx, last, 1000)
		if err != nil {
			p.s.t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < 1000 {
			return all
		}
		last = page[len(page)-1]
	}
}

// checkFiles hashes the attachments, and gives their number.
func (p *soakPerson) checkFiles() int {
	found, err := filepath.Glob(filepath.Join(p.data, "history", "files", "??", "*"))
	if err != nil {
		p.s.t.Fatal(err)
	}
	for _, path := range found {
		data, err := os.ReadFile(path)
		if err != nil {
			p.s.t.Fatal(err)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != filepath.Base(path) {
			p.s.t.Errorf("%s: %s is not what its name says", p.name, path)
		}
	}
	return len(found)
}
