package wires

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// The commands in the README of examples/browser print the output that it shows.
func TestBrowserReadme(t *testing.T) {
	t.Parallel()
	proc.Find(t, "curl", "apt-get install curl")
	readme, err := os.ReadFile(filepath.Join(filepath.FromSlash(browserExample), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	program := buildBrowserExample(t)
	addr := proc.Addr(t)
	startHub(t, program, addr)
	grpcurl := filepath.Join(t.TempDir(), "grpcurl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", grpcurl, "github.com/fullstorydev/grpcurl/cmd/grpcurl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	blocks := regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(string(readme), -1)
	commands := 0
	for _, block := range blocks { //nolint:paralleltest // the guest of one command would be an event of another
		for _, text := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			command, want, _ := strings.Cut(text, "\n")
			commands++
			t.Run(strings.Fields(command)[0], func(t *testing.T) {
				// An example stays in the hub until Ctrl+C. Timer events come at any
				// time.
				command = strings.NewReplacer("127.0.0.1:8080", addr, "grpcurl", grpcurl, "go run", "timeout -s INT 20 go run").Replace(command)
				lines := strings.Split(strings.TrimSpace(want), "\n")
				cmd := exec.CommandContext(t.Context(), "bash", "-c", command+" | head -n "+string(rune('0'+len(lines))))
				cmd.Dir = filepath.FromSlash("../..")
				out, err := cmd.Output()
				if got, want := timeless(string(out)), timeless(want); err != nil || got != want {
					t.Errorf("%s prints (%v)\n%swant\n%s", command, err, got, want)
				}
			})
		}
	}
	if commands != 5 {
		t.Errorf("the README shows %d commands, want 5", commands)
	}
}

var counts = regexp.MustCompile(`"count":"\d+"|\(\d+\)`)

// timeless returns output without parts that differ each time or in another build: some
// builds of protojson write a space after a comma.
func timeless(out string) string {
	out = strings.ReplaceAll(out, `", "`, `","`)
	return strings.TrimSpace(counts.ReplaceAllString(out, "N")) + "\n"
}
