package private

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/grpc/status"
)

// Public returns err without the local texts of the errors in its tree: the
// public text of each replaces the local one in the text and in the status
// message. The code and the details of the status are those of err, and Unwrap
// returns err. An error that shows no local text is returned as it is.
//
// Public finds only wrapped errors. The text of an error that was formatted
// with %v stays.
func Public(err error) error {
	var found []private
	collect(err, &found)
	if len(found) == 0 {
		return err
	}
	clean := cleaner(found).Replace
	s := status.Convert(err)
	text, message := clean(err.Error()), clean(s.Message())
	if text == err.Error() && message == s.Message() {
		return err
	}
	p := s.Proto()
	p.Message = message
	return publicError{err, text, status.FromProto(p)}
}

// collect appends the private errors in the tree of err. It also descends below
// private errors: their public texts are cleaned separately, but the texts of
// errors below may appear elsewhere too.
func collect(err error, found *[]private) {
	if e, ok := err.(private); ok {
		*found = append(*found, e)
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		collect(e.Unwrap(), found)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			collect(err, found)
		}
	}
}

// cleaner replaces the local texts by the public ones. A text that contains
// another one comes first, so that it is replaced as a whole.
func cleaner(found []private) *strings.Replacer {
	slices.SortStableFunc(found, func(a, b private) int { return cmp.Compare(len(b.Error()), len(a.Error())) })
	var pairs []string
	for _, e := range found {
		if local := e.Error(); local != "" {
			pairs = append(pairs, local, Public(e.public()).Error())
		}
	}
	return strings.NewReplacer(pairs...)
}

// publicError is an error with another text.
type publicError struct {
	error
	text   string
	status *status.Status
}

func (e publicError) Error() string { return e.text }

func (e publicError) Unwrap() error { return e.error }

// GRPCStatus returns the cleaned status.
func (e publicError) GRPCStatus() *status.Status { return e.status }
