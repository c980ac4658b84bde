//go:build !linux && !windows && !darwin

package app

import "context"

// stateOf knows no windows of this system.
func stateOf(any) windowState { return nil }

// keepAbove has nothing to do here.
func keepAbove(context.Context, any) {}

// keepFocus has nothing to do here.
func keepFocus(any) (shown func(context.Context, any)) { return func(context.Context, any) {} }
