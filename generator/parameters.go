package generator

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/gohostrpc/gohost/internal/diag"
)

// parseOptions reads the parameter of a request. It reports all mistakes:
// protogen, which also reads its own parameters, would report only the first,
// and would take the last of several values.
func parseOptions(parameter string) (options, error) {
	o := options{set: make(map[string]string)}
	var errs []error
	for name, value := range parameters(parameter) {
		earlier, ok := o.set[name]
		switch {
		case ok && earlier != value:
			errs = append(errs, fmt.Errorf("parameter %s is both %q and %q: remove one", diag.Clean(name), earlier, value))
		case ok:
		default:
			o.set[name] = value
			errs = append(errs, o.setParameter(name, value))
		}
	}
	if module := o.set["module"]; module != "" && o.set["paths"] == "source_relative" {
		errs = append(errs, fmt.Errorf("module=%s has no effect with paths=source_relative: remove one of the two", diag.Clean(module)))
	}
	return o, errors.Join(errs...)
}

// parameters yields the names and values of a request's parameter, split like
// in protogen.
func parameters(parameter string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for param := range strings.SplitSeq(parameter, ",") {
			name, value, _ := strings.Cut(param, "=")
			if name != "" && !yield(name, value) {
				return
			}
		}
	}
}

// standardValues returns the allowed values of a parameter that every Go plugin
// has; nil allows any.
func standardValues(name string) (values []string, known bool) {
	apiLevels := []string{"API_OPEN", "API_HYBRID", "API_OPAQUE"}
	switch {
	case name == "paths":
		return []string{"import", "source_relative"}, true
	case name == "annotate_code":
		return []string{"true", "false", ""}, true
	case name == "default_api_level", strings.HasPrefix(name, "apilevelM"):
		return apiLevels, true
	}
	return nil, name == "module" || strings.HasPrefix(name, "M")
}

// checkStandard reports whether name is a standard parameter, and returns an
// error if value is not allowed for it.
func checkStandard(name, value string) (known bool, err error) {
	values, known := standardValues(name)
	if values != nil && !slices.Contains(values, value) {
		named := slices.DeleteFunc(values, func(v string) bool { return v == "" })
		return true, fmt.Errorf("%s=%s: allowed are %s", diag.Clean(name), diag.Clean(value), strings.Join(named, ", "))
	}
	return known, nil
}
