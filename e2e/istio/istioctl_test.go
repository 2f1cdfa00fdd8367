package istio

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// istioctl accepts each golden file, by itself and with its Gateway.
func TestIstioctl(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	files, err := filepath.Glob(routecases.Dir + "/*/istio.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			if out, err := runIstioctl(t, readFile(t, file), "validate", "-f"); err != nil || strings.Contains(out, "arning") {
				t.Errorf("validate: %v: %s", err, out)
			}
			out, err := runIstioctl(t, gateways+readFile(t, file)[strings.Index(readFile(t, file), "---\n"):], "analyze", "--use-kube=false")
			if err != nil || !strings.Contains(out, "No validation issues found") {
				t.Errorf("analyze: %v: %s", err, out)
			}
		})
	}
}

// istioctl rejects what Istio would reject, such as a timeout of 0s (the default is no
// timeout).
func TestIstioctlRefuses(t *testing.T) {
	t.Parallel()
	proc.Slow(t)
	text := readFile(t, routecases.Dir+"/hosts/istio.yaml")
	for _, test := range []struct{ old, new, err string }{
		{"      retries: {attempts: 0}", "      timeout: 0s\n      retries: {attempts: 0}", "duration must be greater than 1ms"},
		{"      retries: {attempts: 0}", "      tries: {attempts: 0}", `unknown field "tries"`},
		{`    - "cal.example"`, `    - "cal_.example"`, "cal_"},
		{"h2UpgradePolicy: UPGRADE", "h2UpgradePolicy: ALWAYS", "ALWAYS"},
	} {
		broken := strings.Replace(text, test.old, test.new, 1)
		if out, err := runIstioctl(t, broken, "validate", "-f"); broken == text || err == nil || !strings.Contains(out, test.err) {
			t.Errorf("%s: %v: %s, want %q", test.new, err, out, test.err)
		}
	}
}

// runIstioctl runs istioctl with the arguments and the name of a file with text.
func runIstioctl(t *testing.T, text string, args ...string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "istio.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(proc.Built(t, "tools")[istioctl], append(args, file)...).CombinedOutput()
	return string(out), err
}
