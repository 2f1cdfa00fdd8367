// Package program is the frame of the examples: their sub-commands, servers
// that end well on a signal, and connections with and without TLS.
//
//	NAME [flags]         serve and call in one process, to see it
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

// Program is an example: a service, and calls of it.
type Program struct {
	Name string // of the command
	Addr string // where it serves and calls unless a flag says otherwise

	// Flags defines the flags of the program's own, if it has any. The logger
	// writes where the server logs.
	Flags func(*flag.FlagSet)
	// Serve returns what registers the services of the server. Its context ends
	// when the server is to end.
	Serve func(context.Context, *log.Logger) (Register, error)
	// Start starts servers of the program's own, where one is not enough; then
	// Serve is nil, and there are no flags for TLS.
	Start func(Setup) (Server, error)
	// Call makes the calls that the example shows, and writes what comes of them.
	Call func(ctx context.Context, client Client) error
}

// Register registers the services of a server.
type Register func(grpc.ServiceRegistrar)

// Setup is what servers are started with.
type Setup struct {
	Addr  string // where to listen
	Grace time.Duration
	Log   *log.Logger
}

// Server is what has been started.
type Server interface {
	// Addr is where it listens.
	Addr() string
	// Run returns when ctx has ended, and the server after it, or when the
	// server cannot go on.
	Run(ctx context.Context) error
}

// Client is what calls are made with.
type Client struct {
	Conn    grpc.ClientConnInterface
	Options []grpc.CallOption // for the stubs: the host of the flag -host
	Args    []string          // of the command line, after the flags
	Out     io.Writer
}

// Main runs the program as a command: it ends the process, with 0 where all is
// well and otherwise with 1 and one line that says what is not.
func (p Program) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on, a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	err := p.Run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", p.Name, oneLine(err))
		os.Exit(1)
	}
}

// Run runs the program until it is done or ctx ends. What the calls show is
// written to out, what the server does is logged to logs.
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

// options are what the command line says.
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
	flags.StringVar(&o.host, "host", "", "the `host` that calls name, instead of the one in the .proto")
	if p.Start == nil {
		flags.StringVar(&o.cert, "cert", "", "`file` with the certificate of the server, which then serves TLS")
		flags.StringVar(&o.key, "key", "", "`file` with the key of the server's certificate")
		flags.StringVar(&o.ca, "ca", "", "`file` with the certificates to trust: calls use TLS")
	}
	flags.DurationVar(&o.grace, "grace", 5*time.Second, "how long open streams may go on when the server is to end")
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
