package wires

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"sync"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// esOutcome is the result of a case of node/cases.js.
type esOutcome struct{ Wire, Case, Seen, Error string }

// esInstall installs the packages in node/package.json and generates their code, once.
var esInstall = sync.OnceValues(func() ([]byte, error) {
	var all bytes.Buffer
	for _, args := range [][]string{
		{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"},
		{"go", "tool", "-modfile=../../../tools/go.mod", "buf", "generate", "../../..", "--path", "../../../testdata/squares"},
		{"node_modules/.bin/esbuild", "page.js", "--bundle", "--format=iife", "--log-level=warning", "--outfile=gen/page.js"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = "node", &all, &all
		if err := cmd.Run(); err != nil {
			return all.Bytes(), err
		}
	}
	return nil, nil
})

// esNode returns node, with the packages in node/package.json.
func esNode(t *testing.T) string {
	t.Helper()
	const install = "apt-get install nodejs npm"
	node := proc.Find(t, "node", install)
	proc.Find(t, "npm", install)
	if out, err := esInstall(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return node
}

// esReport makes a subtest for each wire, and one for each of its cases.
func esReport(t *testing.T, outcomes []esOutcome) {
	t.Helper()
	byWire := make(map[string][]esOutcome)
	for _, o := range outcomes {
		byWire[o.Wire] = append(byWire[o.Wire], o)
	}
	for wire, outcomes := range byWire {
		t.Run(wire, func(t *testing.T) {
			t.Parallel()
			for _, o := range outcomes {
				t.Run(o.Case, func(t *testing.T) {
					t.Parallel()
					if o.Error != "" {
						t.Error(o.Error)
					}
					if o.Seen != "" {
						t.Attr("seen", o.Seen)
					}
				})
			}
		})
	}
}

// connect-es in Node.js supports all kinds of calls, except bidirectional ones over
// HTTP/1.1.
func TestNodeConnectES(t *testing.T) {
	t.Parallel()
	node := esNode(t)
	var logs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), node, "node.js", new(esServer).serve(t, false))
	cmd.Dir, cmd.Stderr = "node", &logs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &logs)
	}
	var outcomes []esOutcome
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var o esOutcome
		if err := decoder.Decode(&o); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		outcomes = append(outcomes, o)
	}
	const want = 4*23 + 3*17
	if len(outcomes) != want {
		t.Errorf("%d cases were run, want %d", len(outcomes), want)
	}
	esReport(t, outcomes)
}
