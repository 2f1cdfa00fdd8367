package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// config is what connect-go lists in its own configuration of the suite
// (internal/conformance/config.yaml there), for one of its protocols.
const config = `features:
  versions: [HTTP_VERSION_1, HTTP_VERSION_2, HTTP_VERSION_3]
  protocols: [%s]
  codecs: [CODEC_PROTO, CODEC_JSON]
  compressions:
    - COMPRESSION_IDENTITY
    - COMPRESSION_GZIP
    - COMPRESSION_BR
    - COMPRESSION_ZSTD
    - COMPRESSION_DEFLATE
    - COMPRESSION_SNAPPY
  supportsTlsClientCerts: true
`

// atATime is how many runs of the suite there are at a time: it has cases that
// depend on the clock.
const atATime = 2

// The numbers are those of v1.0.7. No case is known to fail, and none is left out.
func TestConformance(t *testing.T) {
	t.Parallel()
	suite, program := build(t)
	places := make(chan struct{}, atATime)
	for _, c := range []struct {
		side, protocol string
		cases          int // at least
	}{
		{"server", "CONNECT", 5718},
		{"server", "GRPC", 2196},
		{"server", "GRPC_WEB", 4576},
		{"client", "CONNECT", 6165},
		{"client", "GRPC", 2708},
		{"client", "GRPC_WEB", 6272},
	} {
		t.Run(c.side+"/"+c.protocol, func(t *testing.T) {
			t.Parallel()
			places <- struct{}{}
			defer func() { <-places }()
			file := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(file, fmt.Appendf(nil, config, "PROTOCOL_"+c.protocol), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), suite, "--conf", file, "--mode", c.side, "--trace", "--", program, c.side)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			passed, all := figures(t, out)
			t.Attr("seen", fmt.Sprintf("%d of %d cases", passed, all))
			if passed != all || all < c.cases {
				t.Errorf("%d of %d cases, want all of at least %d", passed, all, c.cases)
			}
		})
	}
}

// build returns the paths of the suite and of the program.
func build(t *testing.T) (suite, program string) {
	t.Helper()
	generate := exec.CommandContext(t.Context(), "./generate")
	generate.Dir = "program"
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("program/generate: %v\n%s", err, out)
	}
	dir := t.TempDir() + string(filepath.Separator)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir, ".", "connectrpc.com/conformance/cmd/connectconformance")
	cmd.Dir = "program"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return dir + "connectconformance", dir + "program"
}

var summary = regexp.MustCompile(`(?m)^Total cases: (\d+)\n(\d+) passed, \d+ failed$`)

// figures returns the numbers of cases in the suite's last words.
func figures(t *testing.T, out []byte) (passed, all int) {
	t.Helper()
	found := summary.FindSubmatch(out)
	if found == nil {
		t.Fatalf("no summary in\n%s", out)
	}
	all, _ = strconv.Atoi(string(found[1]))
	passed, _ = strconv.Atoi(string(found[2]))
	return passed, all
}
