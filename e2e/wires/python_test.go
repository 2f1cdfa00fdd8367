package wires

import (
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/python"
	"github.com/gohostrpc/gohost/e2e/internal/samples"
)

// pythonCells maps columns of the table to cases of e2e/peers/python.
var pythonCells = map[string][]string{
	unary:         {"calculator"},
	serverStream:  {"feed", "error after answers"},
	clientStream:  {"squares of all four kinds", "producer of requests fails"},
	bidirectional: {"answer decides on the next request", "both sides flood"},
	headerTrailer: {"metadata header and trailer"},
	errorDetails:  {"status with details", "method that is not there"},
	deadline:      {"deadline of a unary call", "deadline of a stream"},
	leaving:       {"cancel of a unary call", "cancel of a stream", "break in a stream of answers", "break in a bidirectional stream"},
	earlyAnswer:   {"answer before the last request"},
	hostOfTheCall: {"host"},
}

// TestPython runs the clients of e2e/peers, which have more cases than the table.
func TestPython(t *testing.T) {
	t.Parallel()
	generated := python.Generate(t)
	cert := samples.NewCertificate(t)
	for flavour, program := range python.Flavours {
		for _, cert := range []*samples.Certificate{nil, cert} {
			t.Run(flavour+"/"+security(cert), func(t *testing.T) {
				t.Parallel()
				server := servers["gohostconnect"](t, target{cert: cert, reports: new(samples.Reports)})
				args := []string{server.addr}
				if cert != nil {
					args = append(args, "--cert", cert.Cert)
				}
				python.CheckClient(t, generated.Command(program.Client, args...), server.reports)
			})
		}
	}
}

// The cells of Python in the table are those that TestPython tests.
func TestPythonCells(t *testing.T) {
	t.Parallel()
	for _, r := range table {
		if r.client != pythonSync && r.client != pythonAsync {
			continue
		}
		for column, outcome := range r.cells {
			if outcome != works {
				t.Errorf("%s: %s: the cell does not say that it works, but TestPython passes", r.client, column)
			}
			for _, name := range pythonCells[column] {
				if _, ok := python.Cases[name]; !ok {
					t.Errorf("%s: no case %q", column, name)
				}
			}
			if pythonCells[column] == nil {
				t.Errorf("%s: no case tests this column", column)
			}
		}
	}
}
