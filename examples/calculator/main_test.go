package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	t.Parallel()
	const all = `3 + 4 = 7
3 * 4 = 12
2147483647 * 2: rpc error: code = OutOfRange desc = 4294967294 does not fit into 32 bits
`
	tests := map[string]struct{ want, err string }{
		"":                           {all, ""},
		"add 20 22":                  {"42\n", ""},
		"multiply -6 7":              {"-42\n", ""},
		"multiply -2147483648 -1":    {"", "OutOfRange"},
		"multiply 2147483648 1":      {"", "value out of range"},
		"divide 1 2":                 {"", "neither add nor multiply"},
		"add 1":                      {"", "not a method"},
		"-host calc.example add 1 2": {"3\n", ""},
	}
	for args, test := range tests {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := calc.Run(t.Context(), strings.Fields(args), &out, io.Discard)
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error = %v, want %q", err, test.err)
			}
		})
	}
}
