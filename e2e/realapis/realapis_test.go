// Package realapis generates stubs for public APIs, whose descriptors are in Go
// modules, with the packages of their messages.
package realapis

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/e2e/internal/linked"
	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
)

// publishers are identified by the prefixes of their Go packages' import paths.
var publishers = map[string]string{
	"cloud.google.com/go":    "Google Cloud",
	"github.com/containerd":  "containerd",
	"github.com/envoyproxy":  "Envoy",
	"go.etcd.io":             "etcd",
	"go.opentelemetry.io":    "OpenTelemetry",
	"go.temporal.io":         "Temporal",
	"google.golang.org/grpc": "gRPC",
	"k8s.io":                 "Kubernetes",
}

// The services of all publishers are generated and built together with their own
// message packages, and some of them are called.
func TestRealAPIs(t *testing.T) {
	t.Parallel()
	req, services := request(t)
	files, err := plugintest.Files(generator.Generate(req, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	workspace, err := protocases.NewWorkspace(dir, "..")
	if err != nil {
		t.Fatal(err)
	}
	names, err := workspace.Add("", files)
	if err != nil {
		t.Fatal(err)
	}
	call, err := os.ReadFile("testdata/call_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := workspace.Add("", map[string]string{"call/call_test.go": string(call)}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"build", "./..."}, {"test", "./call"}} {
		if _, err := workspace.Go(t.Context(), args...); err != nil {
			t.Fatal(err)
		}
	}
	list, err := workspace.Go(t.Context(), "list", "-f", `{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}`, "./...")
	if err != nil {
		t.Fatal(err)
	}
	built := strings.Split(list, "\n")
	for _, name := range names {
		if !slices.Contains(built, filepath.Join(dir, name)) {
			t.Errorf("%s is not in the build", name)
		}
	}
	total := 0
	for _, publisher := range slices.Sorted(maps.Keys(services)) { //nolint:paralleltest // they are lines of a table
		t.Run(publisher, func(t *testing.T) {
			t.Attr("seen", fmt.Sprintf("%d services", services[publisher]))
		})
		total += services[publisher]
	}
	t.Logf("%d services of %d publishers", total, len(services))
	if total < 100 || len(services) < 5 {
		t.Errorf("%d services of %d publishers, want 100 of 5", total, len(services))
	}
}

// request returns a request to generate all linked services, and the number of services
// of each publisher.
func request(t *testing.T) (*pluginpb.CodeGeneratorRequest, map[string]int) {
	t.Helper()
	services := make(map[string]int)
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		publisher := publisherOf(linked.ImportPath(f))
		if f.Services().Len() > 0 && publisher != "" {
			services[publisher] += f.Services().Len()
			files = append(files, f)
		}
		return true
	})
	return linked.Request(t, "package_suffix=rpc", files...), services
}

func publisherOf(importPath string) string {
	if slices.Contains(strings.Split(importPath, "/"), "internal") {
		return ""
	}
	for prefix, publisher := range publishers {
		if strings.HasPrefix(importPath, prefix) {
			return publisher
		}
	}
	return ""
}
