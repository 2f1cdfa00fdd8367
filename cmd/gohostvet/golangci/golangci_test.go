package golangci_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
	_ "github.com/gohostrpc/gohost/cmd/gohostvet/golangci"
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
