package golangci_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
	"github.com/gohostrpc/gohost/cmd/gohostvet/golangci"
)

func TestThePluginHasTheChecks(t *testing.T) {
	t.Parallel()
	disable := func(checks ...any) map[string]any { return map[string]any{"disable": checks} }
	all := len(analyzers.All())
	for name, test := range map[string]struct {
		settings any
		want     int
		err      string
	}{
		"no settings":       {nil, all, ""},
		"checks left out":   {disable("keptmessage", "unclosed"), all - 2, ""},
		"an unknown check":  {disable("unopened"), 0, `disable: "unopened" is not one of the checks`},
		"a check two times": {disable("unclosed", "unclosed"), 0, `disable: "unclosed" is not one of the checks`},
		"an unknown name":   {map[string]any{"disabled": true}, 0, `decoding settings: json: unknown field "disabled"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newPlugin, err := register.GetPlugin("gohostvet")
			if err != nil {
				t.Fatal(err)
			}
			plugin, err := newPlugin(test.settings)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Errorf("the error is %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checks, err := plugin.BuildAnalyzers()
			if err != nil || len(checks) != test.want {
				t.Errorf("%d checks, %v; want %d", len(checks), err, test.want)
			}
			if mode := plugin.GetLoadMode(); mode != register.LoadModeTypesInfo {
				t.Errorf("the load mode is %q", mode)
			}
		})
	}
}

// docs/testing.md shows the files of testdata. "golangci-lint custom" clones a
// repository, so its result is not tested here.
func TestTheDocumentedConfigurationIsRight(t *testing.T) {
	t.Parallel()
	path := reflect.TypeFor[golangci.Settings]().PkgPath()
	tools := regexp.MustCompile(`golangci-lint/v2 (v\S+)`).FindStringSubmatch(read(t, "../../../tools/golangci-lint/go.mod"))
	if tools == nil {
		t.Fatal("tools/golangci-lint/go.mod does not require golangci-lint")
	}
	for file, lines := range map[string][]string{
		"testdata/custom-gcl.yml": {
			"version: " + tools[1],
			"  - module: " + strings.TrimSuffix(path, "/golangci"),
			"    import: " + path,
		},
		"testdata/golangci.yml": {
			"  enable: [gohostvet]",
			"        type: module",
		},
	} {
		for _, line := range lines {
			if !strings.Contains("\n"+read(t, file), "\n"+line+"\n") {
				t.Errorf("%s does not say %q", file, line)
			}
		}
	}
	disable := regexp.MustCompile(`disable: \[(\w+)\]`).FindStringSubmatch(read(t, "testdata/golangci.yml"))
	if disable == nil {
		t.Fatal("testdata/golangci.yml disables nothing")
	}
	if _, err := golangci.New(map[string]any{"disable": disable[1:]}); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
