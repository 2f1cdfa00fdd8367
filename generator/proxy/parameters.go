package proxy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gohostrpc/gohost/internal/declared"
)

// parameters are the parameters of the plugin.
type parameters struct {
	settings
	targets       []target
	hosts         declared.Request
	upstreams     upstreams
	given         []string // the names of all parameters
	wantedTargets []string
}

// allowed returns the names of all parameters, as errors name them.
func allowed() string {
	names := []string{"target", "upstream", "upstream.NAME", "host_upstream.HOST"}
	for _, s := range knownSettings {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ") + ", host_template and default_host"
}

// parseParameters reads the parameter of a request: name=value, separated by commas.
func parseParameters(parameter string) (*parameters, error) {
	p := &parameters{upstreams: newUpstreams()}
	var errs []error
	for param := range strings.SplitSeq(parameter, ",") {
		if param == "" {
			continue
		}
		name, value, _ := strings.Cut(param, "=")
		errs = append(errs, p.set(name, value))
	}
	errs = append(errs, p.finish(p.given), p.checkTargets())
	return p, errors.Join(errs...)
}

func (p *parameters) set(name, value string) error {
	if known, err := p.upstreams.set(name, value); known {
		return err
	}
	repeated := name == "target"
	i := slices.IndexFunc(knownSettings, func(s setting) bool { return s.name == name })
	if i >= 0 {
		repeated = knownSettings[i].repeated
	}
	if !repeated && slices.Contains(p.given, name) {
		return fmt.Errorf("parameter %s is given twice: remove one", name)
	}
	p.given = append(p.given, name)
	switch {
	case name == "target":
		return p.addTarget(value)
	case name == "weight": // each address has its own
		return errors.New("unknown parameter \"weight\": a weight follows an address, as in upstream=HOST:PORT;weight=5")
	case i >= 0:
		return knownSettings[i].set(&p.settings, value)
	}
	known, err := p.hosts.Set(name, value)
	if !known {
		return fmt.Errorf("unknown parameter %q: allowed are %s", name, allowed())
	}
	return err
}

func (p *parameters) addTarget(name string) error {
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
	if i < 0 {
		return fmt.Errorf("target=%s: allowed are %s", name, namesOf(targets))
	}
	if slices.Contains(p.wantedTargets, name) {
		return fmt.Errorf("target=%s is given twice: remove one", name)
	}
	p.wantedTargets = append(p.wantedTargets, name)
	p.targets = append(p.targets, targets[i])
	return nil
}

// checkTargets checks the parameters against what the targets need and use.
func (p *parameters) checkTargets() error {
	var errs []error
	if !slices.Contains(p.given, "target") {
		errs = append(errs, fmt.Errorf("parameter target is missing: allowed are %s", namesOf(targets)))
	}
	for _, t := range p.targets {
		for _, name := range t.requires {
			if !slices.Contains(p.given, name) {
				errs = append(errs, fmt.Errorf("target %s: parameter %s is missing", t.name, name))
			}
		}
		if p.HealthCheck > 0 && !t.healthChecks {
			errs = append(errs, fmt.Errorf("target %s: parameter health_check: it has no gRPC health checks: these targets have them: %s", t.name, targetsWith(func(t target) bool { return t.healthChecks })))
		}
	}
	for _, s := range knownSettings {
		uses := func(t target) bool { return slices.Contains(t.uses, s.name) }
		if s.name != "health_check" && slices.Contains(p.given, s.name) && len(p.targets) > 0 && !slices.ContainsFunc(p.targets, uses) {
			errs = append(errs, fmt.Errorf("parameter %s: target %s does not use it", s.name, strings.Join(p.wantedTargets, " and ")))
		}
	}
	return errors.Join(errs...)
}
