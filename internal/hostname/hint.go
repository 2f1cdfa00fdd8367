package hostname

import (
	"errors"
	"fmt"
)

// hint says why a host is refused, and suggests another one that the same check
// accepts.
type hint struct {
	why     error
	write   string
	instead string
}

func (h hint) Error() string { return fmt.Sprintf("%v: %s %q", h.why, h.write, h.instead) }

// between returns err, which is about a part of a host. If it is a hint, the
// suggestion becomes the whole host, with before and after around it.
func between(before string, err error, after string) error {
	if h := (hint{}); errors.As(err, &h) {
		h.instead = before + h.instead + after
		return h
	}
	return err
}
