package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out, logs bytes.Buffer
	err := newProgram().Run(t.Context(), []string{"-interval", "1ms", "-tick", "10ms"}, &out, &logs)
	if err != nil {
		t.Fatal(err)
	}
	const want = `Hello Ada
Hello Ada, number 1
Hello Ada, number 2
Hello Ada, number 3
Hello Ada
Hello Bob
Ada sees: Hello Ada
Bob sees: Hello Bob
Ada sees: Bob has entered
Ada sees: Bob has left
Bob sees: Hello Bob
Bob sees: Ada has left
`
	// Timer events come at any time.
	got, timers := "", 0
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "sees: time goes by") {
			timers++
		} else {
			got += line
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || timers == 0 {
		t.Errorf("%d timer events, other output (-want +got):\n%s", timers, diff)
	}
	for _, want := range []string{"Ada has gone after ", "Bob has left, 1 inside", "Ada has left, ", "Bob has left, 0 inside"} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("the server has not logged %q:\n%s", want, &logs)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"hub", "hub Ada Bob", "club Ada"} {
		var out, logs bytes.Buffer
		if err := newProgram().Run(t.Context(), strings.Fields(args), &out, &logs); err == nil {
			t.Errorf("no error for %q", args)
		}
	}
}
