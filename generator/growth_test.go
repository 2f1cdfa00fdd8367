package generator_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// growing are files with a growing number of something.
var growing = []struct {
	what   string
	source func(count int) string
}{
	{"methods", func(count int) string {
		return "service S { option (gohost.v1.service).host = \"s.example\";\n" + each(count, "rpc Get%d(M) returns (M);\n") + "}"
	}},
	{"methods with hosts", func(count int) string {
		return "service S {\n" + each(count, "rpc Get%d(M) returns (M) { option (gohost.v1.method).host = \"get%[1]d.example\"; }\n") + "}"
	}},
	{"services with hosts", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service).host = \"s%[1]d.example\"; rpc Get(M) returns (M); }\n")
	}},
	{"wildcards", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service) = {host: \"s%[1]d.example\", aliases: [\"*.s%[1]d.example\"]}; rpc Get(M) returns (M); }\n")
	}},
	{"services with default hosts and templates", func(count int) string {
		return "import \"google/api/client.proto\"; option (gohost.v1.file).host_template = \"{service}.example\";\n" +
			each(count, "service S%d { option (google.api.default_host) = \"s%[1]d.example\"; rpc Get(M) returns (M); }\nservice T%[1]d { rpc Get(M) returns (M); }\n")
	}},
	{"hosts of two services each", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service) = {host: \"s%[1]d.example\", aliases: [\"t%[1]d.example\"]}; rpc Get(M) returns (M); }\n"+
			"service T%[1]d { option (gohost.v1.service) = {host: \"t%[1]d.example\", aliases: [\"s%[1]d.example\"]}; rpc Get(M) returns (M); }\n")
	}},
	{"aliases", func(count int) string {
		return "service S { option (gohost.v1.service) = {host: \"s.example\", aliases: [" + strings.TrimSuffix(each(count, "\"s%d.example\","), ",") + "]}; rpc Get(M) returns (M); }\n"
	}},
	{"aliases that are warned of", func(count int) string {
		return "service S {\n" + each(count, "option (gohost.v1.service).aliases = \"s_%d.example\";\n") + "rpc Get(M) returns (M); }\n"
	}},
	{"services with one host", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service).host = \"s.example\"; rpc Get(M) returns (M); }\n")
	}},
	{"names of protoc-gen-go-grpc", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service).host = \"s%[1]d.example\"; }\nservice S%[1]dServer { option (gohost.v1.service).host = \"t%[1]d.example\"; }\n")
	}},
	{"errors", func(count int) string {
		return each(count, "service S%d { option (gohost.v1.service).host = \"s%[1]d.example:443\"; rpc Get(M) returns (M); rpc get(M) returns (M); }\n")
	}},
}

// each returns format for each of the numbers below count.
func each(count int, format string) string {
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// The work of a plugin grows linearly with the content of a file, not quadratically. Work
// is the number of executed statements of this module, as the cover tool counts them, so
// the result is the same on every machine.
func TestWorkIsLinear(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the plugins once more")
	}
	const targets = "target=traefik,target=nginx,target=haproxy,target=caddy,target=envoy"
	path, err := exec.CommandContext(t.Context(), "go", "tool", "-n", "covdata").Output()
	if err != nil {
		t.Fatal(err)
	}
	covdata := strings.TrimSpace(string(path))
	bins := make(map[string]string)
	// No name has a comma: covdata takes it as a separator of folders.
	for _, plugin := range []struct {
		name, command, parameter string
		only                     []string // of growing; nil is all
	}{
		{"gohost", "protoc-gen-gohost", "", nil},
		{"proxy with an upstream per service", "protoc-gen-gohost-proxy", targets + ",upstream={service}:50051", nil},
		{"proxy with one upstream", "protoc-gen-gohost-proxy", targets + ",upstream=127.0.0.1:50051", []string{"hosts of two services each", "services with one host"}},
		{"proxy for gateway-api", "protoc-gen-gohost-proxy", "target=gateway-api,gateway_class=standard,namespace=a,gateway=edge,upstream=https://{service}:50051", []string{"services with hosts"}},
		{"proxy for Traefik's HTTPRoutes", "protoc-gen-gohost-proxy", "target=gateway-api,gateway_class=traefik,namespace=a,gateway=edge,upstream=a{service}:50051", []string{"services with hosts", "wildcards", "aliases"}},
		{"proxy for labels and CRDs and Ingresses", "protoc-gen-gohost-proxy", "target=traefik-labels,target=traefik-crd,target=ingress-nginx,namespace=a,tls_secret=a,upstream=a{service}:50051", []string{"services with hosts", "wildcards"}},
		{"proxy for Istio", "protoc-gen-gohost-proxy", "target=istio,namespace=a,gateway=edge,upstream=https://{service}:50051", []string{"services with hosts"}},
	} {
		if bins[plugin.command] == "" {
			bins[plugin.command] = counting(t, plugin.command)
		}
		bin := bins[plugin.command]
		for _, g := range growing {
			if plugin.only != nil && !slices.Contains(plugin.only, g.what) {
				continue
			}
			t.Run(plugin.name+": "+g.what, func(t *testing.T) {
				t.Parallel()
				var work [3]float64
				for i := range work {
					work[i] = float64(workOf(t, bin, covdata, g.source(100<<i), plugin.parameter))
				}
				growth := (work[2] - work[1]) / (work[1] - work[0])
				t.Logf("statements: %.0f, growth %.2f", work, growth)
				if work[0] < 5000 || growth > 2.2 || growth < 1.8 { // 2 is linear, 4 is quadratic
					t.Errorf("statements for 100, 200 and 400: %.0f: the growth doubles by %.2f, want about 2", work, growth)
				}
			})
		}
	}
}

// counting builds the command so that it counts executed statements.
func counting(t *testing.T, command string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), command+".exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-cover", "-covermode=atomic", "-coverpkg=github.com/gohostrpc/gohost/...", "-o", bin, "../cmd/"+command)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// workOf returns the number of statements that bin executes for a file with
// body.
func workOf(t *testing.T, bin, covdata, body, parameter string) int {
	t.Helper()
	req, err := plugintest.RequestFromSources(parameter, map[string]string{
		"google/api/client.proto": `syntax = "proto3"; import "google/protobuf/descriptor.proto"; package google.api; option go_package = "example.com/api";
			extend google.protobuf.ServiceOptions { string default_host = 1049; }`,
		"a.proto": "syntax = \"proto3\"; package a; option go_package = \"example.com/a\"; import \"gohost/v1/options.proto\"; message M {}\n" + body,
	}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	counters := t.TempDir()
	cmd := exec.CommandContext(t.Context(), bin)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+counters)
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(counters, "text")
	if out, err := exec.CommandContext(t.Context(), covdata, "textfmt", "-i="+counters, "-o="+text).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return statements(t, text)
}

// statements adds up a profile: "file:from,to statements count" in each line.
func statements(t *testing.T, profile string) int {
	t.Helper()
	f, err := os.Open(profile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	sum := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 {
			continue // the mode
		}
		size, err1 := strconv.Atoi(fields[1])
		count, err2 := strconv.Atoi(fields[2])
		if err1 != nil || err2 != nil {
			t.Fatalf("line %q", lines.Text())
		}
		sum += size * count
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return sum
}
