package crash

import (
	"fmt"
	"regexp"
	"strings"
)

// linesMost bounds a report: what crashed comes first.
const linesMost = 400

// What a trace may say. Everything else is left out: the value of a panic may be any
// text, and arguments may be anything.
var (
	goroutineLine = regexp.MustCompile(`^goroutine \d+(?: gp=0x[0-9a-f]+ m=(?:nil|\d+)(?: mp=0x[0-9a-f]+)?)? \[[A-Za-z0-9 ,()]{1,80}\]:$`)
	functionLine  = regexp.MustCompile(`^([A-Za-z0-9_./*\[\]()%·~,-]{1,200}?)\([^()]*\)$`)
	createdLine   = regexp.MustCompile(`^created by ([A-Za-z0-9_./*\[\]()%·~,-]{1,200})(?: in goroutine \d+)?$`)
	fileLine      = regexp.MustCompile(`^\t(?:.*[/\\])?([A-Za-z0-9_-]+\.(?:go|s|c|h):\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?$`)
	causeLine     = regexp.MustCompile(`^(?:panic: runtime error: (?:index out of range \[-?\d+\](?: with (?:length|capacity) \d+)?|slice bounds out of range \[[-:\d]*\](?: with (?:length|capacity) \d+)?|invalid memory address or nil pointer dereference|integer divide by zero|makeslice: len out of range|makeslice: cap out of range|assignment to entry in nil map|hash of unhashable type|comparing uncomparable type)|fatal error: [A-Za-z0-9 ,:'!-]{1,120}|SIG[A-Z]+: [a-z -]{1,60}|\[signal SIG[A-Z]+(?:: [a-z -]{1,60})?(?: code=\S+ addr=\S+ pc=\S+)?\]|PC=0x[0-9a-f]+ m=\d+ sigcode=-?\d+(?: addr=0x[0-9a-f]+)?|signal arrived during cgo execution|runtime stack:)$`)
	panicLine     = regexp.MustCompile(`^(?:panic|\tpanic): `)
	logLine       = regexp.MustCompile(`^time=(\S{10,40}) level=(WARN|ERROR) msg=(?:"([A-Za-z ',.-]{1,120})"|([A-Za-z.-]{1,40}))(?: |$)`)
)

// Scrub leaves of the runtime's words what holds nothing of a person: what kind of
// crash it was, and the functions and lines of each goroutine, without arguments and
// folders.
func Scrub(raw string) string {
	var b strings.Builder
	kept, out := 0, 0
	for line := range strings.Lines(raw) {
		line = strings.TrimRight(line, "\r\n")
		safe, ok := scrubLine(line)
		switch {
		case line == "" && kept > 0 && kept < linesMost:
			b.WriteByte('\n')
		case line == "":
		case !ok || kept >= linesMost:
			out++
		default:
			b.WriteString(safe)
			b.WriteByte('\n')
			kept++
		}
	}
	if out > 0 {
		fmt.Fprintf(&b, "(%d lines left out)\n", out)
	}
	return b.String()
}

func scrubLine(line string) (safe string, ok bool) {
	switch {
	case causeLine.MatchString(line), goroutineLine.MatchString(line):
		return line, true
	case panicLine.MatchString(line):
		return "panic: (its words are left out)", true
	}
	if m := fileLine.FindStringSubmatch(line); m != nil {
		return "\t" + m[1], true
	}
	if m := createdLine.FindStringSubmatch(line); m != nil {
		return "created by " + m[1], true
	}
	if m := functionLine.FindStringSubmatch(line); m != nil {
		return m[1] + "(...)", true
	}
	return "", false
}

// logLinesMost is how many lines of the log a report has.
const logLinesMost = 30

// ScrubLog leaves of a log the last warnings and errors, without what they are
// about: the words are those of the program.
func ScrubLog(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		m := logLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		lines = append(lines, m[1]+" "+m[2]+" "+m[3]+m[4]+"\n")
	}
	return strings.Join(lines[max(len(lines)-logLinesMost, 0):], "")
}
