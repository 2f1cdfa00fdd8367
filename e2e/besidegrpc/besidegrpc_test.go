// Package besidegrpc builds the output of protoc-gen-gohost and protoc-gen-go-grpc in
// one Go package, so that a code base can migrate one call at a time.
package besidegrpc

import (
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
)

func TestBesideGRPC(t *testing.T) {
	t.Parallel()
	workspace, err := protocases.NewWorkspace(t.TempDir(), "..")
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(t.TempDir(), "protoc-gen-go-grpc")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", plugin, "google.golang.org/grpc/cmd/protoc-gen-go-grpc")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	count := 0
	for _, c := range protocases.All() { //nolint:paralleltest // they fill one workspace
		if !c.Beside {
			continue
		}
		count++
		t.Run(c.Slug(), func(t *testing.T) {
			req, err := c.Request()
			if err != nil {
				t.Fatal(err)
			}
			files := make(map[string]string)
			for _, generate := range []func(*pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse{
				plugintest.ProtocGenGo,
				func(req *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
					return generator.Generate(req, t.Output())
				},
				func(req *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorResponse {
					return plugintest.Exec(t, exec.CommandContext(t.Context(), plugin), req)
				},
			} {
				generated, err := plugintest.Files(generate(proto.CloneOf(req)))
				if err != nil {
					t.Fatal(err)
				}
				maps.Copy(files, generated)
			}
			if _, err := workspace.Add(c.Slug(), files); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("build", func(t *testing.T) {
		t.Attr("seen", fmt.Sprintf("%d inputs", count))
		if _, err := workspace.Go(t.Context(), "build", "./..."); err != nil {
			t.Fatal(err)
		}
	})
}
