package hostname

import (
	"errors"
	"fmt"
)

// hint is why a host is refused, and what to write instead: something that the
// same check accepts.
type hint struct {
	why     error
	write   string
	instead string
}

func (h hint) Error() string { return fmt.Sprintf("%v: %s %q", h.why, h.write, h.instead) }

// between returns err, which is about a part of a host. If it is a hint, what to
// write instead is the whole, with before and after around it.
func between(before string, err error, after string) error {
	if h := (hint{}); errors.As(err, &h) {
		h.instead = before + h.instead + after
		return h
	}
	return err
}
