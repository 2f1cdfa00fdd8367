package generator_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/generator/proxy"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

// The file that declares an option decides whether it is gohost's. This test checks the
// hosts and the warnings of both plugins for these cases of protocases.
func TestOptionsAreKnownByTheirFile(t *testing.T) {
	t.Parallel()
	wants := map[string]struct {
		hosts   int // in the generated code
		warning string
	}{
		"a foreign option of a service with the number of ours":                                               {},
		"the same, a string, only in a dependency":                                                            {},
		"the same, a number":                                                                                  {},
		"a foreign option of a method with the number of ours":                                                {},
		"a foreign option of a file with the number of ours":                                                  {},
		"a foreign option with the number of google.api.default_host":                                         {},
		"a foreign option with the number of ours, omitted from the request":                                  {},
		"an option with the name of ours for other elements":                                                  {},
		"google.api.default_host that is not a string":                                                        {},
		"options.proto under another path, omitted from the request":                                          {hosts: 1},
		"options.proto under another path":                                                                    {hosts: 1},
		"options.proto imported only for its options, and omitted from the request, as by buf":                {hosts: 1},
		"google.api.default_host, omitted from the request, as by buf":                                        {hosts: 1},
		"options.proto through another file":                                                                  {hosts: 1},
		"options.proto with another Go package, for a file that is not generated":                             {},
		"options.proto with another Go package, corrected by an M parameter":                                  {hosts: 1},
		"a newer options.proto":                                                                               {hosts: 1, warning: "a.proto:6:3: warning: service p.Foo: field require_tls of option (gohost.v1.service) is ignored, since this version of the plugin does not know it: update the plugin\n"},
		"a newer options.proto, omitted from the request":                                                     {hosts: 1, warning: "a.proto:6:3: warning: service p.Foo: field number 7 of option (gohost.v1.service) is ignored, since this version of the plugin does not know it: update the plugin\n"},
		"a newer options.proto with one more option":                                                          {warning: "a.proto:5:1: warning: service p.Foo: option (gohost.v1.retry) is ignored, since this version of the plugin does not know it: update the plugin\n"},
		"a newer options.proto with one more option of other elements, whose number is that of a foreign one": {hosts: 1},
		"a newer options.proto, whose field is set in a file":                                                 {warning: "a.proto:5:1: warning: file a.proto: field require_tls of option (gohost.v1.file) is ignored, since this version of the plugin does not know it: update the plugin\n"},
		"a newer options.proto, whose field is set in a method":                                               {warning: "a.proto:6:33: warning: method p.Foo.A: field require_tls of option (gohost.v1.method) is ignored, since this version of the plugin does not know it: update the plugin\n"},
		"an options.proto of the future with another number":                                                  {hosts: 1},
	}
	for _, c := range protocases.All() {
		want, wanted := wants[c.Name]
		delete(wants, c.Name)
		if c.Group != "options" {
			continue
		}
		t.Run(c.Slug(), func(t *testing.T) {
			t.Parallel()
			req, err := c.Request()
			if err != nil {
				t.Fatal(err)
			}
			if !c.Builds() {
				_, err := plugintest.Files(generator.Generate(req, io.Discard))
				checkErrors(t, c, err)
				return
			}
			if !wanted {
				t.Fatal("nothing is wanted of the case: add it here")
			}
			var warnings bytes.Buffer
			files, err := plugintest.Files(generator.Generate(req, &warnings))
			if err != nil {
				t.Fatal(err)
			}
			checkKnown(t, files, want.hosts, warnings.String(), want.warning)

			req.Parameter = proto.String("target=nginx,upstream=127.0.0.1:50051")
			warnings.Reset()
			if files, err = plugintest.Files(proxy.Generate(req, &warnings)); want.hosts == 0 && err != nil && strings.Contains(err.Error(), "no service declares a host") {
				err = nil
			}
			if err != nil {
				t.Error(err)
			}
			if warnings.String() != want.warning {
				t.Errorf("warnings of the proxy's plugin = %q, want %q", warnings.String(), want.warning)
			}
			if hosts := strings.Count(files["nginx.conf"], "server_name a.example;"); hosts != want.hosts {
				t.Errorf("%d hosts in nginx.conf, want %d:\n%s", hosts, want.hosts, files["nginx.conf"])
			}
		})
	}
	for name := range wants {
		t.Errorf("there is no case %q", name)
	}
}

func checkKnown(t *testing.T, files map[string]string, hosts int, warnings, want string) {
	t.Helper()
	found := 0
	for _, text := range files {
		found += strings.Count(text, `= "a.example"`)
		if strings.Contains(text, ".corp") {
			t.Errorf("there is a host that was not declared:\n%s", text)
		}
	}
	if found != hosts {
		t.Errorf("%d hosts, want %d: %v", found, hosts, files)
	}
	if warnings != want {
		t.Errorf("warnings = %q, want %q", warnings, want)
	}
}

// A request that was unmarshalled with our options linked in gives the same.
func TestOptionsThatAreLinkedIn(t *testing.T) {
	t.Parallel()
	req := request(t, "hosts")
	b, err := proto.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	resolved := proto.CloneOf(req)
	if err := proto.Unmarshal(b, resolved); err != nil {
		t.Fatal(err)
	}
	if proto.Equal(req, resolved) {
		t.Error("the options are messages in both requests, or bytes")
	}
	again, err := protocplugin.Unmarshal(b)
	if err != nil || !proto.Equal(req, again) {
		t.Errorf("the request is another one: %v", err)
	}
	for name, text := range generate(t, req) {
		if got := generate(t, resolved)[name]; got != text {
			t.Errorf("%s is another one:\n%s", name, got)
		}
	}
}
