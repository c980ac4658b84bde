// Parley is a desktop softphone with a chat window, and its own room server.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"parley/app"
	"parley/server"
)

func main() {
	attachConsole()
	os.Exit(run())
}

// run gives the exit status: 0 for done, 1 for a failure, 2 for wrong usage.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "parley:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		return 2
	}
	return 1
}

type usageError struct{ error }

var (
	errNoRoom = errors.New("name a room with --room")
	errWhere  = errors.New("--server and --host exclude each other")
)

// data is the --data flag, or the system's place.
type data string

func (d data) folder() (string, error) {
	if d != "" {
		return string(d), nil
	}
	return app.DefaultData()
}

func command() *cobra.Command {
	// Windows's desktop starts the app: it is not told to use a console instead.
	cobra.MousetrapHelpText = ""
	var folder string
	o := app.Options{Version: version()}
	root := &cobra.Command{
		Use: "parley [LINK]", Short: "A desktop softphone with a chat window", SilenceErrors: true, SilenceUsage: true, Version: version(),
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(c, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if o.Host && o.Server != "" {
				return usageError{errWhere}
			}
			if len(args) == 1 {
				o.Link = args[0]
			}
			if o.Data, err = data(folder).folder(); err != nil {
				return err
			}
			o.Licences = licences()
			return app.Run(c.Context(), o)
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&folder, "data", "", "folder for everything that is kept (default: the system's place for it)")
	f := root.Flags()
	f.StringVar(&o.Server, "server", "", "server to join, HOST:PORT")
	f.BoolVar(&o.Host, "host", false, "host the room on this computer")
	f.StringVar(&o.Room, "room", "", "room to join")
	f.StringVar(&o.Name, "name", "", "your name")
	f.BoolVar(&o.Join, "join", false, "join at once")
	f.StringVar(&o.TokenFile, "token-file", "", "file with the token for the room")
	f.StringVar(&o.Camera, "camera", "", "camera by name, synthetic, file:PATH or none")
	f.StringVar(&o.Microphone, "microphone", "", "microphone by name, synthetic, file:PATH or none")
	f.StringVar(&o.Speaker, "speaker", "", "speaker by name, or none")
	f.StringVar(&o.Language, "language", "", "zh or en (default: the system's)")
	f.StringVar(&o.Theme, "theme", "", "light or dark (default: the system's)")
	root.AddCommand(serve(&folder), apps(&folder), token(&folder), peer(&folder), demo(&folder))
	return root
}

func noArgs(c *cobra.Command, args []string) error {
	if err := cobra.NoArgs(c, args); err != nil {
		return usageError{err}
	}
	return nil
}

func logger(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func serve(folder *string) *cobra.Command {
	var file string
	var hosted, check bool
	cfg := server.Config{UDPPort: server.DefaultUDPPort, TCPPort: server.DefaultTCPPort}
	c := &cobra.Command{Use: "serve", Short: "Run the room server alone", Args: noArgs}
	f := c.Flags()
	f.StringVar(&file, "config", "", "configuration file (docs/server.yaml explains its keys)")
	f.BoolVar(&check, "check", false, "say what is wrong with the configuration, and start nothing")
	f.StringVar(&cfg.Listen, "listen", server.DefaultListen, "address of the TCP port; port 0 picks a free one")
	f.BoolVar(&cfg.Open, "open", false, "let everybody in without a token; for loopback addresses only")
	f.IntVar(&cfg.UDPPort, "udp-port", server.DefaultUDPPort, "UDP port of media; 0 picks a free one")
	f.IntVar(&cfg.TCPPort, "tcp-port", server.DefaultTCPPort, "TCP port of media where UDP is blocked; 0 picks a free one")
	f.BoolVar(&hosted, "hosted", false, "talk to a program: one JSON line when ready, the end with standard input")
	_ = f.MarkHidden("hosted")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, err := serverFile(file)
		if err != nil {
			if check {
				return err
			}
			return usageError{err}
		}
		if file != "" {
			settings.Apply(&cfg, func(flag string) bool { return c.Flags().Changed(flag) })
		}
		if settings.Data != "" && *folder == "" {
			*folder = settings.Data
		}
		dir, err := data(*folder).folder()
		if err != nil {
			return err
		}
		cfg.Data, cfg.Logger = app.ServerData(dir), settings.Log.Logger(os.Stderr)
		if settings.Keys != "" {
			cfg.Keys = app.ServerData(settings.Keys)
		}
		if check {
			if err := cfg.Check(); err != nil {
				return err
			}
			for _, warning := range cfg.Warnings() {
				fmt.Fprintf(os.Stderr, "warning: %v\n", warning)
			}
			_, err := fmt.Println("The configuration is right.")
			return err
		}
		o := server.RunOptions{Output: os.Stdout, Machine: hosted, Hint: *folder}
		if hosted {
			// The app that hosts does not wait for others to leave.
			o.UntilEOF, cfg.Drain = os.Stdin, 0
			handler, ended, err := app.WatchHosted(cfg.Data, version(), cfg.Logger.Handler())
			if err != nil {
				cfg.Logger.Warn("crashes are not reported", "error", err)
			} else {
				cfg.Logger = slog.New(handler)
				defer func() {
					if err := ended(); err != nil {
						cfg.Logger.Warn("a crash report says too much", "error", err)
					}
				}()
			}
		}
		// Of the signals, which all end the other commands at once, SIGTERM means
		// here that the server should let those finish who are in.
		terminate := make(chan os.Signal, 2)
		signal.Notify(terminate, syscall.SIGTERM)
		defer signal.Stop(terminate)
		o.Terminate = terminate
		ctx, stop := signal.NotifyContext(context.WithoutCancel(c.Context()), os.Interrupt)
		defer stop()
		return server.Run(ctx, cfg, o)
	}
	return c
}

// apps are the commands on AppIDs.
func apps(folder *string) *cobra.Command {
	c := &cobra.Command{Use: "app", Short: "Add, list, rotate and remove AppIDs of the room server", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	for _, action := range []struct{ name, id, short string }{
		{"add", " ID", "Make an AppID, and print its secret"}, {"list", "", "Print the AppIDs"},
		{"nats", "", "Print what a NATS server of its own needs to trust this server (docs/cluster.md)"},
		{"rotate", " ID", "Give an AppID another secret: tokens by the old one end, calls go on"},
		{"remove", " ID", "End an AppID with its calls and messages"},
	} {
		c.AddCommand(&cobra.Command{Use: action.name + action.id, Short: action.short,
			Args: func(c *cobra.Command, args []string) error {
				wanted := 0
				if action.id != "" {
					wanted = 1
				}
				if err := cobra.ExactArgs(wanted)(c, args); err != nil {
					return usageError{err}
				}
				return nil
			},
			RunE: func(_ *cobra.Command, args []string) error {
				dir, err := data(*folder).folder()
				if err != nil {
					return err
				}
				return server.Manage(app.ServerData(dir), action.name, strings.Join(args, ""), os.Stdout)
			},
		})
	}
	return c
}

func serverFile(path string) (server.File, error) {
	if path == "" {
		return server.File{}, nil
	}
	return server.LoadFile(path)
}

func token(folder *string) *cobra.Command {
	var o server.IssueOptions
	c := &cobra.Command{Use: "token", Short: "Print a signed token and the invite link", Args: noArgs}
	f := c.Flags()
	f.StringVar(&o.AppID, "app", "local", "AppID")
	f.StringVar(&o.Room, "room", "", "room that the token opens")
	f.StringVar(&o.User, "user", "", "user that it is for (default: anybody)")
	f.DurationVar(&o.TTL, "ttl", time.Hour, "how long it is good for")
	f.StringSliceVar(&o.Privileges, "privileges", []string{"login", "publish"}, "what it allows")
	f.BoolVar(&o.Host, "host", false, "for a host, who can mute, remove and lock")
	f.StringVar(&o.Server, "server", "127.0.0.1:7880", "address for the invite link")
	c.RunE = func(*cobra.Command, []string) error {
		if o.Room == "" {
			return usageError{errNoRoom}
		}
		dir, err := data(*folder).folder()
		if err != nil {
			return err
		}
		o.Data = app.ServerData(dir)
		return server.Issue(o, os.Stdout)
	}
	return c
}

func peer(folder *string) *cobra.Command {
	var o app.PeerOptions
	c := &cobra.Command{Use: "peer", Short: "Join without a window, and print every event as a JSON line", Args: noArgs}
	f := c.Flags()
	f.StringVar(&o.Server, "server", "127.0.0.1:7880", "server to join, HOST:PORT")
	f.StringVar(&o.AppID, "app", "local", "AppID")
	f.StringVar(&o.Room, "room", "", "room to join")
	f.StringVar(&o.Name, "name", "peer", "name to show; also the user ID where it can be one")
	f.StringVar(&o.TokenFile, "token-file", "", "file with the token for the room")
	f.StringVar(&o.Video, "video", "synthetic", "synthetic, file:PATH or none")
	f.StringVar(&o.Audio, "audio", "synthetic", "synthetic, file:PATH, none, or the name of a microphone")
	f.StringVar(&o.Speaker, "speaker", "none", "none, or the name of a speaker to play the others to")
	f.StringVar(&o.View, "view", "", "WIDTHxHEIGHT in which pictures are seen: larger ones are not received")
	f.BoolVar(&o.Music, "music", false, "send the sound as it is, for music")
	f.StringSliceVar(&o.Processing, "processing", []string{"echo", "noise", "gain"}, "what is done to a real microphone's sound, or none")
	f.StringVar(&o.Record, "record", "", "folder to write every received stream and the mix to")
	f.StringVar(&o.Say, "say", "", "text to send after joining")
	f.BoolVar(&o.UntilEOF, "until-eof", false, "leave with the end of standard input")
	_ = f.MarkHidden("until-eof")
	f.DurationVar(&o.For, "for", 0, "how long to stay (default: until interrupted)")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		if o.Room == "" {
			return usageError{errNoRoom}
		}
		if o.Data, err = data(*folder).folder(); err != nil {
			return err
		}
		o.Input, o.Output, o.Logger = os.Stdin, os.Stdout, logger(os.Stderr)
		return app.RunPeer(c.Context(), o)
	}
	return c
}

func demo(folder *string) *cobra.Command {
	o := app.DemoOptions{Version: version()}
	c := &cobra.Command{Use: "demo", Short: "Show a room with three synthetic people", Args: noArgs}
	c.Flags().StringVar(&o.Language, "language", "", "zh or en (default: the system's)")
	c.Flags().StringVar(&o.Theme, "theme", "", "light or dark (default: the system's)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.Data = *folder
		return app.RunDemo(c.Context(), o)
	}
	return c
}
