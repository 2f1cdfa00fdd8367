package plugintest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
)

// runMain is the variable that tells a test binary to run as the command.
const runMain = "GOHOST_TEST_RUN_MAIN"

// Main is the TestMain of a command's tests: it runs them or, if Run has
// started the test binary, the command.
func Main(m *testing.M, main func()) {
	if os.Getenv(runMain) != "" {
		main()
		return
	}
	m.Run() // the test binary exits with what it returns
}

// Run runs the command and returns its output and exit status. The package's
// TestMain must call Main.
func Run(t *testing.T, stdin io.Reader, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), runMain+"=1")
	var out, errOut bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &out, &errOut
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}
