// Package golangci is the plugin of gohostvet for golangci-lint: a module
// plugin for "golangci-lint custom".
//
// docs/testing.md shows how to build and configure it. The setting disable
// lists checks to disable.
package golangci

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/analyzers"
)

func init() { register.Plugin("gohostvet", New) }

// Settings are the settings of the linter.
type Settings struct {
	Disable []string `json:"disable"` // the disabled checks
}

// New returns the linter with these settings, which may be nil.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	checks := analyzers.All()
	for _, name := range s.Disable {
		rest := slices.DeleteFunc(slices.Clone(checks), func(a *analysis.Analyzer) bool { return a.Name == name })
		if len(rest) == len(checks) {
			return nil, fmt.Errorf("disable: %q is not one of the checks", name)
		}
		checks = rest
	}
	return plugin(checks), nil
}

// plugin is the linter with these checks.
type plugin []*analysis.Analyzer

// BuildAnalyzers returns the checks.
func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return p, nil }

// GetLoadMode says that the checks need types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
