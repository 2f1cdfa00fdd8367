// Package program is the frame of the examples: their subcommands, servers that stop
// gracefully on a signal, and connections with and without TLS.
//
//	NAME [flags]         serve and call in one process
//	NAME serve [flags]   only serve, until Ctrl+C or SIGTERM
//	NAME call [flags]    only call
package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost"
)

// Program is an example: a service and calls of it.
type Program struct {
	Name string // of the command
	Addr string // where to serve and call by default

	// Flags defines the program's own flags, if it has any. The logger is that of the
	// server.
	Flags func(*flag.FlagSet)
	// Serve returns a function that registers the services of the server. The context
	// ends when the server must stop.
	Serve func(context.Context, *log.Logger) (Register, error)
	// Start starts the program's own servers, if one is not enough. Then Serve is nil,
	// and there are no flags for TLS.
	Start func(Setup) (Server, error)
	// Call makes the calls that the example shows, and writes the results.
	Call func(ctx context.Context, client Client) error
}

// Register registers the services of a server.
type Register func(grpc.ServiceRegistrar)

// Setup is the input of Start.
type Setup struct {
	Addr  string // where to listen
	Grace time.Duration
	Log   *log.Logger
}

// Server is what Start returns.
type Server interface {
	// Addr is the address that the server listens on.
	Addr() string
	// Run serves until ctx ends, and stops the server. It also returns if the server
	// fails.
	Run(ctx context.Context) error
}

// Client is the input of Call.
type Client struct {
	Conn    grpc.ClientConnInterface
	Options []grpc.CallOption // for the stubs: the host of the flag -host
	Args    []string          // of the command line, after the flags
	Out     io.Writer
}

// Main runs the program as a command. The exit status is 0 or, after an error on one
// line, 1.
func (p Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal, a second one kills the process.
	context.AfterFunc(ctx, stop)
	err := p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", p.Name, oneLine(err))
		os.Exit(1)
	}
}

// Run runs the program until it is done or ctx ends. The calls write to out, and the
// server logs to logs.
func (p Program) Run(ctx context.Context, args []string, out, logs io.Writer) error {
	command := p.both
	if len(args) > 0 {
		switch args[0] {
		case "serve":
			command, args = p.serve, args[1:]
		case "call":
			command, args = p.call, args[1:]
		}
	}
	o, err := p.parse(args, logs)
	if err != nil {
		return err
	}
	return command(ctx, o, out)
}

// options are the flags and arguments of the command line.
type options struct {
	addr, host    string
	cert, key, ca string
	grace         time.Duration
	args          []string
	log           *log.Logger
}

func (p Program) parse(args []string, logs io.Writer) (*options, error) {
	o := &options{log: log.New(logs, p.Name+": ", 0)}
	flags := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.addr, "addr", p.Addr, "`address` to serve at and to call")
	flags.StringVar(&o.host, "host", "", "the `host` to call, instead of the one in the .proto")
	if p.Start == nil {
		flags.StringVar(&o.cert, "cert", "", "`file` with the server's certificate; with it, the server uses TLS")
		flags.StringVar(&o.key, "key", "", "`file` with the certificate's private key")
		flags.StringVar(&o.ca, "ca", "", "`file` with the CA certificates to trust; with it, calls use TLS")
	}
	flags.DurationVar(&o.grace, "grace", 5*time.Second, "how long open calls may continue when the server stops")
	if p.Flags != nil {
		p.Flags(flags)
	}
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(logs, "usage: %s [serve|call] [flags]\n", p.Name)
		flags.SetOutput(logs)
		flags.PrintDefaults()
	}
	o.args = flags.Args()
	return o, err
}

// both serves and calls in one process.
func (p Program) both(ctx context.Context, o *options, out io.Writer) error {
	o.addr = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := p.start(ctx, o)
	if err != nil {
		return err
	}
	o.addr = s.Addr()
	served := make(chan error, 1)
	go func() { served <- s.Run(ctx) }()
	err = p.call(ctx, o, out)
	cancel()
	return errors.Join(err, <-served)
}

func (p Program) serve(ctx context.Context, o *options, _ io.Writer) error {
	s, err := p.start(ctx, o)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

func (p Program) call(ctx context.Context, o *options, out io.Writer) error {
	creds, err := o.clientCredentials()
	if err != nil {
		return err
	}
	conn, err := grpc.NewClient(o.addr, grpc.WithTransportCredentials(creds))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // all calls have ended
	client := Client{Conn: conn, Args: o.args, Out: out}
	if o.host != "" {
		client.Options = append(client.Options, gohost.Host(o.host))
	}
	return p.Call(ctx, client)
}
