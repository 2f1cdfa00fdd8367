package protocplugin

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"

	"google.golang.org/protobuf/types/pluginpb"
)

// Command is a plugin as a program.
type Command struct {
	Name     string
	Usage    string // what --help prints: lines
	Generate func(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse
}

// Run runs the command with args, which do not include its name, and returns
// its exit status. protoc and buf start a plugin without args and send the
// request on stdin. If stdin is a terminal, Run prints the usage.
func (c Command) Run(args []string, stdin *os.File, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, c.Usage) }
	help := flags.Bool("help", false, "print what the plugin is and how it is used")
	version := flags.Bool("version", false, "print the version")
	export := flags.String("export-proto", "", "write gohost/v1/options.proto below this folder")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) { // -h
			return 0
		}
		return 2 // Parse has printed the error
	}
	switch {
	case *help:
		fmt.Fprint(stdout, c.Usage)
	case *version:
		fmt.Fprintln(stdout, c.Name, buildVersion())
	case flags.NArg() > 0 || *export == "" && isTerminal(stdin):
		flags.Usage()
		return 2
	case *export != "":
		name, err := exportProto(*export)
		if err != nil {
			return c.fail(stderr, err)
		}
		fmt.Fprintln(stdout, name)
	default:
		collectSeldom()
		if err := c.answer(stdin, stdout, stderr); err != nil {
			return c.fail(stderr, err)
		}
	}
	return 0
}

// collectSeldom lets the heap grow to three times the live heap, instead of
// twice, before each garbage collection, unless GOGC is set. A plugin lives for
// one request and uses most of its data until the end: garbage collection takes
// a tenth of its time and finds little.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

// fail reports err and returns the exit status.
func (c Command) fail(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "%s: %v\n", c.Name, err)
	return 1
}

func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown version)"
}

// isTerminal reports whether f is a terminal. The null device, which is a
// character device too, is not.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
