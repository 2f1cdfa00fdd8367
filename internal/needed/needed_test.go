package needed

import (
	"fmt"
	"strings"
	"testing"
)

// recorder is a test that records how it ended and does not stop its caller.
type recorder struct {
	testing.TB
	ends []string
}

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.ends = append(r.ends, "failed: "+fmt.Sprintf(format, args...))
}
func (r *recorder) Skipf(format string, args ...any) {
	r.ends = append(r.ends, "skipped: "+fmt.Sprintf(format, args...))
}

// A test whose program is missing fails in CI, and says elsewhere why it is
// skipped.
func TestMissingProgram(t *testing.T) { //nolint:paralleltest // it sets the environment
	for ci, want := range map[string]string{"true": "failed", "": "skipped", "false": "skipped"} {
		t.Setenv("CI", ci)
		r := &recorder{TB: t}
		Program(r, "no-such-program", "install it")
		if end := want + ": no-such-program is missing: install it"; len(r.ends) == 0 || r.ends[0] != end {
			t.Errorf("with CI=%q: %q, want %q", ci, r.ends, end)
		}
	}
}

func TestProgram(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	if path := Program(r, "go", ""); !strings.Contains(path, "go") || r.ends != nil {
		t.Errorf("go is at %q, %q", path, r.ends)
	}
}
