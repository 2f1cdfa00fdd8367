package diag

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

// problem is an error and its place.
type problem struct {
	Place
	err error
}

func (p *problem) Error() string { return p.String() + ": " + p.err.Error() }

func (p *problem) Unwrap() error { return p.err }

// Errorf returns an error at p with the text of fmt.Errorf.
func Errorf(p Place, format string, args ...any) error {
	return &problem{p, fmt.Errorf(format, args...)}
}

// Warn writes a warning at p: one line, with the text of fmt.Sprintf.
func Warn(w io.Writer, p Place, format string, args ...any) {
	fmt.Fprintf(w, "%v: warning: %s\n", p, fmt.Sprintf(format, args...))
}

// InSourceOrder joins errs, sorted by their places. Any of them may be nil or a
// joined error. Errors without a place come last.
func InSourceOrder(errs ...error) error {
	errs = flatten(errs)
	slices.SortStableFunc(errs, func(a, b error) int {
		var pa, pb *problem
		isA, isB := errors.As(a, &pa), errors.As(b, &pb)
		switch {
		case isA && isB:
			return cmp.Or(cmp.Compare(pa.File, pb.File), cmp.Compare(pa.Line, pb.Line), cmp.Compare(pa.Column, pb.Column))
		case isA:
			return -1
		case isB:
			return 1
		}
		return 0
	})
	return errors.Join(errs...)
}

// flatten returns errs without nil errors, and splits joined ones.
func flatten(errs []error) []error {
	var flat []error
	for _, err := range errs {
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			flat = append(flat, flatten(joined.Unwrap())...)
		} else if err != nil {
			flat = append(flat, err)
		}
	}
	return flat
}
