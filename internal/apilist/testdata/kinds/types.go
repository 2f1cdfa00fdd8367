package kinds

import (
	"fmt"
	"io"
)

type (
	Slice    []Mode
	Array    [4]byte
	Map      map[string]*Plain
	Channel  chan<- error
	Pointer  *Plain
	Callback func(name string) error
	Copy     Plain
	Foreign  io.Reader
)

func (c Callback) Call() error { return nil }

type (
	Alias        = Plain
	ForeignAlias = fmt.Stringer
	ToHidden     = *aliased
	Literal      = map[string]struct{ A int }
)

type aliased struct{ A int }

func (*aliased) Method() {}
