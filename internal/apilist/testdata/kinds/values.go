package kinds

import (
	"io"
	"time"

	other "github.com/gohostrpc/gohost/internal/apilist/testdata/kinds/other/io"
)

const (
	Untyped        = "a \"string\"\n" + "of two lines, and longer than what is cut by the printer of constants in go/types"
	Int            = 1
	Float          = 0.25
	Big            = 1 << 100
	Rune           = 'r'
	Bool           = true
	Typed    Mode  = 3
	Small    uint8 = 255
	Duration       = time.Second
	unlisted       = 1
)

// Mode is a defined type with a method.
type Mode int

const (
	ModeOff Mode = iota
	ModeOn
)

func (m Mode) String() string { return "" }

var (
	Error         error
	Inferred      = []string{"a"}
	First, Second int
	Anonymous     struct{ A, b int }
	Function      func(name string, rest ...any) (n int, err error)
	Channels      map[string]<-chan struct{}
	Ambiguous     io.Reader
	AmbiguousToo  *other.Reader
	_             Mode = 0
	unlistedVar   time.Month
)
