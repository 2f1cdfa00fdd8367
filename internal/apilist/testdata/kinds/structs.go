package kinds

import (
	"bytes"
	"io"
)

type Empty struct{}

type Plain struct {
	B    string `json:"b"`
	A    []int
	F, G func(Plain) Mode
}

func (p Plain) Value() {}

func (p *Plain) Pointer() {}

func (p *Plain) unlisted() {}

type Opaque struct{ a, b int }

type Incomparable struct{ f func() }

// Embedding has the members of unexported types, except those that its own
// members hide, and exported types as a whole.
type Embedding struct {
	base
	*pointed
	io.Reader
	*Plain
	Own int
}

func (Embedding) Hidden() {}

type base struct {
	*bytes.Buffer
	inner
	FromBase int
	Own      string // hidden by Embedding.Own
	Twice    int    // also in pointed, so that neither is promoted
}

func (base) OfValue() {}

func (*base) OfPointer() {}

func (base) Hidden() string { return "" }

type inner struct{ Deep bool }

func (inner) OfInner() {}

type pointed struct {
	*pointed // a cycle
	Twice    string
}

func (*pointed) OfPointed() {}

// WithInterface has the methods of an unexported interface.
type WithInterface struct{ closer }

type closer interface{ Close() error }
