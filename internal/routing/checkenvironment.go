package routing

import (
	"errors"
	"slices"
	"strings"
)

// CheckEnvironment returns an error for each wrong entry of value, the
// variable's value, for a program with services of these fully-qualified names.
// An entry is wrong if FromEnvironment would return an error for it, or if it
// matches no service, such as a misspelt name.
func CheckEnvironment(value string, services []string) error {
	var errs []error
	for e, err := range entries(value) {
		if err == nil {
			err = errors.Join(e.checkHost(), e.checkServices(services))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// checkServices returns an error if e matches none of the services.
func (e entry) checkServices(services []string) error {
	if slices.ContainsFunc(services, func(s string) bool { return isFor(e.pattern, s) }) {
		return nil
	}
	return e.errorf("no service of this program matches: it has %s", listOf(nearest(e.pattern, services)))
}

// nearest returns the services that pattern is likely to mean: those with the
// same last label, or else those that begin or end like it, or else all.
func nearest(pattern string, services []string) []string {
	pattern = strings.ToLower(strings.TrimSuffix(pattern, ".*"))
	last := func(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
	for _, like := range []func(service string) bool{
		func(service string) bool { return last(service) == last(pattern) },
		func(service string) bool {
			return strings.HasPrefix(service, pattern) || strings.HasPrefix(pattern, service) || strings.HasPrefix(last(service), last(pattern))
		},
	} {
		var found []string
		for _, s := range services {
			if like(strings.ToLower(s)) {
				found = append(found, s)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return services
}

// listOf returns some of the names as text, or "none".
func listOf(names []string) string {
	const enough = 8
	names = slices.Sorted(slices.Values(names))
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > enough:
		names = append(names[:enough], "…")
	}
	return strings.Join(names, ", ")
}
