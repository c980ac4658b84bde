package app

import (
	"context"
	"errors"
)

type Options struct {
	Link, Server, Room, Name, TokenFile, Data, Camera, Microphone, Speaker, Language, Theme string
	Host, Join                                                                             bool
}
type DemoOptions struct{ Data, Language, Theme string }

func Run(ctx context.Context, o Options) error         { return errors.New("wip") }
func RunDemo(ctx context.Context, o DemoOptions) error { return errors.New("wip") }
