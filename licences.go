package main

import (
	"embed"
	"fmt"
	"strings"
)

// pages are the texts beside the program's source, the list of the licences of
// others among them where it was made.
//
//go:embed *.md
var pages embed.FS

const licencesPage = "THIRD_PARTY_LICENCES.md"

// licences is the list of the licences of others, as a window shows it; empty
// in a program that was built without it.
func licences() string {
	page, err := pages.ReadFile(licencesPage)
	if err != nil {
		return ""
	}
	return plainTables(string(page))
}

// plainTables makes tables of a page readable where no page is rendered: in
// columns, without the lines that only say that they are tables.
func plainTables(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\r\n")
		row, is := strings.CutPrefix(line, "| ")
		switch {
		case strings.HasPrefix(line, "| ---"):
		case is:
			cells := strings.Split(strings.TrimSuffix(row, "|"), "|")
			for i, width := range []int{48, 20, 24} {
				if i < len(cells)-1 {
					cells[i] = fmt.Sprintf("%-*s", width, strings.TrimSpace(cells[i]))
				}
			}
			b.WriteString(strings.TrimRight(strings.Join(cells, " "), " ") + "\n")
		default:
			b.WriteString(strings.TrimLeft(line, "# ") + "\n")
		}
	}
	return b.String()
}
