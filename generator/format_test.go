package generator_test

import (
	"go/format"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// unformatted has what gofmt changes or aligns.
const unformatted = `syntax = "proto3";
package unformatted;
import "gohost/v1/options.proto";
option go_package = "example.com/unformatted";

// A heading
//
// Text after it:
//  * a list
//  * of two
// and code:
//     code()
//
//
//
// # Another heading
// ` + "``quoted'' and `quoted`" + `
service Listed {
  option (gohost.v1.service) = {host: "listed.example", aliases: ["*.listed.example", "other.example"]};

  // detached

  //  * a list
  //     code()
  rpc A(M) returns (M) { option (gohost.v1.method).host = "a.example"; }
  rpc LongName(M) returns (stream M) { option (gohost.v1.method).host = "b.example"; }
  rpc Umlaut(stream M) returns (stream M);
}

// [link]: https://example.com
service OnlyLink { option deprecated = true; }

service Empty {}

service Aliased { option (gohost.v1.service) = {host: "aliased.example", aliases: "*.aliased.example"}; rpc Stream(stream M) returns (M); }

message M {}
`

// The templates write code as gofmt would: it is not formatted afterwards.
func TestFormatted(t *testing.T) {
	t.Parallel()
	for _, dir := range cases(t) {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			req := request(t, dir)
			files := generate(t, req)
			checkFormatted(t, files)
			// protogen formats the files that it annotates.
			req.Parameter = proto.String(plugintest.Join(req.GetParameter(), "annotate_code"))
			annotated := generate(t, req)
			for name, text := range files {
				if diff := cmp.Diff(annotated[name], text); diff != "" {
					t.Errorf("%s differs from what protogen formats (-protogen +got):\n%s", name, diff)
				}
			}
		})
	}
	t.Run("unformatted", func(t *testing.T) {
		t.Parallel()
		req, err := plugintest.RequestFromSources("", map[string]string{
			"unformatted.proto": unformatted, "gohost/v1/options.proto": readFile(t, "../proto/gohost/v1/options.proto"),
		}, "unformatted.proto")
		if err != nil {
			t.Fatal(err)
		}
		checkFormatted(t, generate(t, req))
	})
}

func checkFormatted(t *testing.T, files map[string]string) {
	t.Helper()
	if len(files) == 0 && t.Name() != "TestFormatted/messagesonly" {
		t.Error("no file was generated")
	}
	for name, text := range files {
		formatted, err := format.Source([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(string(formatted), text); diff != "" {
			t.Errorf("%s is not formatted (-gofmt +got):\n%s\nwrite it so in the templates", name, diff)
		}
	}
}
