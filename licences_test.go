package main

import "testing"

func TestPlainTables(t *testing.T) {
	got := plainTables("# Title\n\n| what | version | licence | where |\n| --- | --- | --- | --- |\n| a/b | v1 | MIT | all |\r\n")
	want := "Title\n\n" +
		"what                                             version              licence                   where\n" +
		"a/b                                              v1                   MIT                       all\n"
	if got != want {
		t.Errorf("%q\n%q", got, want)
	}
}
