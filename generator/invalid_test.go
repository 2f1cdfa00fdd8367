package generator_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

// Each line of testdata/invalid/*.proto with a comment // want "regexp" "…" has
// errors that match, and there are no other errors.
func TestInvalid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testdata, "invalid", "*.proto"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := "invalid/" + filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := plugintest.Request("paths=source_relative", []string{testdata, "../proto"}, name)
			if err != nil {
				t.Fatal(err)
			}
			res := generator.Generate(req, io.Discard)
			if len(res.GetFile()) > 0 {
				t.Error("there is output in spite of the errors")
			}
			wants := wantedErrors(t, file, name)
			for line := range strings.Lines(res.GetError()) {
				if !take(wants, strings.TrimSpace(line)) {
					t.Errorf("unexpected error: %s", line)
				}
			}
			for at, patterns := range wants {
				for _, pattern := range patterns {
					t.Errorf("no error at %s matches %q", at, pattern)
				}
			}
		})
	}
}

var wantComment = regexp.MustCompile(`// want ((?:"[^"]*" ?)+)$`)

// wantedErrors returns the patterns of file by "name:line:".
func wantedErrors(t *testing.T, file, name string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wants := make(map[string][]string)
	for i, line := range strings.Split(string(text), "\n") {
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, quoted := range regexp.MustCompile(`"[^"]*"`).FindAllString(m[1], -1) {
			at := fmt.Sprintf("%s:%d:", name, i+1)
			wants[at] = append(wants[at], strings.Trim(quoted, `"`))
		}
	}
	if len(wants) == 0 {
		t.Fatal("the file wants no error")
	}
	return wants
}

// take removes the pattern that matches err from wants.
func take(wants map[string][]string, err string) bool {
	for at, patterns := range wants {
		if !strings.HasPrefix(err, at) {
			continue
		}
		for i, pattern := range patterns {
			if regexp.MustCompile(pattern).MatchString(err) {
				wants[at] = append(patterns[:i:i], patterns[i+1:]...)
				return true
			}
		}
	}
	return false
}

const hello = `syntax = "proto3";
package hello;
option go_package = "example.com/hello";
service Hello { rpc Say(M) returns (stream M); }
message M {}
`

// helloRequest is a request for one small file.
func helloRequest(t *testing.T, parameter string) *pluginpb.CodeGeneratorRequest {
	t.Helper()
	req, err := plugintest.RequestFromSources(parameter, map[string]string{"hello.proto": hello}, "hello.proto")
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestParameters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, err string }{
		"":                                       {file: "example.com/hello/hello_gohost.pb.go"},
		"paths=source_relative":                  {file: "hello_gohost.pb.go"},
		"module=example.com":                     {file: "hello/hello_gohost.pb.go"},
		"Mhello.proto=example.org/x":             {file: "example.org/x/hello_gohost.pb.go"},
		"package_suffix=rpc":                     {file: "example.com/hello/hellorpc/hello_gohost.pb.go"},
		"paths=source_relative,package_suffix=x": {file: "hellox/hello_gohost.pb.go"},
		"package_suffix=":                        {err: `package_suffix=: "" is not a Go identifier`},
		"package_suffix=a-b":                     {err: `package_suffix=a-b: "a-b" is not a Go identifier`},
		"package_suffix=1":                       {err: `"1" is not a Go identifier`},
		"package_suffix=../x":                    {err: `not a Go identifier`},
		"package_sufix=rpc":                      {err: `unknown parameter "package_sufix": allowed are package_suffix, host_template, default_host and`},
		"paths=x":                                {err: "paths=x: allowed are import, source_relative"},
		"module=example.com,paths=source_relative": {err: "module=example.com has no effect with paths=source_relative"},
		"Mhello.proto=x": {err: `invalid Go import path "x"`},
	}
	for parameter, test := range tests {
		t.Run(parameter, func(t *testing.T) {
			t.Parallel()
			files, err := plugintest.Files(generator.Generate(helloRequest(t, parameter), io.Discard))
			switch {
			case test.err != "":
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error = %v, want one with %q", err, test.err)
				}
			case err != nil:
				t.Error(err)
			case len(files) != 1 || files[test.file] == "":
				t.Errorf("files = %v, want %s", files, test.file)
			}
		})
	}
}

func TestRequests(t *testing.T) {
	t.Parallel()
	edit := func(f func(*pluginpb.CodeGeneratorRequest)) *pluginpb.CodeGeneratorRequest {
		req := helloRequest(t, "")
		f(req)
		return req
	}
	tests := map[string]struct {
		req *pluginpb.CodeGeneratorRequest
		err string
	}{
		"empty":                {new(pluginpb.CodeGeneratorRequest), ""},
		"nothing to generate":  {edit(func(r *pluginpb.CodeGeneratorRequest) { r.FileToGenerate = nil }), ""},
		"file that is missing": {edit(func(r *pluginpb.CodeGeneratorRequest) { r.FileToGenerate = []string{"x.proto"} }), "x.proto"},
		"no go_package":        {edit(func(r *pluginpb.CodeGeneratorRequest) { r.ProtoFile[0].Options = nil }), "go_package"},
		"unresolvable type": {edit(func(r *pluginpb.CodeGeneratorRequest) {
			r.ProtoFile[0].Service[0].Method[0].InputType = proto.String(".hello.None")
		}), "hello.None"},
		"method without a type": {edit(func(r *pluginpb.CodeGeneratorRequest) {
			r.ProtoFile[0].Service[0].Method[0].InputType = nil
		}), "hello.proto"},
		"file without a name": {edit(func(r *pluginpb.CodeGeneratorRequest) { r.ProtoFile[0].Name = nil }), "hello.proto"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res := generator.Generate(test.req, io.Discard)
			files, err := plugintest.Files(res)
			if len(files) > 0 {
				t.Errorf("files = %v, want none", files)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error = %v, want one with %q", err, test.err)
			}
			checkFeatures(t, res)
		})
	}
}

// checkFeatures checks that a response, even one with an error, announces the
// features.
func checkFeatures(t *testing.T, res *pluginpb.CodeGeneratorResponse) {
	t.Helper()
	const want = uint64(pluginpb.CodeGeneratorResponse_FEATURE_PROTO3_OPTIONAL |
		pluginpb.CodeGeneratorResponse_FEATURE_SUPPORTS_EDITIONS)
	if res.GetSupportedFeatures() != want || res.GetMinimumEdition() != 998 || res.GetMaximumEdition() != 1001 {
		t.Errorf("features %b, editions %d to %d; want %b, 998 (proto2) to 1001 (2024)",
			res.GetSupportedFeatures(), res.GetMinimumEdition(), res.GetMaximumEdition(), want)
	}
}
