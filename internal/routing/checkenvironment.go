package routing

import (
	"errors"
	"slices"
	"strings"
)

// CheckEnvironment returns an error for each entry of value, that of the
// variable, that is wrong for a program with services of these fully-qualified
// names: one that FromEnvironment would return for some service, and one that is
// for none of them, such as a misspelt name.
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

// checkServices returns an error where e is for none of the services.
func (e entry) checkServices(services []string) error {
	if slices.ContainsFunc(services, func(s string) bool { return isFor(e.pattern, s) }) {
		return nil
	}
	return e.errorf("no service of this program matches: it has %s", listOf(nearest(e.pattern, services)))
}

// nearest returns the services that pattern is likely to mean: those with the
// same last label, or else those that begin or end like it; all where there is
// none.
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

// listOf returns a text with some of the names, or "none".
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
