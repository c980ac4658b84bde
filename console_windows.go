package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// attachParent stands for the console of the program that started this one.
const attachParent = ^uintptr(0)

// attachConsole lets the commands be read. A program with windows gets no console
// of its own; if it was started from one, what it prints goes there. Where the
// output was redirected, to a file or to a program that hosts, it stays so.
func attachConsole() {
	output, err := windows.GetStdHandle(windows.STD_OUTPUT_HANDLE)
	if err == nil && output != 0 && output != windows.InvalidHandle {
		return
	}
	attach := windows.NewLazySystemDLL("kernel32.dll").NewProc("AttachConsole")
	if done, _, _ := attach.Call(attachParent); done == 0 {
		return // started from the desktop
	}
	if console, err := os.OpenFile("CONOUT$", os.O_RDWR, 0); err == nil {
		os.Stdout, os.Stderr = console, console
	}
	if console, err := os.OpenFile("CONIN$", os.O_RDONLY, 0); err == nil {
		os.Stdin = console
	}
}
