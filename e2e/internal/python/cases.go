package python

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
)

// Cases are the cases of the clients, with what our handler must report of each.
var Cases = map[string][]string{
	"calculator":                         nil,
	"squares of all four kinds":          nil,
	"greetings":                          nil,
	"feed":                               nil,
	"host":                               {"host square.example"},
	"status with details":                nil,
	"error after answers":                nil,
	"method that is not there":           nil,
	"metadata header and trailer":        nil,
	"deadline of a unary call":           {"has a deadline", "canceled"},
	"deadline of a stream":               {"has a deadline", "canceled"},
	"cancel of a unary call":             {"canceled"},
	"cancel of a stream":                 {"canceled"},
	"break in a stream of answers":       {"yield returned false"},
	"break in a bidirectional stream":    {"ended"},
	"producer of requests fails":         {"requests canceled"},
	"answer before the last request":     nil,
	"answer decides on the next request": nil,
	"both sides flood":                   nil,
	"messages of 3 MiB":                  nil,
}

// CheckClient runs a client, and checks that all of its cases have passed.
func CheckClient(t *testing.T, client *exec.Cmd, reports *samples.Reports) {
	t.Helper()
	outcomes := RunCases(t, client, reports)
	want := slices.Sorted(maps.Keys(Cases))
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(outcomes))); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	for name, failure := range outcomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if failure != "" {
				t.Error(failure)
			}
			for _, what := range Cases[name] {
				reports.Await(t, name+": "+what)
			}
		})
	}
}

// RunCases runs a program that writes a line of JSON for each of its cases. It returns
// the failures of the cases; "" means success. If the program asks to wait for a
// handler's report, it gets a line when the report has come.
func RunCases(t *testing.T, cmd *exec.Cmd, reports *samples.Reports) map[string]string {
	t.Helper()
	var logs bytes.Buffer
	cmd.Stderr = &logs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// It kills a program that hangs, or that is still running after a failure below.
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }) //nolint:errcheck // it may have ended
	t.Cleanup(func() { watchdog.Reset(0) })

	outcomes := make(map[string]string)
	decoder := json.NewDecoder(out)
	for {
		var line struct{ Case, Await, Error string }
		if err := decoder.Decode(&line); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not the output of cases: %v\n%s", err, &logs)
		}
		if line.Await == "" {
			outcomes[line.Case] = line.Error
			continue
		}
		reports.Await(t, line.Case+": "+line.Await)
		if _, err := io.WriteString(in, "\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v after %d cases\n%s", err, len(outcomes), &logs)
	}
	return outcomes
}
