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

// Errorf returns an error at p, with the text that fmt.Errorf makes.
func Errorf(p Place, format string, args ...any) error {
	return &problem{p, fmt.Errorf(format, args...)}
}

// Warn writes a warning about what stands at p, a line with the text that
// fmt.Sprintf makes.
func Warn(w io.Writer, p Place, format string, args ...any) {
	fmt.Fprintf(w, "%v: warning: %s\n", p, fmt.Sprintf(format, args...))
}

// InSourceOrder returns one error of all errs, which may be nil and joined,
// sorted by their places. Those without a place come last.
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

// flatten returns errs without nil ones, and joined ones one by one.
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
