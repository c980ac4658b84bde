//go:build !darwin

package app

// takeLinks has nothing to do: links come as arguments.
func takeLinks(func(link string)) {}
